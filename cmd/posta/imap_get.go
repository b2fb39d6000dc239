package main

import (
	"math"
	"strconv"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/urfave/cli/v2"

	"posta/fetch"
	"posta/fetch/store"
)

// imapGetOptions are the flags of posta imap get that are not the connection's.
type imapGetOptions struct {
	*storeTarget
	sel     selection
	named   goimap.UIDSet // one by one
	folders []string
	all     bool          // folders
	part    string        // that is asked for
	parts   []string      // sections of each message; none: all of it
	fresh   bool          // only what has not come
	mirror  *fetch.Mirror // what of later changes is carried to the store
	maxSize int64
	flags   []goimap.Flag // for what is stored
	jobs    int
}

// mostJobs is how many connections servers usually allow one client.
const mostJobs = 16

func newIMAPGetCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "get",
		Usage:     "fetch messages, or all of a folder or an account",
		ArgsUsage: "[UID...|QUERY]",
		Flags: imapFlags(append(append(foldersFlags(), storeTargetFlags()...),
			&cli.BoolFlag{Name: "new", Usage: "only those that have not come into the store yet"},
			&cli.StringFlag{Name: "sync", Usage: "carry `WHAT` changed of what has come to the store, too: flags, deletions or flags,deletions"},
			&cli.BoolFlag{Name: "headers", Usage: "only the headers"},
			&cli.StringFlag{Name: "part", Usage: "only part `N`, such as 2.1, with its own header, as it stands"},
			&cli.StringFlag{Name: "max-size", Usage: "leave messages larger than `SIZE` octets (with K, M or G) where they are"},
			&cli.StringFlag{Name: "flag", Usage: "set `FLAG`, such as seen, on the server when a message is stored"},
			&cli.BoolFlag{Name: "peek", Usage: "leave the flags on the server as they are (the default)"},
			&cli.IntFlag{Name: "jobs", Usage: "fetch folders over `N` connections at a time", Value: 1},
		)...),
		Action: func(c *cli.Context) error { return runIMAPGet(c, e) },
	}
}

func readIMAPGetOptions(c *cli.Context, e *env) (*imapGetOptions, error) {
	o := &imapGetOptions{folders: c.StringSlice("folder"), all: c.Bool("all-folders"), fresh: c.Bool("new"), jobs: c.Int("jobs")}
	var err error
	if o.sel, err = readSelection(c.Args().Slice(), e.now()); err != nil {
		return nil, err
	}
	o.named.AddNum(o.sel.single()...)
	for i, r := range o.sel.uids { // 7:* has the last message in any case (RFC 9051 §9), which is not what is meant
		if r.Start != 0 && r.Stop == 0 {
			o.sel.uids[i].Stop = math.MaxUint32
		}
	}
	if o.maxSize, err = parseOctets(c.String("max-size")); err != nil {
		return nil, usageError("imap get: --max-size: %v", err)
	}
	if err := o.readParts(c); err != nil {
		return nil, err
	}
	if o.flags, err = parseFlags(strings.TrimPrefix(c.String("flag"), "+")); err != nil {
		return nil, err
	}
	if len(o.folders) == 0 {
		o.folders = []string{"INBOX"}
	}
	if o.storeTarget, err = readStoreTarget(c, !o.sel.all); err != nil {
		return nil, err
	}
	if err := o.readSync(c); err != nil {
		return nil, err
	}
	return o, o.check(c)
}

// readSync reads --sync.
func (o *imapGetOptions) readSync(c *cli.Context) error {
	if !c.IsSet("sync") {
		return nil
	}
	o.mirror = &fetch.Mirror{}
	for _, what := range strings.Split(c.String("sync"), ",") {
		switch what {
		case "flags":
			o.mirror.Flags = true
		case "deletions":
			o.mirror.Deletions = true
		default:
			return usageError("imap get: --sync is flags, deletions or flags,deletions, not %q", what)
		}
	}
	var err error
	switch o.mirror.Kept, err = store.OpenKept(o.to); {
	case !o.fresh:
		return usageError("imap get: --sync goes with --new")
	case err != nil:
		return usageError("imap get: --sync goes with --to maildir:DIR or dir:DIR: %w", err)
	case o.mirror.Flags && o.kind == store.KindDir:
		return usageError("imap get: --sync flags goes with --to maildir:DIR: files of a directory have no flags")
	}
	return nil
}

// readParts reads --headers and --part.
func (o *imapGetOptions) readParts(c *cli.Context) error {
	number := c.String("part")
	o.part = number
	switch {
	case c.Bool("headers") && number != "":
		return usageError("imap get: --headers and --part exclude each other")
	case c.Bool("headers"):
		o.parts = []string{"HEADER"}
	case number != "" && !isPartNumber(number):
		return usageError("imap get: %q is no number of a part, such as 1 or 2.1", number)
	case number != "":
		o.parts = []string{number + ".MIME", number}
	}
	return nil
}

// isPartNumber says whether a text is numbers of parts within each other (RFC 9051 §6.4.5).
func isPartNumber(text string) bool {
	for _, word := range strings.Split(text, ".") {
		if n, err := strconv.ParseUint(word, 10, 31); err != nil || n == 0 || word[0] == '0' {
			return false
		}
	}
	return true
}

// check refuses what does not go together.
func (o *imapGetOptions) check(c *cli.Context) error {
	several := o.all || len(o.folders) > 1
	switch {
	case o.all && c.IsSet("folder"):
		return usageError("imap get: --folder and --all-folders exclude each other")
	case several && o.sel.uids != nil:
		return usageError("imap get: UIDs are of one folder")
	case several && o.raw() && !o.dryRun:
		return usageError("imap get: one message comes from one folder")
	case len(o.parts) > 0 && o.fresh:
		return usageError("imap get: --headers and --part fetch parts of messages: they do not go with --new")
	case c.Bool("peek") && len(o.flags) > 0:
		return usageError("imap get: --peek and --flag exclude each other")
	case o.jobs < 1 || o.jobs > mostJobs:
		return usageError("imap get: --jobs is 1 to %d", mostJobs)
	case o.fresh && o.raw():
		return usageError("imap get: --new goes with --to or --stream")
	}
	return nil
}

// connections is how many are worth while: only a Maildir and a directory take messages of several folders at a time.
func (o *imapGetOptions) connections(folders int) int {
	if o.kind != store.KindMaildir && o.kind != store.KindDir {
		return 1
	}
	return max(1, min(o.jobs, folders))
}

func runIMAPGet(c *cli.Context, e *env) error {
	o, err := readIMAPGetOptions(c, e)
	if err != nil {
		return err
	}
	s, err := newIMAPSession(c, e)
	if err != nil {
		return err
	}
	g := &imapGet{imapSession: s, opt: o, failed: &failures{}}
	return s.close(g.run(c))
}
