package imap

import (
	"context"
	"errors"
	"testing"

	goimap "github.com/emersion/go-imap/v2"
)

// TestNotify: one connection hears of several mailboxes (RFC 5465 §5).
func TestNotify(t *testing.T) {
	play(t, with("NOTIFY IDLE", `C: p2 NOTIFY SET STATUS (SELECTED (MessageNew MessageExpunge FlagChange)) (MAILBOXES ("a" "a b") (MessageNew MessageExpunge FlagChange MailboxName))
S: * STATUS "a" (MESSAGES 1 UIDNEXT 2)
S: * STATUS "a b" (MESSAGES 0)
S: p2 OK
C: p3 IDLE
S: + idling
S: * STATUS "a b" (MESSAGES 1 UIDNEXT 2 UNSEEN 1)
S: * LIST () "/" "new" ("OLDNAME" ("old"))
S: * OK [NOTIFICATIONOVERFLOW] no more
C: DONE
S: p3 OK
C: p4 NOTIFY NONE
S: p4 OK
`), func(c *Client) {
		must(t, c.Notify(NotifyOptions{Mailboxes: []string{"a", "a b"}, Flags: true, Names: true, Counts: true}))
		if u := c.Updates(); len(u) != 2 || u[1].Status.Mailbox != "a b" {
			t.Errorf("%+v", u)
		}
		var got []Update
		for u, err := range c.Idle(context.Background(), IdleOptions{}) {
			if err != nil {
				t.Fatal(err)
			}
			if got = append(got, u); u.Kind == UpdateOverflow {
				break
			}
		}
		if len(got) != 3 || got[0].Status.Mailbox != "a b" || *got[0].Status.NumUnseen != 1 || got[1].List.Mailbox != "new" || got[1].List.OldName != "old" {
			t.Errorf("%+v", got)
		}
		must(t, c.NotifyNone())
	})
	// Dovecot 2.3 does not understand modified UTF-7 here, and tells UTF-8.
	play(t, with("NOTIFY", `C: p2 NOTIFY SET (SELECTED (MessageNew MessageExpunge FlagChange)) (PERSONAL (MessageNew MessageExpunge))
S: p2 OK
C: p3 NOOP
S: * STATUS other (MESSAGES 1)
S: * STATUS {2}
S: ä (MESSAGES 1)
S: p3 OK
C: p4 SELECT "&AOQ-"
S: p4 OK
`), func(c *Client) {
		must(t, c.Notify(NotifyOptions{Mailboxes: []string{"ä"}}))
		must(t, c.Noop())
		if u := c.Updates(); len(u) != 1 || u[0].Status.Mailbox != "ä" {
			t.Errorf("%+v", u)
		}
		must(t, c.Select("ä", SelectOptions{}))
	})
	for want, opt := range map[string]NotifyOptions{
		"(PERSONAL (MessageNew MessageExpunge))":      {Personal: true, Mailboxes: []string{"ignored"}},
		`(SUBTREE ("x") (MessageNew MessageExpunge))`: {Subtree: true, Mailboxes: []string{"x"}},
	} {
		play(t, with("NOTIFY", "C: p2 NOTIFY SET (SELECTED (MessageNew MessageExpunge FlagChange)) "+want+"\nS: p2 NO [BADEVENT (MessageNew)] no\n"), func(c *Client) {
			var e *Error
			if _, err := c.Notify(opt).Wait(); !errors.As(err, &e) || e.Temporary() {
				t.Error(err)
			}
		})
	}
	play(t, with("NOTIFY", ""), func(c *Client) {
		if _, err := c.Notify(NotifyOptions{}).Wait(); !errors.Is(err, ErrArgument) {
			t.Error(err)
		}
		delete(c.caps, goimap.CapNotify)
		if _, err := c.Notify(NotifyOptions{Personal: true}).Wait(); !errors.Is(err, ErrUnsupported) {
			t.Error(err)
		}
	})
}
