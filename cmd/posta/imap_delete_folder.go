package main

import (
	goimap "github.com/emersion/go-imap/v2"
	"github.com/urfave/cli/v2"
)

func newIMAPDeleteFolderCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "delete-folder",
		Usage:     "delete empty folders",
		ArgsUsage: "FOLDER...",
		Flags: imapFlags(
			&cli.BoolFlag{Name: "force", Usage: "with the messages that are in them"},
			&cli.BoolFlag{Name: "n", Usage: "delete nothing, say what would be deleted"},
		),
		Action: func(c *cli.Context) error { return runIMAPDeleteFolder(c, e) },
	}
}

func runIMAPDeleteFolder(c *cli.Context, e *env) error {
	folders, err := foldersFromArgs(c)
	if err != nil {
		return err
	}
	return runIMAP(c, e, func(s *imapSession) error {
		full := 0
		err := eachFolder(s, folders, s.askStatus, func(folder string, data goimap.StatusData) error {
			if data.NumMessages != nil && *data.NumMessages > 0 && !c.Bool("force") {
				e.warn("%q has %d messages; --force deletes them with it", folder, *data.NumMessages)
				full++
				return nil
			}
			return s.deleteFolder(c, folder)
		})
		switch {
		case err != nil || full == 0:
			return err
		case full == len(folders):
			return silent(exitNegative)
		}
		return silent(exitPartial)
	})
}

func (s *imapSession) deleteFolder(c *cli.Context, folder string) error {
	if c.Bool("n") {
		return s.event(c, folderEvent{Folder: folder, Event: "would delete"})
	}
	if _, err := s.client.Delete(folder).Wait(); err != nil {
		return err
	}
	return s.event(c, folderEvent{Folder: folder, Event: "deleted"})
}
