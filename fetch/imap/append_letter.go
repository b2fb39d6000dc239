package imap

import (
	"errors"
	"fmt"
	"io"
	"slices"

	goimap "github.com/emersion/go-imap/v2"
)

// announce writes flags, date and the announcement of the body.
func (c *Client) announce(e *encoder, l *Letter) {
	if len(l.Flags) > 0 {
		e.flags(l.Flags)
	}
	if !l.Time.IsZero() {
		e.dateTime(l.Time)
	}
	literal := fmt.Sprintf("{%d}", l.Size)
	switch {
	case c.wraps(l):
		e.Atom("UTF8")
		e.Atom("(")
		e.Atom("~" + literal)
	case l.Binary:
		e.Atom("~" + literal)
	default:
		e.Atom(literal)
	}
}

// wraps says whether a letter goes as UTF8 (…): IMAP4rev2 takes UTF-8 in any literal, and knows no such word.
func (c *Client) wraps(l *Letter) bool { return l.UTF8 && slices.Contains(c.on, "UTF8=ACCEPT") }

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
		end := ""
		if c.wraps(&letters[i]) {
			end = ")"
		}
		if i == last {
			cmd.more = nil
			end += "\r\n"
		}
		if err := c.write([]byte(end)); err != nil {
			return err
		}
	}
	return nil
}

// maxUnasked is the size of letters up to which a turn costs more than to send one in vain: a larger one waits to be asked
// for, since a server that does not take it has to read it all, or to cut the connection (RFC 7888 §4).
const maxUnasked = 1 << 20

// unasked says whether a letter is sent without being asked for.
func (c *Client) unasked(size int64) bool {
	return size <= maxUnasked && c.caps.Has(goimap.CapLiteralPlus) || size <= maxLiteralMinus && c.caps.Has(goimap.CapLiteralMinus)
}

// maxAppends is how many APPENDs may wait for their answers, which are short.
const maxAppends = 32

// clear waits for what was made before, so that a letter can follow its APPEND at once: all but STATUS, whose answer is short, and
// other APPENDs, where LITERAL+ lets them go without an answer.
func (c *Client) clear() error {
	if err := c.flush(); err != nil {
		return nil // it is the error of whatever comes
	}
	for _, earlier := range slices.Clone(c.flight) {
		switch {
		case earlier.name == "STATUS" && earlier.sent:
			continue
		case earlier.name == "APPEND" && earlier.sent && c.caps.Has(goimap.CapLiteralPlus) && len(c.flight) < maxAppends:
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
			if err == io.ErrUnexpectedEOF || err == io.EOF {
				err = fmt.Errorf("it ends %d octets early: %w", left-int64(n), io.ErrUnexpectedEOF)
			}
			return &LetterError{err}
		}
		left -= int64(n)
		if err := c.write(buf[:n]); err != nil {
			return err
		}
	}
	switch n, err := io.ReadFull(l.Body, buf[:1]); {
	case n > 0:
		return &LetterError{fmt.Errorf("it has more than %d octets", l.Size)}
	case err != io.EOF:
		return &LetterError{err}
	}
	return nil
}
