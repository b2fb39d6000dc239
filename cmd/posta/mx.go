package main

import (
	"bufio"
	"context"
	"iter"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/urfave/cli/v2"

	"posta/mxlookup"
)

// mxOptions are the flags of posta mx and posta mx srv.
type mxOptions struct {
	dnssec  bool
	json    bool
	first   bool
	shuffle bool
	srv     bool
	family  []int // of the addresses that are wanted
	jobs    int
}

// mxJobs is how many look-ups are under way without --jobs. What is asked of a name server at a time is for the
// resolver to say.
const mxJobs = 512

func newMXCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "mx",
		Usage:     "find where the mail of domains goes",
		ArgsUsage: "[DOMAIN|ADDRESS...]",
		Flags: append(mxResolverFlags(),
			&cli.BoolFlag{Name: "json", Usage: "an object a domain"},
			&cli.BoolFlag{Name: "first", Usage: "the most preferred host alone"},
			&cli.BoolFlag{Name: "shuffle", Usage: "hosts of equal preference in random order"},
			&cli.BoolFlag{Name: "4", Usage: "with IPv4 addresses"},
			&cli.BoolFlag{Name: "6", Usage: "with IPv6 addresses"},
			&cli.BoolFlag{Name: "srv", Usage: "submission, IMAP and POP3 servers instead"},
			&cli.IntFlag{Name: "jobs", Usage: "`N` look-ups at a time"},
			&cli.BoolFlag{Name: "0", Usage: "lines end in NUL, read and written"},
		),
		Action:      func(c *cli.Context) error { return runMX(c, e) },
		Subcommands: []*cli.Command{newMXCheckCommand(e), newMXTraceCommand(e), newMXBounceCommand(e), newMXSRVCommand(e)},
	}
}

// mxResolverFlags are the flags of every command that asks name servers.
func mxResolverFlags() []cli.Flag {
	return []cli.Flag{
		resolverFlag(),
		&cli.BoolFlag{Name: "dnssec", Usage: "say what the name server validated"},
		&cli.GenericFlag{Name: "timeout", Value: new(timeLimit), Usage: "limit for one question with all its tries (default 10s)"},
		&cli.StringFlag{Name: "ca", Usage: "trust root `FILE` for tls:// and https:// name servers"},
	}
}

func runMX(c *cli.Context, e *env) error {
	o, err := readMXOptions(c)
	if err != nil {
		return err
	}
	nulLines(c, e)
	r, err := newResolver(c, e)
	if err != nil {
		return err
	}
	defer r.Close()
	p := &mxPrinter{e: e, o: o}
	look := func(ctx context.Context, in mxName) *mxResult { return o.look(ctx, r, in) }
	if c.NArg() == 1 { // started a thousand times by a script: without what makes many fast
		return p.only(c.Context, look(c.Context, readMXName(c.Args().First())))
	}
	return lookAll(c, e, p, look)
}

// readMXOptions reads the flags.
func readMXOptions(c *cli.Context) (*mxOptions, error) {
	o := &mxOptions{
		dnssec: c.Bool("dnssec"), json: c.Bool("json"), first: c.Bool("first"), shuffle: c.Bool("shuffle"),
		srv: c.Bool("srv") || c.Command.Name == "srv", jobs: mxJobs,
	}
	if c.IsSet("jobs") {
		o.jobs = c.Int("jobs")
	}
	if o.jobs < 1 || o.jobs > 4096 {
		return nil, usageError("mx: --jobs is from 1 to 4096")
	}
	if o.srv && (o.first || o.shuffle || c.Bool("4") || c.Bool("6")) {
		return nil, usageError("mx: --srv goes without --first, --shuffle, -4 and -6")
	}
	for _, family := range []int{4, 6} {
		if c.Bool(strconv.Itoa(family)) {
			o.family = append(o.family, family)
		}
	}
	return o, nil
}

// lookAll looks up every domain of the arguments or standard input and prints the answers in their order.
func lookAll(c *cli.Context, e *env, p *mxPrinter, look func(context.Context, mxName) *mxResult) error {
	// Answers are short-lived: the garbage of a few thousand is cheaper to collect at once.
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(32 << 20)
	flush, restore := bufferWarnings(e)
	defer restore()
	input := &mxInput{seen: newRecent()}
	for res := range mxlookup.Each(c.Context, input.names(c, e), p.o.jobs, look) {
		if c.Context.Err() != nil {
			break // what was not found out by now is no answer
		}
		if err := p.print(res); err != nil {
			return err
		}
		if input.pending.Add(-1) == 0 { // nobody should wait for lines that are known
			flush()
			if err := e.out.Flush(); err != nil {
				return err
			}
		}
	}
	if err := c.Context.Err(); err != nil {
		return err
	}
	if input.err != nil {
		return fail(exitIOErr, "read standard input: %w", input.err)
	}
	return p.status()
}

// bufferWarnings has what goes to standard error written in large pieces, where no person reads it as it comes: flush
// writes what there is, restore also makes it as it was.
func bufferWarnings(e *env) (flush, restore func()) {
	if isTerminal(e.stderr) {
		return func() {}, func() {}
	}
	stderr := e.stderr
	b := bufio.NewWriterSize(stderr, 16<<10)
	e.stderr = b
	flush = func() { b.Flush() }
	return flush, func() {
		b.Flush()
		e.stderr = stderr
	}
}

// newResolver makes the resolver that the flags name.
func newResolver(c *cli.Context, e *env) (*mxlookup.Resolver, error) {
	cfg := mxlookup.Config{Servers: resolverServers(c, e), DNSSEC: c.Bool("dnssec"), CacheSize: 2 << 20, Window: c.Int("jobs"), Alone: c.NArg() == 1}
	if limit, ok := c.Generic("timeout").(*timeLimit); ok {
		cfg.Timeout = time.Duration(*limit)
	}
	var err error
	if file := c.String("ca"); file != "" {
		if cfg.RootCAs, err = readRoots(file); err != nil {
			return nil, err
		}
	}
	r, err := mxlookup.New(cfg)
	if err != nil {
		return nil, usageError("%w", err)
	}
	if server := r.Unauthenticated(); cfg.DNSSEC && server != "" {
		e.warn("--dnssec: %s is asked in plain text over the network; its word that an answer is validated could be forged on the way", server)
	}
	return r, nil
}

// mxName is one domain to look up, or what was given instead and the reason why it cannot be.
type mxName struct {
	domain string
	err    error
}

// readMXName reads what a user or a list calls a domain.
func readMXName(text string) mxName {
	domain, err := mxlookup.Domain(text)
	if err != nil {
		domain = strings.TrimSpace(text)
	}
	return mxName{domain, err}
}

// mxInput reads the domains from arguments or standard input, each once.
type mxInput struct {
	seen    *recent
	pending atomic.Int64 // names that were read and not yet printed
	err     error        // of standard input; may be read after the last name was yielded and answered
}

func (in *mxInput) names(c *cli.Context, e *env) iter.Seq[mxName] {
	lines := slices.Values(c.Args().Slice())
	if !c.Args().Present() {
		lines = readLines(e.stdin, e.out.end, &in.err)
	}
	return func(yield func(mxName) bool) {
		for line := range lines {
			if strings.TrimSpace(line) == "" {
				continue
			}
			name := readMXName(line)
			if name.err == nil && in.seen.add(name.domain) {
				continue
			}
			in.pending.Add(1)
			if !yield(name) {
				return
			}
		}
	}
}
