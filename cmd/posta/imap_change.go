package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/urfave/cli/v2"

	"posta/fetch/imap"
)

// imapChange is a command that changes messages: which, and what came of it.
type imapChange struct {
	*imapSession
	c       *cli.Context
	sel     selection
	folder  string
	box     imap.Selected
	uids    goimap.UIDSet // found, in ascending order
	missing goimap.UIDSet // named one by one, and not there
}

// changeFlags are those of every command that changes messages.
func changeFlags(own ...cli.Flag) []cli.Flag {
	own = append([]cli.Flag{folderFlag()}, own...)
	return imapFlags(append(own, &cli.BoolFlag{Name: "n", Usage: "say what would be done"})...)
}

// createFlag is --create, of commands with a folder that messages go to.
func createFlag() cli.Flag {
	return &cli.BoolFlag{Name: "create", Usage: "make the folder that messages go to, if it is not there"}
}

// runIMAPChange connects, finds the messages that args name and does the change. Without arguments nothing is changed:
// all messages are "all", said aloud.
func runIMAPChange(c *cli.Context, e *env, args []string, change func(*imapChange) error) error {
	if strings.TrimSpace(strings.Join(args, "")) == "" {
		return usageError("%s: needs UIDs or a query (all is every message of the folder)", commandPath(c))
	}
	sel, err := readSelection(args, e.now())
	if err != nil {
		return err
	}
	return runIMAP(c, e, func(s *imapSession) error {
		if err := s.understands(sel); err != nil {
			return err
		}
		return change(&imapChange{imapSession: s, c: c, sel: sel, folder: c.String("folder")})
	})
}

// locate selects the folder and finds the messages, in one turn. UIDs that were named are looked for, too, so that what is
// not there is told, and nothing more is done than was asked. Nothing found is an error of exit status 1.
func (ch *imapChange) locate(readOnly bool) error {
	if err := ch.find(readOnly || ch.c.Bool("n")); err != nil {
		return err
	}
	for _, uid := range ch.sel.single() {
		if !ch.uids.Contains(uid) {
			ch.missing.AddNum(uid)
		}
	}
	switch {
	case len(ch.missing) > 0:
		ch.env.warn("%s has no message %s", ch.folder, ch.missing)
	case ch.box.ReadOnly && !readOnly && !ch.c.Bool("n"):
		return fail(exitUnavailable, "%s can only be read", ch.folder)
	}
	if len(ch.uids) == 0 {
		return silent(exitNegative)
	}
	return nil
}

// find selects the folder and finds the messages.
func (ch *imapChange) find(readOnly bool) (err error) {
	if ch.needsDays(ch.sel) {
		ch.box, ch.uids, err = ch.findByDays(ch.sel, ch.folder, readOnly)
		return err
	}
	selected := ch.client.Select(ch.folder, imap.SelectOptions{ReadOnly: readOnly})
	searches := []*imap.Pending[imap.Found]{}
	for _, p := range ch.programs() {
		searches = append(searches, ch.client.Search(p, imap.SearchOptions{}))
	}
	if ch.box, err = selected.Wait(); err != nil {
		return err
	}
	ch.uids, err = union(searches)
	return err
}

// imapDone is what a command did with messages, or would do; --json prints it.
type imapDone struct {
	Event         string   `json:"event"` // copied, moved, flagged, expunged; would copy, ...
	Folder        string   `json:"folder"`
	Messages      uint64   `json:"messages"`
	UIDs          string   `json:"uids"`
	To            string   `json:"to,omitempty"`
	ToUIDValidity uint32   `json:"to_uidvalidity,omitempty"`
	ToUIDs        string   `json:"to_uids,omitempty"` // in the order of uids
	Add           []string `json:"add,omitempty"`     // flags, as the command takes them
	Remove        []string `json:"remove,omitempty"`
	Set           []string `json:"set,omitzero"`      // empty: all are cleared
	Missing       string   `json:"missing,omitempty"` // UIDs that are not there
	Failed        string   `json:"failed,omitempty"`  // UIDs with which it was not done
}

// would prints what a change with these messages would be, for -n.
func (ch *imapChange) would(event string, done imapDone, detail string) error {
	done.Event = "would " + event
	if ch.c.Bool("json") {
		return ch.print(&done, ch.uids)
	}
	if err := ch.env.out.Line(done.Event, strconv.FormatUint(count(ch.uids), 10), ch.uids.String(), detail); err != nil {
		return err
	}
	return ch.partial(nil)
}

// did prints what was done with messages. Failed are those with which it was not.
func (ch *imapChange) did(done imapDone, uids, failed goimap.UIDSet) error {
	done.Failed = failed.String()
	if ch.c.Bool("json") && len(uids) > 0 {
		return firstError(ch.print(&done, uids), ch.partial(failed))
	}
	return ch.partial(failed)
}

func (ch *imapChange) print(done *imapDone, uids goimap.UIDSet) error {
	done.Folder, done.Messages, done.UIDs, done.Missing = ch.folder, count(uids), uids.String(), ch.missing.String()
	return ch.env.out.JSON(done)
}

// partial is the status of a command that has done something, but perhaps not all.
func (ch *imapChange) partial(failed goimap.UIDSet) error {
	if len(failed) > 0 || len(ch.missing) > 0 {
		return silent(exitPartial)
	}
	return nil
}

// sameFolder says whether two names are of one folder: INBOX is known in whatever case (RFC 9051 §5.1).
func sameFolder(a, b string) bool {
	return a == b || strings.EqualFold(a, "INBOX") && strings.EqualFold(b, "INBOX")
}

// intoFolder does something that needs a folder to go to. With --create the folder is made when the server asks for it
// (RFC 9051 §6.3.12, TRYCREATE), and it is done again.
func (s *imapSession) intoFolder(folder string, create bool, do func() error) error {
	err := do()
	var refused *imap.Error
	if !errors.As(err, &refused) || refused.Code != "TRYCREATE" && refused.Code != "NONEXISTENT" {
		return err
	}
	if !create {
		return fmt.Errorf("%w (--create makes the folder)", err)
	}
	if _, err := s.client.Create(folder, "").Wait(); err != nil {
		return err
	}
	return do()
}
