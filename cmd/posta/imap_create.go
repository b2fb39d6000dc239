package main

import (
	goimap "github.com/emersion/go-imap/v2"
	"github.com/urfave/cli/v2"

	"posta/fetch/imap"
)

func newIMAPCreateCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "create",
		Usage:     "make folders",
		ArgsUsage: "FOLDER...",
		Flags: imapFlags(
			&cli.StringFlag{Name: "use", Usage: "what it is for: all, archive, drafts, flagged, important, junk, sent, trash"},
			&cli.BoolFlag{Name: "subscribe", Usage: "subscribe to it too"},
		),
		Action: func(c *cli.Context) error { return runIMAPCreate(c, e) },
	}
}

func runIMAPCreate(c *cli.Context, e *env) (err error) {
	folders, err := foldersFromArgs(c)
	if err != nil {
		return err
	}
	var use goimap.MailboxAttr
	if word := c.String("use"); word != "" {
		if use, err = specialUse(word); err != nil {
			return err
		}
		if len(folders) > 1 {
			return usageError("imap create: --use is for one folder")
		}
	}
	return runIMAP(c, e, func(s *imapSession) error {
		create := func(folder string) *imap.Pending[imap.None] { return s.client.Create(folder, use) }
		return eachFolder(s, folders, create, func(folder string, _ imap.None) error {
			if c.Bool("subscribe") {
				if _, err := s.client.Subscribe(folder).Wait(); err != nil {
					return err
				}
			}
			return s.event(c, folderEvent{Folder: folder, Event: "created"})
		})
	})
}
