package main

import (
	"bufio"
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/urfave/cli/v2"

	"posta/fetch/imap"
)

func newIMAPRawCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:  "raw",
		Usage: "speak IMAP4 by hand",
		Flags: append([]cli.Flag{
			&cli.BoolFlag{Name: "no-login", Usage: "begin after the greeting, and TLS"},
		}, connFlags()...),
		Action: func(c *cli.Context) error { return runIMAPRaw(c, e) },
	}
}

func runIMAPRaw(c *cli.Context, e *env) error {
	if c.Args().Present() {
		return usageError("imap raw: %q is too much: commands are read from standard input", c.Args().First())
	}
	s, err := newIMAPSession(c, e)
	if err != nil {
		return err
	}
	cfg := imap.Config{Dialer: s.conn.dialer}
	if !c.Bool("no-login") {
		if cfg, err = s.config(c); err != nil {
			return s.close(err)
		}
	}
	ctx, cancel := context.WithCancelCause(c.Context)
	defer cancel(nil)
	if s.client, err = imap.Dial(ctx, cfg); err != nil {
		return s.close(err)
	}
	s.stop = s.client.Watch(ctx)
	d := &rawDialogue{
		env: e, patience: s.conn.dialer.Timeout, events: make(chan rawEvent), ended: make(chan struct{}), cancel: cancel,
	}
	if c.Bool("no-login") {
		greeting := s.client.Greeting()
		if err := d.print([]byte("* " + greeting.String() + "\r\n")); err != nil {
			return s.close(err)
		}
	}
	return s.close(d.run(ctx, s.client.Raw()))
}

// rawDialogue is a run of posta imap raw. One goroutine prints what the server says, as it comes; the other sends commands,
// each when the one before it has its answer.
type rawDialogue struct {
	env      *env
	conn     *imap.RawConn
	in       *bufio.Reader // standard input
	patience time.Duration
	cancel   context.CancelCauseFunc

	events chan rawEvent
	ended  chan struct{} // the server's goroutine has ended
	heard  atomic.Int64  // octets from the server
	over   atomic.Bool   // what the server says now is not of the dialogue any more
	err    error         // what ended it

	tags    int
	command rawCommand // under way
	refused *imap.Error
	left    bool // LOGOUT was said
}

// rawCommand is a command that has no answer yet.
type rawCommand struct{ tag, name string }

// run speaks until the end of the input, or of the connection.
func (d *rawDialogue) run(ctx context.Context, conn *imap.RawConn) error {
	d.conn = conn
	d.in = bufio.NewReaderSize(newInterruptible(ctx, d.env.stdin), inputBuffer)
	go d.listen()
	err := d.speak(ctx)
	if err == nil && !d.left {
		d.over.Store(true)
		conn.Send([]byte("p0 LOGOUT")) // nothing depends on it
	}
	cause := context.Cause(ctx)
	d.cancel(errors.New("the dialogue is over"))
	for range d.events { // until it has ended
	}
	switch {
	case err == nil && isOutput(d.err):
		return d.err
	case cause != nil && !errors.Is(cause, errRawEnd):
		return cause
	case err != nil:
		return err
	case d.refused != nil:
		return silent(statusOf(d.refused))
	}
	return nil
}

// isOutput says whether the server's goroutine ended for a reason of its own: standard output, and not the connection.
func isOutput(err error) bool {
	var own *statusError
	return errors.As(err, &own) && !errors.Is(err, errRawEnd)
}

// errRawEnd is the end of the connection while the user may still be typing.
var errRawEnd = errors.New("the server ended the session")
