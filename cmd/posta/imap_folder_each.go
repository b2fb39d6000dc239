package main

import (
	"slices"

	"github.com/urfave/cli/v2"

	"posta/fetch/imap"
)

// eachFolder makes a command for each folder, all in one turn, and does something with each answer. A folder that is
// refused does not keep the others: it is told, and the status says so.
func eachFolder[T any](s *imapSession, folders []string, ask func(string) *imap.Pending[T], then func(string, T) error) error {
	t := &folderTally{imapSession: s, all: len(folders)}
	for some := range slices.Chunk(folders, foldersAhead) {
		asked := make([]*imap.Pending[T], len(some))
		for i, folder := range some {
			asked[i] = ask(folder)
		}
		for i, folder := range some {
			answer, err := asked[i].Wait()
			if err == nil {
				err = then(folder, answer)
			}
			if err == nil {
				t.done++
			} else if err := t.failed(err); err != nil {
				return err
			}
		}
	}
	return t.status()
}

// folderTally counts folders with which something was done, or not.
type folderTally struct {
	*imapSession
	all, done int
	first     error
}

// failed tells of a folder's error. It is that of the command where there is no other folder, or no connection, or where
// it is not the server's.
func (t *folderTally) failed(err error) error {
	if t.all == 1 || t.client.Broken() || !isIMAP(err) {
		return err
	}
	t.env.warn("%v", err)
	if t.first == nil {
		t.first = err
	}
	return nil
}

func (t *folderTally) status() error {
	switch {
	case t.done == t.all || t.first == nil:
		return nil
	case t.done == 0:
		return silent(statusOf(t.first))
	}
	return silent(exitPartial)
}

// folderEvent is what a command that changes folders prints with --json.
type folderEvent struct {
	Folder string `json:"folder"`
	Event  string `json:"event"`
	To     string `json:"to,omitempty"`
}

// event prints what was done, as an object or, where it is only what would be, as a line.
func (s *imapSession) event(c *cli.Context, ev folderEvent) error {
	switch {
	case c.Bool("json"):
		return s.env.out.JSON(ev)
	case c.Bool("n"):
		return s.env.out.Line(ev.Event, ev.Folder)
	}
	return nil
}

// foldersFromArgs are the arguments of a command that takes folders, and needs one.
func foldersFromArgs(c *cli.Context) ([]string, error) {
	folders := c.Args().Slice()
	for _, folder := range folders {
		if folder == "" {
			return nil, usageError("%s: a folder has a name", commandPath(c))
		}
	}
	if len(folders) == 0 {
		return nil, usageError("%s needs a folder", commandPath(c))
	}
	return folders, nil
}
