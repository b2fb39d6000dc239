package main

import (
	"context"
	"errors"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/urfave/cli/v2"

	"posta/mimetool/stream"
)

func newIMAPAppendCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "append",
		Usage:     "put messages into a folder",
		ArgsUsage: "[FILE...]",
		Flags: imapFlags(
			folderFlag(),
			&cli.StringFlag{Name: "flags", Usage: "`FLAGS` of the messages: seen,flagged"},
			&cli.StringFlag{Name: "date", Usage: "`DATE` of arrival; header: as the Date field says; now"},
			&cli.StringFlag{Name: "stream", Usage: "many messages in each input: `FORMAT` mboxrd, mboxo, mboxcl2, jsonl, tar or paths"},
			&cli.BoolFlag{Name: "0", Usage: "names of --stream paths end in NUL"},
			createFlag(),
			&cli.BoolFlag{Name: "n", Usage: "say what would be appended"},
		),
		Action: func(c *cli.Context) error { return runIMAPAppend(c, e) },
	}
}

// appendOptions says what the messages get besides.
type appendOptions struct {
	flags   []goimap.Flag
	flagged bool // --flags is given: what the messages bring with them does not count
	date    time.Time
	how     string // "stream", "header", "now" or "date"
}

func readAppendOptions(c *cli.Context) (o appendOptions, err error) {
	o.flagged = c.IsSet("flags")
	if o.flags, err = parseFlags(c.String("flags")); err != nil {
		return o, err
	}
	switch date := c.String("date"); date {
	case "":
		o.how = "now"
		if c.IsSet("stream") {
			o.how = "stream"
		}
	case "header", "now":
		o.how = date
	default:
		o.how = "date"
		if o.date, err = parseArrival(date); err != nil {
			return o, usageError("--date: %q is no date, and not header or now", date)
		}
	}
	return o, nil
}

func runIMAPAppend(c *cli.Context, e *env) error {
	opt, err := readAppendOptions(c)
	if err != nil {
		return err
	}
	in := &mimeInput{files: c.Args().Slice()}
	if len(in.files) == 0 {
		in.files = []string{"-"}
	}
	if name := c.String("stream"); name != "" {
		if in.format, err = stream.ParseFormat(name); err != nil {
			return usageError("imap append: %w", err)
		}
	}
	if in.opt.NUL = c.Bool("0"); in.opt.NUL && in.format != stream.Paths {
		return usageError("imap append: -0 is for --stream paths")
	}
	s, err := newIMAPSession(c, e)
	if err != nil {
		return err
	}
	a := &appending{imapSession: s, c: c, opt: opt, folder: c.String("folder"), format: in.format}
	return s.close(a.run(in))
}

// appending is a run of posta imap append. One goroutine reads messages, the other sends them:
//
//	read (each is whole) ──► batch (MULTIAPPEND) ──► ready ──► flight (many on their way, with LITERAL+) ──► answer
//	                                                   ▲          │ the connection is lost
//	                                                   └── look ◄─┘ over another one: which of them has the server?
//
// Each message is refused or taken for itself all the same.
type appending struct {
	*imapSession
	c      *cli.Context
	opt    appendOptions
	folder string
	format stream.Format
	limit  *uint32 // octets of a message that the folder takes; nil: unknown

	batch  *appendGroup   // comes together
	ready  []*appendGroup // to be sent
	flight []*appendGroup // sent, and not answered
	begun  bool           // the folder has taken one
	noUIDs bool           // it was said that the server does not tell them
	place  appendPlace    // where those on their way are looked for
	losses appendLosses
	shown  *progress
	done   int
	failed int
	last   error
}

// quiet is how long the input may be silent until what has come is sent and answered.
const quiet = 200 * time.Millisecond

// run appends the messages of in, in their order. The connection is made when the first is whole.
func (a *appending) run(in *mimeInput) error {
	ctx, cancel := context.WithCancel(a.c.Context)
	defer cancel()
	a.shown = newProgress(a.env, unknownNumber)
	a.shown.on = a.shown.on && in.many() && !a.env.out.tty
	defer a.shown.clear()
	offers := a.read(ctx, in)
	for more := true; more; {
		var silence <-chan time.Time
		if a.batch != nil || len(a.flight) > 0 {
			silence = time.After(quiet)
		}
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-silence:
			err = a.settle()
		case o, ok := <-offers:
			if !ok {
				err = firstError(ctx.Err(), a.settle())
				more = false
				break
			}
			err = a.take(o)
		}
		if err != nil {
			return a.stop(err)
		}
	}
	return a.status()
}

// stop ends the run for an error: what can still be sent is, and it is said that the rest is not appended.
func (a *appending) stop(err error) error {
	if a.client != nil && a.client.Broken() {
		if a.batch != nil {
			a.ready, a.batch = append(a.ready, a.batch), nil
		}
		a.unsent(a.ready)
		a.ready = nil
	}
	if settleErr := a.settle(); settleErr != nil && settleErr != err {
		a.env.warn("%v", settleErr)
	}
	a.shown.clear()
	if a.done > 0 && !errors.Is(err, context.Canceled) {
		a.env.warn("%v", err)
		a.env.warn("the rest is not appended")
		return silent(exitPartial)
	}
	return err
}

// connect connects, once, and asks how long a message may be where that depends on the folder (RFC 7889 §3), and where new
// messages begin: that goes out with the first of them.
func (a *appending) connect() error {
	if a.client != nil {
		return nil
	}
	if err := a.dial(a.c); err != nil {
		return err
	}
	limit, ok := a.client.Caps().AppendLimit()
	a.limit = limit
	ofFolder := ok && limit == nil
	a.place.asked = a.client.Status(a.folder, goimap.StatusOptions{UIDNext: true, UIDValidity: true, AppendLimit: ofFolder})
	if ofFolder {
		data, err := a.place.asked.Wait()
		if a.client.Broken() {
			return err
		}
		a.limit = data.AppendLimit // unknown is no limit: the server will say
	}
	return nil
}
