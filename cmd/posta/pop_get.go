package main

import (
	"os"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"posta/fetch"
)

// popGetOptions are the flags of posta pop get that are not the connection's.
type popGetOptions struct {
	*storeTarget
	sel    *popSelection
	policy fetch.Policy
	lines  int // of the body, by TOP; -1: whole letters
	sortBy []string
	rules  []popRule
}

func newPopGetCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "get",
		Usage:     "fetch letters, and delete them on the server when they are stored",
		ArgsUsage: "[N|UIDL...|QUERY]",
		Flags: popFlags(append(storeTargetFlags(),
			&cli.BoolFlag{Name: "new", Usage: "only those that have not come into the store yet"},
			&cli.BoolFlag{Name: "keep", Usage: "leave them on the server (the default)"},
			&cli.BoolFlag{Name: "delete", Usage: "delete on the server what is stored"},
			&cli.StringFlag{Name: "delete-after", Usage: "delete what has been stored for this `TIME`, such as 14d"},
			&cli.IntFlag{Name: "top", Usage: "only the header and `N` lines of the body", Value: -1, DefaultText: "all"},
			&cli.StringFlag{Name: "max-size", Usage: "leave letters larger than `SIZE` octets (with K, M or G) where they are"},
			&cli.StringFlag{Name: "sort-by", Usage: "look for the rules' addresses in these `FIELDS`", Value: "delivered-to,x-original-to,to"},
			&cli.StringSliceFlag{Name: "rule", Usage: "`ADDRESS=STORE`: letters to this address go there; repeatable, the first that fits"},
		)...),
		Action: func(c *cli.Context) error { return runPopGet(c, e) },
	}
}

func readPopGetOptions(c *cli.Context, e *env) (*popGetOptions, error) {
	o := &popGetOptions{
		lines:  c.Int("top"),
		policy: fetch.Policy{New: c.Bool("new"), Delete: c.Bool("delete")},
	}
	var err error
	if o.sel, err = readPopSelection("pop get", c.Args().Slice(), e.now()); err != nil {
		return nil, err
	}
	if o.policy.MaxSize, err = parseOctets(c.String("max-size")); err != nil {
		return nil, usageError("pop get: --max-size: %v", err)
	}
	if after := c.String("delete-after"); after != "" {
		if o.policy.DeleteAfter, err = parseDays(after); err != nil {
			return nil, usageError("pop get: --delete-after needs a time such as 14d or 12h, not %q", after)
		}
		o.policy.New = true
		o.policy.Delete = o.policy.Delete || o.policy.DeleteAfter == 0
	}
	if o.storeTarget, err = readStoreTarget(c, o.sel.single() || o.sel.query != nil); err != nil {
		return nil, err
	}
	if err := o.readRules(c); err != nil {
		return nil, err
	}
	return o, o.check(c)
}

// check refuses what does not go together.
func (o *popGetOptions) check(c *cli.Context) error {
	switch {
	case c.Bool("keep") && (o.policy.Delete || o.policy.DeleteAfter > 0):
		return usageError("pop get: --keep and --delete exclude each other")
	case o.policy.Delete && o.policy.DeleteAfter > 0:
		return usageError("pop get: --delete and --delete-after exclude each other")
	case c.IsSet("top") && o.lines < 0:
		return usageError("pop get: --top needs a number of lines")
	case o.lines >= 0 && (o.policy.New || o.policy.Delete):
		return usageError("pop get: --top fetches parts of letters: it does not go with --new and --delete")
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
	o, err := readPopGetOptions(c, e)
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

// remembers says whether the run needs to know what earlier ones did.
func (o *popGetOptions) remembers() bool { return o.policy.New || o.policy.Delete }

// report prints what became of a letter, where that was asked for.
func (g *popGet) report(out *fetch.Outcome) error {
	switch {
	case out.Err != nil:
		g.failed.add(g.env, popName(out.Letter), out.Err)
		if g.opt.json {
			return g.env.out.JSON(&popEvent{Number: out.Letter.Number, UID: out.Letter.UID, Event: "failed", Error: out.Err.Error()})
		}
		return nil
	case g.opt.json:
		return g.env.out.JSON(&popEvent{
			Number: out.Letter.Number, UID: out.Letter.UID, Octets: out.Size, Event: "stored", Path: out.Path,
		})
	}
	return g.opt.printPath(g.env, out.Path)
}
