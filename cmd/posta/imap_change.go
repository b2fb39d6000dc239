package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
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
		return change(&imapChange{imapSession: s, c: c, sel: sel, folder: c.String("folder")})
	})
}

// locate selects the folder and finds the messages, in one turn. UIDs that were named are looked for, too, so that what is
// not there is told, and nothing more is done than was asked. Nothing found is an error of exit status 1.
func (ch *imapChange) locate(readOnly bool) error {
	selected := ch.client.Select(ch.folder, imap.SelectOptions{ReadOnly: readOnly || ch.c.Bool("n")})
	searches := []*imap.Pending[imap.Found]{}
	for _, p := range ch.programs() {
		searches = append(searches, ch.client.Search(p, imap.SearchOptions{}))
	}
	var err error
	if ch.box, err = selected.Wait(); err != nil {
		return err
	}
	if ch.uids, err = union(searches); err != nil {
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

// maxSearchRanges is how many ranges of UIDs one SEARCH names: lines should not be longer than 8,000 octets (RFC 7162 §4).
const maxSearchRanges = 300

// programs are the searches that find the messages: a query, or as many as named UIDs need.
func (ch *imapChange) programs() []imap.Program {
	if ch.sel.uids == nil {
		return []imap.Program{ch.sel.query}
	}
	return uidPrograms(ch.sel.uids)
}

// uidPrograms are searches for UIDs. RFC 9051 §9 has 7:* match the last message even if its UID is less than 7, which
// nobody means who is about to delete; the greatest number of all says what is meant.
func uidPrograms(set goimap.UIDSet) (programs []imap.Program) {
	for part := range slices.Chunk(slices.Clone(set), maxSearchRanges) {
		for i := range part {
			if part[i].Start != 0 && part[i].Stop == 0 {
				part[i].Stop = math.MaxUint32
			}
		}
		programs = append(programs, imap.Criteria(&goimap.SearchCriteria{UID: []goimap.UIDSet{part}}))
	}
	return programs
}

// union is all that searches found.
func union(searches []*imap.Pending[imap.Found]) (all goimap.UIDSet, err error) {
	for _, search := range searches {
		found, err := search.Wait()
		if err != nil {
			return nil, err
		}
		if uids, ok := found.All.(goimap.UIDSet); ok {
			all.AddSet(uids)
		}
	}
	return all, nil
}

// imapDone is what a command did with messages, or would do; --json prints it.
type imapDone struct {
	Event         string        `json:"event"` // copied, moved, flagged, expunged; would copy, ...
	Folder        string        `json:"folder"`
	Messages      uint64        `json:"messages"`
	UIDs          string        `json:"uids"`
	To            string        `json:"to,omitempty"`
	ToUIDValidity uint32        `json:"to_uidvalidity,omitempty"`
	ToUIDs        string        `json:"to_uids,omitempty"` // in the order of uids
	Add           []goimap.Flag `json:"add,omitempty"`
	Remove        []goimap.Flag `json:"remove,omitempty"`
	Set           []goimap.Flag `json:"set,omitempty"`
	Missing       string        `json:"missing,omitempty"` // UIDs that are not there
	Failed        string        `json:"failed,omitempty"`  // UIDs with which it was not done
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

// count is how many messages a static set names.
func count(set goimap.UIDSet) (n uint64) {
	for _, r := range set {
		n += uint64(r.Stop) - uint64(r.Start) + 1
	}
	return n
}

// without is what is in set and not in gone.
func without(set, gone goimap.UIDSet) (left goimap.UIDSet) {
	for _, r := range set {
		for uid := uint64(r.Start); uid <= uint64(r.Stop); uid++ {
			if !gone.Contains(goimap.UID(uid)) {
				left.AddNum(goimap.UID(uid))
			}
		}
	}
	return left
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
