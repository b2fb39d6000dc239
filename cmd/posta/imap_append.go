package main

import (
	"context"
	"errors"
	"os"
	"strconv"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/urfave/cli/v2"

	"posta/fetch/imap"
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

// appending is a run of posta imap append. Where the server takes literals unasked (LITERAL+), many messages are on their way
// at once; each is refused or taken for itself.
type appending struct {
	*imapSession
	c      *cli.Context
	opt    appendOptions
	folder string
	format stream.Format
	limit  *uint32 // APPENDLIMIT of the folder

	flight []*appended // sent, and not answered yet
	noUIDs bool        // it was said that the server does not tell them
	done   int
	failed int
	last   error
}

// maxFlight is how many messages are on their way at once.
const maxFlight = 16

// appended is a message that is on its way, or what came of it; --json prints it.
type appended struct {
	Event       string     `json:"event"` // appended, failed, unknown, would append
	Letter      int        `json:"letter"`
	Name        string     `json:"name,omitempty"`
	Folder      string     `json:"folder"`
	Octets      int64      `json:"octets,omitempty"`
	UIDValidity uint32     `json:"uidvalidity,omitempty"`
	UID         goimap.UID `json:"uid,omitempty"`
	Flags       []string   `json:"flags,omitempty"`
	Date        string     `json:"date,omitempty"`
	Error       string     `json:"error,omitempty"`

	answer *imap.Pending[imap.Appended]
}

// run appends the messages of in, in their order. The connection is made when the first is whole.
func (a *appending) run(in *mimeInput) error {
	e := *a.env
	if f, ok := e.stdin.(*os.File); !ok || !isRegular(f) {
		e.stdin = newInterruptible(a.c.Context, e.stdin)
	}
	for m, err := range in.messages(&e) {
		var entry *stream.EntryError
		switch {
		case a.c.Context.Err() != nil:
			return a.c.Context.Err()
		case errors.As(err, &entry):
			err = a.fail(&appended{Letter: entry.Index, Name: entry.Name}, entry)
		case err == nil:
			err = a.message(m)
		}
		if err != nil {
			return firstError(a.finish(), a.stop(err))
		}
	}
	return firstError(a.finish(), a.status())
}

func isRegular(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular()
}

// stop says why the rest is not appended.
func (a *appending) stop(err error) error {
	if a.done > 0 && !errors.Is(err, context.Canceled) {
		a.env.warn("%v", err)
		a.env.warn("the rest is not appended")
		return silent(exitPartial)
	}
	return err
}

// message sends one message. An error ends the run.
func (a *appending) message(m *stream.Message) error {
	w := &appended{Letter: m.Index, Name: m.Name, Folder: a.folder}
	l, err := newArrival(m, a.format, a.opt)
	if err != nil {
		if a.c.Context.Err() != nil {
			return a.c.Context.Err()
		}
		return a.fail(w, ofMessage(m, err))
	}
	defer l.close()
	w.Octets = l.letter.Size
	if a.c.Bool("n") {
		return a.would(w, l)
	}
	if err := a.ready(); err != nil {
		return err
	}
	if a.limit != nil && w.Octets > int64(*a.limit) {
		return a.fail(w, ofMessage(m, tooBig(a.folder, w.Octets, *a.limit)))
	}
	if a.done == 0 && len(a.flight) == 0 {
		return a.first(m, w, l)
	}
	if err := a.send(w, l); err != nil {
		return err
	}
	if len(a.flight) >= maxFlight {
		return a.collect()
	}
	return nil
}

// ready connects, once, and asks how long a message may be where that depends on the folder (RFC 7889 §3).
func (a *appending) ready() error {
	if a.client != nil {
		return nil
	}
	if err := a.dial(a.c); err != nil {
		return err
	}
	if limit, ok := a.client.Caps().AppendLimit(); ok && limit == nil {
		data, err := a.client.Status(a.folder, goimap.StatusOptions{AppendLimit: true}).Wait()
		if a.client.Broken() {
			return err
		}
		a.limit = data.AppendLimit // unknown is no limit: the server will say
	}
	return nil
}

func tooBig(folder string, size int64, limit uint32) error {
	text := strconv.FormatInt(size, 10) + " octets, the server takes " + strconv.FormatUint(uint64(limit), 10)
	return &imap.Error{Command: "APPEND", Mailbox: folder, Status: imap.Status{Type: goimap.StatusResponseTypeNo, Code: "TOOBIG", Text: text}}
}

// first sends a message alone and waits: a folder that is not there refuses one, and not sixteen that are on their way.
func (a *appending) first(m *stream.Message, w *appended, l *arrival) error {
	var data imap.Appended
	err := a.intoFolder(a.folder, a.c.Bool("create"), func() (err error) {
		if err = l.rewind(); err == nil {
			data, err = a.client.Append(a.folder, l.letter).Wait()
		}
		return err
	})
	var refused *imap.Error
	switch {
	case err == nil:
		return a.took(w, data)
	case a.client.Broken():
		return a.lost(w, err)
	case errors.As(err, &refused) && (refused.Code == "TRYCREATE" || refused.Code == "NONEXISTENT"):
		return err
	}
	return a.fail(w, ofMessage(m, err))
}
