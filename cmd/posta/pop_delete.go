package main

import (
	"strconv"

	"github.com/urfave/cli/v2"

	"posta/fetch/pop3"
)

func newPopDeleteCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "delete",
		Usage:     "delete letters",
		ArgsUsage: "N|UIDL...",
		Flags: popFlags(
			&cli.BoolFlag{Name: "n", Usage: "print which would be deleted"},
		),
		Action: func(c *cli.Context) error { return runPopDelete(c, e) },
	}
}

func runPopDelete(c *cli.Context, e *env) error {
	if !c.Args().Present() {
		return usageError("pop delete: needs the numbers or unique-ids of letters (1- is all)")
	}
	s, err := newPopSession(c, e)
	if err != nil {
		return err
	}
	return s.close(s.delete(c))
}

func (s *popSession) delete(c *cli.Context) error {
	letters, failed, err := s.chosen(c)
	if err != nil {
		return err
	}
	if c.Bool("n") {
		if err := s.events(c, "would delete", letters); err != nil {
			return err
		}
		_, err := s.quit(c.Context, nil)
		return firstError(err, failed.status(len(letters)))
	}
	deleted, err := s.quitDeleting(c, letters, failed)
	if err != nil {
		return err
	}
	return failed.status(len(deleted))
}

// quitDeleting ends the session, and tells which letters are deleted by that. They are, only when the server has said so.
func (s *popSession) quitDeleting(c *cli.Context, letters []pop3.Letter, failed *failures) (deleted []pop3.Letter, err error) {
	refused, err := s.quit(c.Context, letters)
	if err != nil {
		if len(letters) > 0 {
			s.env.warn("the session ended before the server said that %d letters are deleted: they may still be there", len(letters))
		}
		return nil, err
	}
	for _, l := range letters {
		if err := refused[l.Number]; err != nil {
			failed.add(s.env, popName(l), err)
			continue
		}
		deleted = append(deleted, l)
	}
	if !c.Bool("json") {
		return deleted, nil
	}
	return deleted, s.events(c, "deleted", deleted)
}

// popEvent is what --json prints about a letter with which something was done.
type popEvent struct {
	Number int    `json:"number"`
	UID    string `json:"uid,omitempty"`
	Octets int64  `json:"octets,omitempty"`
	Event  string `json:"event"` // stored, deleted, failed, left, would get, would delete
	Path   string `json:"path,omitempty"`
	Error  string `json:"error,omitempty"`
}

// events prints what was done with letters, or would be.
func (s *popSession) events(c *cli.Context, event string, letters []pop3.Letter) error {
	for _, l := range letters {
		var err error
		if c.Bool("json") {
			err = s.env.out.JSON(&popEvent{Number: l.Number, UID: l.UID, Event: event, Octets: max(l.Size, 0)})
		} else {
			err = s.env.out.Line(event, strconv.Itoa(l.Number), l.UID, strconv.FormatInt(l.Size, 10))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
