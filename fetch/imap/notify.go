package imap

import (
	"slices"

	goimap "github.com/emersion/go-imap/v2"
)

// NotifyOptions says what of other mailboxes than the selected one is to be told (RFC 5465).
type NotifyOptions struct {
	Mailboxes []string // these
	Subtree   bool     // and those below them
	Personal  bool     // all of the user's own, instead of Mailboxes; those that come to be, too
	Flags     bool     // a change of flags is news, too, not only a message that came or went
	Counts    bool     // how many messages there are is told at once (an UpdateStatus of each)
	Names     bool     // mailboxes that are made, renamed or deleted are news (an UpdateList)
}

// Notify asks the server to tell, of its own accord, what happens in several mailboxes: each news is an UpdateStatus, with
// the counts that changed. Idle then yields them beside what happens in the selected mailbox, for which nothing changes. It holds
// until the next Notify; too much of it ends it, which is told as UpdateOverflow. Servers gather what they tell for a moment,
// and may forget it at the end of an IDLE that is shorter than that.
func (c *Client) Notify(opt NotifyOptions) *Pending[None] {
	if err := c.need("NOTIFY", goimap.CapNotify); err != nil {
		return refuse[None](c, err)
	}
	c.notified, c.watched = true, nil
	if !opt.Personal && !opt.Subtree && !c.utf8 && slices.ContainsFunc(opt.Mailboxes, func(name string) bool { return EncodeUTF7(name) != name }) {
		c.watched = slices.Clone(opt.Mailboxes) // Dovecot 2.3 knows no modified UTF-7 here: all are watched, and the others not told
		opt.Personal = true
	}
	p, cmd := pend[None](c, "NOTIFY", "", func(e *encoder) { c.notification(e, &opt) })
	cmd.takes = func(r response) (bool, error) {
		if r.name != "STATUS" {
			return false, nil
		}
		return true, c.unsolicited(r)
	}
	return p
}

// NotifyNone ends what Notify began, and what a server tells of the selected mailbox without being asked: Notify or
// another connection brings that back.
func (c *Client) NotifyNone() *Pending[None] {
	if err := c.need("NOTIFY", goimap.CapNotify); err != nil {
		return refuse[None](c, err)
	}
	p, cmd := pend[None](c, "NOTIFY", "", func(e *encoder) { e.Atom("NONE") })
	cmd.end = func(*Status) { c.notified, c.watched = false, nil }
	return p
}

// notification writes SET and the groups of events. What is not named in them would not be told any more (RFC 5465 §5), so
// the selected mailbox is named.
func (c *Client) notification(e *encoder, opt *NotifyOptions) {
	if !opt.Personal && len(opt.Mailboxes) == 0 {
		e.fail("no mailbox")
	}
	// RFC 5465 §5.2, §5.3: who wants one of these must want the other.
	events := []string{"MessageNew", "MessageExpunge"}
	if opt.Flags {
		events = append(events, "FlagChange")
	}
	if opt.Names {
		events = append(events, "MailboxName")
	}
	e.Atom("SET")
	if opt.Counts {
		e.Atom("STATUS")
	}
	e.Atom("(")
	e.Atom("SELECTED")
	e.words("MessageNew", "MessageExpunge", "FlagChange")
	e.Atom(")")
	e.Atom("(")
	c.group(e, opt)
	e.words(events...)
	e.Atom(")")
}

// group writes which mailboxes a group of events is about.
func (c *Client) group(e *encoder, opt *NotifyOptions) {
	if opt.Personal {
		e.Atom("PERSONAL")
		return
	}
	if opt.Subtree {
		e.Atom("SUBTREE")
	} else {
		e.Atom("MAILBOXES")
	}
	e.Atom("(")
	for _, mailbox := range opt.Mailboxes {
		c.name(e, mailbox)
	}
	e.Atom(")")
}
