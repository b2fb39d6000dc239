package main

import (
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"posta/fetch"
	"posta/fetch/pop3"
	"posta/fetch/store"
	"posta/mimetool/stream"
)

// popGetOptions are the flags of posta pop get that are not the connection's.
type popGetOptions struct {
	args    []string
	to      string // store's spec
	policy  fetch.Policy
	lines   int // of the body, by TOP; -1: whole letters
	format  stream.Format
	paths   bool // names of files on standard output
	nul, lf bool
	sortBy  []string
	rules   []popRule
	dryRun  bool
	json    bool
}

func newPopGetCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "get",
		Usage:     "fetch letters, and delete them on the server when they are stored",
		ArgsUsage: "[N|UIDL...]",
		Flags: popFlags(
			&cli.StringFlag{Name: "to", Usage: "into `STORE`: maildir:DIR, mbox:FILE, dir:DIR, exec:CMD or -"},
			&cli.StringFlag{Name: "exec", Usage: "to `CMD`, each on its standard input; the same as --to exec:CMD"},
			&cli.BoolFlag{Name: "new", Usage: "only those that have not come into the store yet"},
			&cli.BoolFlag{Name: "keep", Usage: "leave them on the server (the default)"},
			&cli.BoolFlag{Name: "delete", Usage: "delete on the server what is stored"},
			&cli.StringFlag{Name: "delete-after", Usage: "delete what has been stored for this `TIME`, such as 14d"},
			&cli.IntFlag{Name: "top", Usage: "only the header and `N` lines of the body", Value: -1, DefaultText: "all"},
			&cli.StringFlag{Name: "max-size", Usage: "leave letters larger than `SIZE` octets (with K, M or G) where they are"},
			&cli.StringFlag{Name: "stream", Usage: "print letters as mboxrd, tar or jsonl, or the paths of their files"},
			&cli.BoolFlag{Name: "0", Usage: "the paths of --stream paths end in NUL"},
			&cli.BoolFlag{Name: "lf", Usage: "end lines by LF instead of CRLF"},
			&cli.StringFlag{Name: "sort-by", Usage: "look for the rules' addresses in these `FIELDS`", Value: "delivered-to,x-original-to,to"},
			&cli.StringSliceFlag{Name: "rule", Usage: "`ADDRESS=STORE`: letters to this address go there; repeatable, the first that fits"},
			&cli.BoolFlag{Name: "n", Usage: "print what would be done"},
		),
		Action: func(c *cli.Context) error { return runPopGet(c, e) },
	}
}

func readPopGetOptions(c *cli.Context) (*popGetOptions, error) {
	o := &popGetOptions{
		args: c.Args().Slice(), lines: c.Int("top"), nul: c.Bool("0"), lf: c.Bool("lf"), dryRun: c.Bool("n"), json: c.Bool("json"),
		policy: fetch.Policy{New: c.Bool("new"), Delete: c.Bool("delete")},
	}
	var err error
	if o.policy.MaxSize, err = parseOctets(c.String("max-size")); err != nil {
		return nil, usageError("pop get: --max-size: %v", err)
	}
	if after := c.String("delete-after"); after != "" {
		if o.policy.DeleteAfter, err = parseDays(after); err != nil {
			return nil, usageError("pop get: --delete-after needs a time such as 14d or 12h, not %q", after)
		}
		o.policy.New = true
	}
	if err := o.readStream(c); err != nil {
		return nil, err
	}
	if err := o.readStore(c); err != nil {
		return nil, err
	}
	if err := o.readRules(c); err != nil {
		return nil, err
	}
	return o, o.check(c)
}

func (o *popGetOptions) readStream(c *cli.Context) error {
	name := c.String("stream")
	if name == "" {
		return nil
	}
	format, err := stream.ParseFormat(name)
	switch {
	case err != nil || format == stream.Mboxo || format == stream.Mboxcl2:
		return usageError("pop get: --stream is mboxrd, tar, jsonl or paths, not %q", name)
	case format == stream.Paths:
		o.paths = true
	default:
		o.format = format
	}
	return nil
}

