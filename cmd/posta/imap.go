package main

import (
	"github.com/urfave/cli/v2"

	"posta/fetch/imap"
	"posta/internal/account"
)

func newIMAPCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:  "imap",
		Usage: "search, fetch, file and watch mail over IMAP4",
		Subcommands: []*cli.Command{
			newIMAPFoldersCommand(e),
			newIMAPStatusCommand(e),
			newIMAPCreateCommand(e),
			newIMAPRenameCommand(e),
			newIMAPDeleteFolderCommand(e),
			newIMAPSubscribeCommand(e),
			newIMAPUnsubscribeCommand(e),
			newIMAPNamespaceCommand(e),
			newIMAPQuotaCommand(e),
			newIMAPACLCommand(e),
			newIMAPSearchCommand(e),
			newIMAPListCommand(e),
			newIMAPGetCommand(e),
			newIMAPPartCommand(e),
			newIMAPAttachmentsCommand(e),
			newIMAPAppendCommand(e),
			newIMAPCopyCommand(e),
			newIMAPMoveCommand(e),
			newIMAPFlagCommand(e),
			newIMAPDeleteCommand(e),
			newIMAPIdleCommand(e),
			newIMAPRawCommand(e),
		},
	}
}

// imapFlags are those of every command of posta imap.
func imapFlags(own ...cli.Flag) []cli.Flag {
	own = append(own, &cli.BoolFlag{Name: "json", Usage: "print objects"},
		&cli.BoolFlag{Name: "compress", Usage: "compress the dialogue, where the server can: for slow lines"})
	return append(own, connFlags()...)
}

// folderFlag is -f, for commands that work in one folder.
func folderFlag() cli.Flag {
	return &cli.StringFlag{Name: "folder", Aliases: []string{"f"}, Usage: "`FOLDER` to work in", Value: "INBOX", DefaultText: "INBOX"}
}

// imapSession is what a command of posta imap speaks over.
type imapSession struct {
	env    *env
	conn   *connection
	client *imap.Client
	stop   func() // ends the watching of the context
}

// newIMAPSession reads the flags of imapFlags. Nothing is connected yet. The caller calls close.
func newIMAPSession(c *cli.Context, e *env) (*imapSession, error) {
	conn, err := newConnection(c, e, account.IMAP)
	if err != nil {
		return nil, err
	}
	return &imapSession{env: e, conn: conn}, nil
}

// config says how to connect and log in, as often as is needed.
func (s *imapSession) config(c *cli.Context) (imap.Config, error) {
	cfg := imap.Config{Dialer: s.conn.dialer, Compress: s.conn.account.Compress}
	if c.IsSet("compress") {
		cfg.Compress = c.Bool("compress")
	}
	var err error
	if cfg.Auth, cfg.Mechanism, err = s.conn.credentials(c.Context); err != nil {
		return cfg, err
	}
	if cfg.Auth == nil {
		return cfg, fail(exitConfig, "%s names no user: write %s", s.conn.server, "imaps://USER@HOST")
	}
	return cfg, nil
}

// dial connects and logs in. The end of c's context then ends the connection.
func (s *imapSession) dial(c *cli.Context) error {
	cfg, err := s.config(c)
	if err != nil {
		return err
	}
	if s.client, err = imap.Dial(c.Context, cfg); err != nil {
		return err
	}
	s.stop = s.client.Watch(c.Context)
	return nil
}

// redial takes another connection in the place of one that is lost.
func (s *imapSession) redial(c *cli.Context) error {
	cfg, err := s.config(c)
	if err != nil {
		return err
	}
	client, err := imap.Dial(c.Context, cfg)
	if err != nil {
		return err
	}
	s.client.Close()
	s.stop()
	s.client, s.stop = client, client.Watch(c.Context)
	return nil
}

// close ends the session; err goes before its own.
func (s *imapSession) close(err error) error {
	if s.client != nil {
		s.client.Close() // nothing depends on LOGOUT's answer
		s.stop()
	}
	if closeErr := s.conn.close(); err == nil {
		err = closeErr
	}
	return err
}

// runIMAP connects and runs one command over the session.
func runIMAP(c *cli.Context, e *env, run func(*imapSession) error) error {
	s, err := newIMAPSession(c, e)
	if err != nil {
		return err
	}
	if err := s.dial(c); err != nil {
		return s.close(err)
	}
	return s.close(run(s))
}
