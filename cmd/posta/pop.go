package main

import (
	"context"

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
}

// newPopSession reads the flags of popFlags. Nothing is connected yet. The caller calls close.
func newPopSession(c *cli.Context, e *env) (*popSession, error) {
	conn, err := newConnection(c, e, account.POP3)
	if err != nil {
		return nil, err
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

// letters lists the mailbox.
func (s *popSession) letters(ctx context.Context) (letters []pop3.Letter, uidl bool, err error) {
	defer s.client.Watch(ctx)()
	return s.client.Letters()
}

// chosen connects and finds the letters that the arguments name; those that are not there are counted in failed.
func (s *popSession) chosen(c *cli.Context) (letters []pop3.Letter, failed *failures, err error) {
	if err := s.dial(c); err != nil {
		return nil, nil, err
	}
	all, _, err := s.letters(c.Context)
	if err != nil {
		return nil, nil, err
	}
	letters, missing := selectLetters(all, c.Args().Slice())
	return letters, s.missing(missing), nil
}

// quit ends the session, and deletes letters.
func (s *popSession) quit(ctx context.Context, letters []pop3.Letter) (map[int]*pop3.Error, error) {
	refused, err := s.client.Quit(ctx, letters)
	if err != nil && len(letters) == 0 && ctx.Err() == nil {
		err = nil // nothing depended on it
	}
	return refused, err
}

// close ends what is left of the session; err goes before its own.
func (s *popSession) close(err error) error {
	if s.client != nil {
		s.client.Close()
	}
	if closeErr := s.conn.close(); err == nil {
		err = closeErr
	}
	return err
}

// source names the mailbox, for the state. POP3 with TLS and without show the same letters.
func (s *popSession) source() string { return "pop3-" + s.conn.source(110, 995) }