// readStore finds where letters go: without a word, one that is named goes to standard output.
func (o *popGetOptions) readStore(c *cli.Context) error {
	o.to = c.String("to")
	if command := c.String("exec"); command != "" {
		if o.to != "" {
			return usageError("pop get: --exec and --to exclude each other")
		}
		o.to = "exec:" + command
	}
	if o.to == "" {
		if o.format == "" && len(o.args) != 1 && !o.dryRun {
			return usageError("pop get: say where letters go, by --to or --stream")
		}
		o.to = "-"
	}
	if _, _, err := store.ParseSpec(o.to); err != nil {
		return usageError("pop get: --to: %w", err)
	}
	return nil
}

// check refuses what does not go together.
func (o *popGetOptions) check(c *cli.Context) error {
	kind, _, _ := store.ParseSpec(o.to)
	switch {
	case c.Bool("keep") && (o.policy.Delete || o.policy.DeleteAfter > 0):
		return usageError("pop get: --keep and --delete exclude each other")
	case o.policy.Delete && o.policy.DeleteAfter > 0:
		return usageError("pop get: --delete and --delete-after exclude each other")
	case c.IsSet("top") && o.lines < 0:
		return usageError("pop get: --top needs a number of lines")
	case o.lines >= 0 && (o.policy.New || o.policy.Delete):
		return usageError("pop get: --top fetches parts of letters: it does not go with --new and --delete")
	case o.paths && kind != store.KindMaildir && kind != store.KindDir:
		return usageError("pop get: --stream paths goes with --to maildir:DIR or dir:DIR")
	case o.nul && !o.paths:
		return usageError("pop get: -0 goes with --stream paths")
	case o.format != "" && kind != store.KindStream:
		return usageError("pop get: --stream %s goes with --to -", o.format)
	case o.json && (kind == store.KindStream || o.paths) && !o.dryRun:
		return usageError("pop get: --json does not go with letters or paths on standard output")
	}
	return nil
}

// parseDays reads a time in days or weeks ("14d", "2w"), or one of time.ParseDuration.
func parseDays(s string) (time.Duration, error) {
	for unit, length := range map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		if n, err := strconv.ParseFloat(s[:max(0, len(s)-1)], 64); err == nil && s[len(s)-1:] == unit && n >= 0 && n < 1e5 {
			return time.Duration(n * float64(length)), nil
		}
	}
	d, err := time.ParseDuration(s)
	if err == nil && d < 0 {
		err = os.ErrInvalid
	}
	return d, err
}

func runPopGet(c *cli.Context, e *env) error {
	o, err := readPopGetOptions(c)
	if err != nil {
		return err
	}
	s, err := newPopSession(c, e)
	if err != nil {
		return err
	}
	g := &popGet{popSession: s, opt: o}
	return s.close(g.run(c))
}

// stateDir is where the states of commands and streams are, "" for nowhere.
func stateDir(e *env) string {
	if dir := e.getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "posta")
	}
	if home := e.getenv("HOME"); home != "" {
		return filepath.Join(home, ".local", "state", "posta")
	}
	return ""
}

// remembers says whether the run needs to know what earlier ones did.
func (o *popGetOptions) remembers() bool { return o.policy.New || o.policy.Delete }

// report prints what became of a letter, where that was asked for.
func (g *popGet) report(out *fetch.Outcome) error {
	switch {
	case out.Err != nil:
		g.failed.add(g.env, out.Letter, out.Err)
		if g.opt.json {
			return g.env.out.JSON(&popEvent{Number: out.Letter.Number, UID: out.Letter.UID, Event: "failed", Error: out.Err.Error()})
		}
		return nil
	case g.opt.json:
		return g.env.out.JSON(&popEvent{
			Number: out.Letter.Number, UID: out.Letter.UID, Octets: out.Size, Event: "stored", Path: out.Path,
		})
	case g.opt.paths:
		if g.opt.nul {
			g.env.out.end = 0
		}
		return g.env.out.Line(out.Path)
	}
	return nil
}

// left tells of letters that are too large.
func (g *popGet) left(c *cli.Context, letters []pop3.Letter) error {
	for _, l := range letters {
		g.env.warn("%s is left on the server: %d octets are more than --max-size", popName(l), l.Size)
	}
	if g.opt.json {
		return g.events(c, "left", letters)
	}
	return nil
}
