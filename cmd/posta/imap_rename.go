package main

import (
	"github.com/urfave/cli/v2"
)

func newIMAPRenameCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "rename",
		Usage:     "rename a folder and those in it",
		ArgsUsage: "FOLDER NAME",
		Flags:     imapFlags(),
		Action:    func(c *cli.Context) error { return runIMAPRename(c, e) },
	}
}

func runIMAPRename(c *cli.Context, e *env) error {
	if c.NArg() != 2 || c.Args().Get(0) == "" || c.Args().Get(1) == "" {
		return usageError("imap rename needs a folder and its new name")
	}
	from, to := c.Args().Get(0), c.Args().Get(1)
	return runIMAP(c, e, func(s *imapSession) error {
		if _, err := s.client.Rename(from, to).Wait(); err != nil {
			return err
		}
		return s.event(c, folderEvent{Folder: from, Event: "renamed", To: to})
	})
}
