package imap

import (
	"fmt"
	"io"
	"strings"
	"time"

	goimap "github.com/emersion/go-imap/v2"
)

// Letter is a message to be appended.
type Letter struct {
	Size  int64     // octets of Body, exactly
	Body  io.Reader // the message as it is to be kept: line ends are CRLF
	Flags []goimap.Flag
	Time  time.Time // INTERNALDATE; zero: now
	// Binary sends it as a literal8: Body may have NUL then, and parts whose Content-Transfer-Encoding is binary (RFC 3516 §4.4).
	// It needs BINARY or IMAP4rev2.
	Binary bool
	// UTF8 says that the header is in UTF-8 beyond ASCII (RFC 6855 §4). It needs UTF8=ACCEPT or IMAP4rev2, ENABLEd before.
	UTF8 bool
}

// Append appends letters to a mailbox (RFC 9051 §6.3.12): all or, as MULTIAPPEND (RFC 3502) has it, none of them; more
// than one needs that. The letters are read and sent at once; with LITERAL+ the answer need not be waited for before
// the next command. With UIDPLUS the data tell the UIDs (Appended.UIDs).
//
// A body that ends early, fails or goes on beyond its Size breaks the connection, for that is the only way not to append
// it so. A letter beyond the server's APPENDLIMIT is an *Error with the code TOOBIG, and nothing is sent.
func (c *Client) Append(mailbox string, letters ...Letter) *Pending[Appended] {
	if err := c.mayAppend(letters); err != nil {
		err.Mailbox = mailbox
		return refuse[Appended](c, err)
	}
	if err := c.clear(); err != nil {
		return refuse[Appended](c, err)
	}
	p, cmd := pend[Appended](c, "APPEND", mailbox, func(e *encoder) {
		if c.odd[mailbox] && e.literals != literalPlus {
			e.fail("mailbox %q", mailbox)
		}
		c.name(e, mailbox)
		c.announce(e, &letters[0])
	})
	cmd.end = func(s *Status) { p.data.appendUID(s) }
	if cmd.done {
		return p
	}
	cmd.sent = true
	for i := range letters {
		if i > 0 {
			e := c.encoder("")
			c.announce(e, &letters[i])
			if e.err != nil {
				c.fail(e.err)
				break
			}
			cmd.parts = append(cmd.parts, e.buf)
		}
	}
	err := c.sendLetters(cmd, letters)
	if err != nil && !cmd.done {
		c.fail(err)
	}
	p.data.Sent = err == nil
	return p
}

// Appended is what APPEND tells with UIDPLUS.
type Appended struct {
	UIDValidity uint32
	UIDs        goimap.UIDSet // in the order of the letters
	// Sent says that the letters went out whole: if the connection is lost before the answer, the mailbox may have them. Otherwise
	// it has not.
	Sent bool
}

// appendUID understands APPENDUID (RFC 4315 §3).
func (a *Appended) appendUID(s *Status) {
	validity, uids, _ := strings.Cut(s.Arg, " ")
	n, ok := number([]byte(validity))
	set, err := parseSet(uids)
	if s.Code == "APPENDUID" && ok && err == nil {
		a.UIDValidity, a.UIDs = uint32(n), goimap.UIDSet(set)
	}
}

func (c *Client) mayAppend(letters []Letter) *Error {
	switch {
	case len(letters) == 0:
		return &Error{Command: "APPEND", Err: fmt.Errorf("no letter %w", ErrArgument)}
	case len(letters) > 1 && !c.caps.Has(goimap.CapMultiAppend):
		return &Error{Command: "APPEND", Err: unsupported(goimap.CapMultiAppend)}
	}
	limit, ok := c.caps.AppendLimit()
	for _, l := range letters {
		if l.Binary && !c.caps.Has(goimap.CapBinary) && !c.caps.Has(goimap.CapIMAP4rev2) {
			return &Error{Command: "APPEND", Err: unsupported(goimap.CapBinary)}
		}
		if l.UTF8 && !c.utf8 {
			return &Error{Command: "APPEND", Err: unsupported(goimap.CapUTF8Accept)}
		}
		if ok && limit != nil && l.Size > int64(*limit) {
			status := Status{Type: goimap.StatusResponseTypeNo, Code: "TOOBIG", Text: fmt.Sprintf("%d octets, the server takes %d", l.Size, *limit)}
			return &Error{Command: "APPEND", Status: status}
		}
	}
	return nil
}
