package imap

import (
	"strings"

	goimap "github.com/emersion/go-imap/v2"
)

// SelectOptions says how to select a mailbox.
type SelectOptions struct {
	ReadOnly  bool     // EXAMINE: nothing is changed, \Recent not either
	CondStore bool     // CONDSTORE (RFC 7162): for HighestModSeq where the server does not tell it anyway
	QResync   *QResync // what is known already; QRESYNC must have been ENABLEd
}

// QResync is what a client remembers of a mailbox (RFC 7162 §3.2.5).
type QResync struct {
	UIDValidity uint32
	ModSeq      uint64
	Known       goimap.UIDSet // UIDs; may be nil
}

// Selected is what the server tells of a mailbox as it is selected.
type Selected struct {
	goimap.SelectData
	ReadOnly     bool          // it can only be read, asked for or not
	MailboxID    string        // OBJECTID (RFC 8474)
	NoModSeq     bool          // the mailbox keeps no MODSEQs
	UIDNotSticky bool          // UIDs do not last (RFC 4315 §2)
	Vanished     goimap.UIDSet // with QResync: gone since
	Changes                    // with QResync: since then
}

// Select selects a mailbox (RFC 9051 §6.3.2, §6.3.3). Commands that need it can follow without waiting; if it is
// refused, so are they.
func (c *Client) Select(mailbox string, opt SelectOptions) *Pending[Selected] {
	verb := "SELECT"
	if opt.ReadOnly {
		verb = "EXAMINE"
	}
	p, cmd := pend[Selected](c, verb, mailbox, func(e *encoder) {
		c.name(e, mailbox)
		opt.write(e)
	})
	cmd.ordered, cmd.flags = true, true
	begun := false
	cmd.takes = func(r response) (bool, error) {
		if !begun {
			begun = true
			c.mailbox, c.exists = mailbox, 0
		}
		return c.selecting(r, p.data)
	}
	cmd.end = func(s *Status) {
		if s.Type != goimap.StatusResponseTypeOK {
			c.mailbox, c.exists = "", 0 // RFC 9051 §6.3.2: none is selected then
			return
		}
		c.mailbox, c.exists = mailbox, p.data.NumMessages
		p.data.ReadOnly = opt.ReadOnly || s.Code == "READ-ONLY"
	}
	return p
}

func (opt *SelectOptions) write(e *encoder) {
	switch q := opt.QResync; {
	case q != nil:
		e.Atom("(")
		e.Atom("QRESYNC")
		e.Atom("(")
		e.number(uint64(q.UIDValidity))
		e.number(q.ModSeq)
		if text := q.Known.String(); len(q.Known) > 0 && len(text) <= maxSetLine {
			e.Atom(text)
		}
		e.Atom(")")
		e.Atom(")")
	case opt.CondStore:
		e.words("CONDSTORE")
	}
}

// selecting reads the responses to SELECT.
func (c *Client) selecting(r response, s *Selected) (bool, error) {
	switch {
	case r.status != nil:
		return s.code(r.status), nil
	case r.name == "EXISTS" && r.hasNum:
		s.NumMessages, c.exists = r.num, r.num
		return true, c.in.endLine()
	case r.name == "RECENT" && r.hasNum:
		s.NumRecent = r.num
		return true, c.in.endLine()
	case r.name == "FLAGS":
		list, err := c.in.values()
		s.Flags = flagList(node{list: list}.at(0))
		return true, err
	case r.name == "FETCH" && r.hasNum:
		return true, c.changed(r, &s.Changes)
	case r.name == "VANISHED":
		_, set, err := c.vanished()
		if s.Vanished = append(s.Vanished, set...); len(s.Vanished) > maxRanges {
			return true, protocolError("a set of too many numbers")
		}
		return true, err
	}
	return false, nil // LIST of IMAP4rev2 says nothing new
}

// code understands the response codes of SELECT.
func (s *Selected) code(st *Status) bool {
	n, _ := number([]byte(st.Arg))
	switch st.Code {
	case "UIDVALIDITY":
		s.UIDValidity = uint32(n)
	case "UIDNEXT":
		s.UIDNext = goimap.UID(n)
	case "UNSEEN":
		s.FirstUnseenSeqNum = uint32(n)
	case "HIGHESTMODSEQ":
		s.HighestModSeq = n
	case "NOMODSEQ":
		s.NoModSeq = true
	case "UIDNOTSTICKY":
		s.UIDNotSticky = true
	case "PERMANENTFLAGS":
		s.PermanentFlags = flagList(node{list: st.argument()}.at(0))
	case "MAILBOXID":
		s.MailboxID = strings.Trim(st.Arg, "()")
	default:
		return false
	}
	return true
}

func flagList(n node) []goimap.Flag {
	var list []goimap.Flag
	for _, item := range n.list {
		list = append(list, flagOf([]byte(item.text)))
	}
	return list
}

// Unselect leaves the mailbox and expunges nothing (RFC 9051 §6.4.2). Without UNSELECT a mailbox that there cannot be is
// EXAMINEd, which has the same effect (RFC 3691 §1).
func (c *Client) Unselect() *Pending[None] {
	verb, mailbox := "UNSELECT", ""
	if !c.caps.Has(goimap.CapUnselect) {
		return c.unselectByExamine()
	}
	p, cmd := pend[None](c, verb, mailbox, nil)
	cmd.end = c.unselected
	return p
}

func (c *Client) unselectByExamine() *Pending[None] {
	p, cmd := pend[None](c, "EXAMINE", "", func(e *encoder) { e.String("") })
	cmd.end = func(s *Status) {
		c.unselected(s)
		cmd.err = nil
	}
	return p
}

func (c *Client) unselected(*Status) { c.mailbox, c.exists = "", 0 }
