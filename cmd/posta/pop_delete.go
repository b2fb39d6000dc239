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
		ArgsUsage: "N|UIDL...|QUERY",
		Flags: popFlags(
			&cli.BoolFlag{Name: "n", Usage: "print which would be deleted"},
		),
		Action: func(c *cli.Context) error { return runPopDelete(c, e) },
	}
}

func runPopDelete(c *cli.Context, e *env) error {
	if !c.Args().Present() {
		return usageError("pop delete: needs the numbers or unique-ids of letters (1- is all), or a query")
	}
	sel, err := readPopSelection("pop delete", c.Args().Slice(), e.now())
	if err != nil {
		return err
	}
	if sel.query != nil {
		if err := narrow("pop delete", &sel.query.Root); err != nil {
			return err
		}
	}
	s, err := newPopSession(c, e)
	if err != nil {
		return err
	}
	return s.close(s.delete(c, sel))
}

func (s *popSession) delete(c *cli.Context, sel *popSelection) error {
	letters, failed, err := s.chosen(c, sel)
	if err != nil {
		return err
	}
	if c.Bool("n") {
		if err := s.events(c, "would delete", letters); err != nil {
			return err
		}
		return firstError(s.quit(c.Context), sel.found(failed, letters.Len()))
	}
	deleted, err := s.quitDeleting(c, letters, failed)
	if err != nil {
		return err
	}
	return sel.found(failed, deleted.Len())
}

// quitDeleting ends the session, and tells which letters are deleted by that. They are, only when the server has said so.
func (s *popSession) quitDeleting(c *cli.Context, letters *pop3.Subset, failed *failures) (deleted *pop3.Subset, err error) {
	if letters.Len() == 0 {
		return letters, s.quit(c.Context)
	}
	deleted = s.box.Subset(false)
	deleted.AddAll(letters)
	err = s.client.Quit(c.Context, letters.Letters(), func(l pop3.Letter, err *pop3.Error) {
		failed.add(s.env, popName(l), err)
		deleted.Remove(s.box.Index(l.Number))
	})
	if err = firstError(err, s.box.Err()); err != nil {
		s.env.warn("the session ended before the server said that %d letters are deleted: they may still be there", letters.Len())
		return nil, err
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
func (s *popSession) events(c *cli.Context, event string, letters *pop3.Subset) error {
	for l := range letters.Letters() {
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
	return s.box.Err()
}
