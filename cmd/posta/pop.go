package main

import (
	"context"
	"runtime/debug"

	"github.com/urfave/cli/v2"

	"posta/fetch/pop3"
	"posta/internal/account"
)

func newPopCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:  "pop",
		Usage: "list, fetch and delete mail over POP3",
		Subcommands: []*cli.Command{
			newPopListCommand(e), newPopStatCommand(e), newPopGetCommand(e), newPopDeleteCommand(e),
		},
	}
}

// popFlags are those of every command of posta pop.
func popFlags(own ...cli.Flag) []cli.Flag {
	own = append(own,
		&cli.BoolFlag{Name: "pipeline", Usage: "send commands ahead of replies, though the server does not offer it; --pipeline=false: never"},
		&cli.BoolFlag{Name: "json", Usage: "print objects"},
	)
	return append(own, connFlags()...)
}

// popSession is what a command of posta pop speaks over.
type popSession struct {
	env    *env
	conn   *connection
	client *pop3.Client
	box    *pop3.Mailbox
}

// popMemory leaves room for what of the largest mailbox is no garbage: see main's memoryLimit.
const popMemory = 32 << 20

// newPopSession reads the flags of popFlags. Nothing is connected yet. The caller calls close.
func newPopSession(c *cli.Context, e *env) (*popSession, error) {
	conn, err := newConnection(c, e, account.POP3)
	if err != nil {
		return nil, err
	}
	if e.getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(popMemory)
	}
	return &popSession{env: e, conn: conn}, nil
}

// dial connects and logs in.
func (s *popSession) dial(c *cli.Context) error {
	cfg := pop3.Config{Dialer: s.conn.dialer}
	switch {
	case c.Bool("pipeline"):
		cfg.Pipelining = pop3.Always
	case c.IsSet("pipeline"):
		cfg.Pipelining = pop3.Never
	}
	var err error
	if cfg.Auth, cfg.Mechanism, err = s.conn.credentials(c.Context); err != nil {
		return err
	}
	if cfg.Auth == nil {
		return fail(exitConfig, "%s names no user: write %s", s.conn.server, "pop3s://USER@HOST")
	}
	s.client, err = pop3.Dial(c.Context, cfg)
	return err
}

// list lists the mailbox, and finds the letters that are named; those that are not there are counted in failed.
func (s *popSession) list(ctx context.Context, sel *popSelection) (letters *pop3.Subset, failed *failures, err error) {
	defer s.client.Watch(ctx)()
	if s.box, err = s.client.Mailbox(sel.wants()); err != nil {
		return nil, nil, err
	}
	if err := sel.unambiguous(s.box); err != nil {
		return nil, nil, err
	}
	letters, missing := sel.find(s.box)
	return letters, s.missing(missing), s.box.Err()
}

// chosen connects and finds the letters that are named, or that the query finds.
func (s *popSession) chosen(c *cli.Context, sel *popSelection) (letters *pop3.Subset, failed *failures, err error) {
	if err := s.dial(c); err != nil {
		return nil, nil, err
	}
	letters, failed, err = s.list(c.Context, sel)
	if err != nil || sel.query == nil {
		return letters, failed, err
	}
	letters, err = s.search(c.Context, sel.query, letters, nil, failed)
	return letters, failed, err
}

// found is the status of a command that has done something with so many letters: a query has to find some.
func (sel *popSelection) found(failed *failures, done int) error {
	if sel.query != nil && done == 0 && failed.n == 0 {
		return silent(exitNegative)
	}
	return failed.status(done)
}

// quit ends the session.
func (s *popSession) quit(ctx context.Context) error {
	err := s.client.Quit(ctx, nil, nil)
	if ctx.Err() == nil {
		return nil // nothing depended on it
	}
	return err
}

// close ends what is left of the session; err goes before its own.
func (s *popSession) close(err error) error {
	if s.client != nil {
		s.client.Close()
	}
	if s.box != nil {
		err = firstError(err, s.box.Close())
	}
	if closeErr := s.conn.close(); err == nil {
		err = closeErr
	}
	return err
}

// source names the mailbox, for the state. POP3 with TLS and without show the same letters.
func (s *popSession) source() string { return "pop3-" + s.conn.source(110, 995) }
