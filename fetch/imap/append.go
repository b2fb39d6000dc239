package imap

import (
	"errors"
	"fmt"
	"io"
	"slices"
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
		letters[0].announce(e)
	})
	cmd.end = func(s *Status) { p.data.appendUID(s) }
	if cmd.done {
		return p
	}
	cmd.sent = true
	for i := range letters {
		if i > 0 {
			e := c.encoder("")
			letters[i].announce(e)
			if e.err != nil {
				c.fail(e.err)
				break
			}
			cmd.parts = append(cmd.parts, e.buf)
		}
	}
	if err := c.sendLetters(cmd, letters); err != nil && !cmd.done {
		c.fail(err)
	}
	return p
}

// Appended is what APPEND tells with UIDPLUS.
type Appended struct {
	UIDValidity uint32
	UIDs        goimap.UIDSet // in the order of the letters
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
		if ok && limit != nil && l.Size > int64(*limit) {
			status := Status{Type: goimap.StatusResponseTypeNo, Code: "TOOBIG", Text: fmt.Sprintf("%d octets, the server takes %d", l.Size, *limit)}
			return &Error{Command: "APPEND", Status: status}
		}
	}
	return nil
}

// announce writes flags, date and the announcement of the body.
func (l *Letter) announce(e *encoder) {
	if len(l.Flags) > 0 {
		e.flags(l.Flags)
	}
	if !l.Time.IsZero() {
		e.dateTime(l.Time)
	}
	e.Atom(fmt.Sprintf("{%d}", l.Size))
}

// sendLetters sends the announcements, each followed by its letter.
func (c *Client) sendLetters(cmd *command, letters []Letter) error {
	heads := cmd.parts
	last := len(heads) - 1
	heads[0] = heads[0][:len(heads[0])-len("\r\n")] // start ended the line
	ready := false
	cmd.parts = nil
	cmd.more = func(string) error {
		ready = true
		return nil
	}
	for i := range heads {
		ready = c.unasked(letters[i].Size)
		head := heads[i]
		if ready {
			head = append(head[:len(head)-1], '+', '}')
		}
		if i == 0 {
			c.conn.Log.Sent(head)
		}
		if err := c.write(append(head, "\r\n"...)); err != nil {
			return err
		}
		for !ready && !cmd.done {
			p, err := c.next()
			if err == nil {
				err = c.dispatch(p)
			}
			if err != nil {
				return err
			}
		}
		if cmd.done { // refused before it was sent
			return nil
		}
		if err := c.copyLetter(&letters[i]); err != nil {
			return err
		}
		if i == last {
			cmd.more = nil
		}
	}
	return c.write([]byte("\r\n"))
}

// unasked says whether a literal can be sent without being asked to.
func (c *Client) unasked(size int64) bool {
	return c.caps.Has(goimap.CapLiteralPlus) || size <= maxLiteralMinus && c.caps.Has(goimap.CapLiteralMinus)
}

// maxAppends is how many APPENDs may wait for their answers, which are short.
const maxAppends = 32

// clear waits for what was made before, so that a letter can follow its APPEND at once: all but other APPENDs, where
// LITERAL+ lets them go without an answer.
func (c *Client) clear() error {
	for _, earlier := range slices.Clone(c.flight) {
		if earlier.name == "APPEND" && earlier.sent && c.caps.Has(goimap.CapLiteralPlus) && len(c.flight) < maxAppends {
			continue
		}
		if err := c.wait(earlier); errors.Is(err, ErrUnread) {
			return err
		}
	}
	return nil
}

// copyLetter sends a body of exactly its size.
func (c *Client) copyLetter(l *Letter) error {
	buf := make([]byte, 64<<10)
	for left := l.Size; left > 0; {
		n, err := io.ReadFull(l.Body, buf[:min(left, int64(len(buf)))])
		if err != nil {
			return fmt.Errorf("the letter ends %d octets early: %w", left-int64(n), err)
		}
		left -= int64(n)
		if err := c.write(buf[:n]); err != nil {
			return err
		}
	}
	switch n, err := io.ReadFull(l.Body, buf[:1]); {
	case n > 0:
		return fmt.Errorf("the letter has more than %d octets", l.Size)
	case err != io.EOF:
		return err
	}
	return nil
}
