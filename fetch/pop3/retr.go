package pop3

import (
	"context"
	"fmt"
	"io"
	"iter"
)

// Message is a letter that is coming in. Reading it gives its octets; any error but io.EOF says that it did not come whole.
type Message struct {
	Letter
	body *body
	c    *Client
	cmd  string
}

// Read reads the letter.
func (m *Message) Read(p []byte) (int, error) {
	n, err := m.body.Read(p)
	return n, m.check(err)
}

// WriteTo writes the letter to w without a copy of it.
func (m *Message) WriteTo(w io.Writer) (int64, error) {
	n, err := m.body.WriteTo(w)
	if m.body.err == nil || m.body.err == io.EOF {
		return n, err // w's
	}
	return n, m.check(err)
}

// check breaks the session at an error of the connection.
func (m *Message) check(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return m.c.fail(m.cmd, err)
}

// Retrieve fetches letters by RETR, in the order given, many under way. A Message is valid until the iteration goes on; what
// was not read of it is skipped. With a refused letter the Message has no content, the error is an *Error for which
// Refused is true, and the sequence goes on; any other error ends it. To leave the sequence early ends the session.
func (c *Client) Retrieve(ctx context.Context, letters iter.Seq[Letter]) iter.Seq2[*Message, error] {
	return c.retrieve(ctx, letters, func(l *Letter) string { return fmt.Sprintf("RETR %d", l.Number) },
		func(l *Letter) int64 { return max(l.Size, 0) })
}

// Top is Retrieve for the header and so many lines of the body, by TOP.
func (c *Client) Top(ctx context.Context, letters iter.Seq[Letter], lines int) iter.Seq2[*Message, error] {
	return c.retrieve(ctx, letters, func(l *Letter) string { return fmt.Sprintf("TOP %d %d", l.Number, lines) },
		func(l *Letter) int64 { return min(max(l.Size, 0), 4<<10+int64(lines)*80) })
}

func (c *Client) retrieve(ctx context.Context, letters iter.Seq[Letter], command func(*Letter) string, octets func(*Letter) int64) iter.Seq2[*Message, error] {
	return func(yield func(*Message, error) bool) {
		defer c.conn.Watch(ctx)()
		f := &flight{c: c, command: command, octets: octets}
		f.launch(letters)
		defer f.stop()
		m := &Message{c: c, body: &body{}}
		for {
			if err := f.fill(); err != nil {
				yield(nil, err)
				return
			}
			if len(f.queue) == 0 {
				return
			}
			m.Letter = f.queue[0]
			m.cmd = command(&m.Letter)
			more, err := c.receive(m, yield)
			if err != nil {
				yield(nil, err)
				return
			}
			f.landed()
			if !more {
				if len(f.queue) > 0 && c.broken == nil {
					c.broken = ErrOver // replies are under way that nobody reads
				}
				return
			}
		}
	}
}

// receive reads the reply to one command and yields it. The error is one that ends the session.
func (c *Client) receive(m *Message, yield func(*Message, error) bool) (more bool, err error) {
	if _, err := c.reply(m.cmd); err != nil {
		if keepRefusal(err) != nil {
			return false, err
		}
		*m.body = body{err: io.EOF}
		return yield(m, err), nil
	}
	m.body.reset(c.conn)
	more = yield(m, nil)
	if err := m.body.drain(); err != nil {
		if !more {
			c.fail(m.cmd, err)
			return false, nil
		}
		return false, c.fail(m.cmd, err)
	}
	c.conn.Log.Note("letter %d: %d octets", m.Number, m.body.n)
	return more, nil
}
