package main

import (
	"github.com/urfave/cli/v2"

	"posta/fetch/imap"
)

func newIMAPSubscribeCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "subscribe",
		Usage:     "add folders to those that mail programs show",
		ArgsUsage: "FOLDER...",
		Flags:     imapFlags(),
		Action:    func(c *cli.Context) error { return runIMAPSubscribe(c, e, true) },
	}
}

func newIMAPUnsubscribeCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "unsubscribe",
		Usage:     "take folders from those that mail programs show",
		ArgsUsage: "FOLDER...",
		Flags:     imapFlags(),
		Action:    func(c *cli.Context) error { return runIMAPSubscribe(c, e, false) },
	}
}

func runIMAPSubscribe(c *cli.Context, e *env, on bool) error {
	folders, err := foldersFromArgs(c)
	if err != nil {
		return err
	}
	return runIMAP(c, e, func(s *imapSession) error {
		ask, event := s.client.Unsubscribe, "unsubscribed"
		if on {
			ask, event = s.client.Subscribe, "subscribed"
		}
		return eachFolder(s, folders, ask, func(folder string, _ imap.None) error {
			return s.event(c, folderEvent{Folder: folder, Event: event})
		})
	})
}
