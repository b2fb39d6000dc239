package pop3

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
)

// Quit deletes letters (DELE) and ends the session (QUIT), in one turn where the server pipelines; letters may be nil. Refused is
// told of those that the server does not delete, each as it says so; it may be nil.
//
// A nil error says that the server said +OK to QUIT: the letters are deleted (RFC 1939 §6), but for those refused. With
// any other error none, some or all may be: the next session's listing tells. The caller calls Close then.
func (c *Client) Quit(ctx context.Context, letters iter.Seq[Letter], refused func(Letter, *Error)) error {
	defer c.conn.Watch(ctx)()
	if letters == nil {
		letters = slices.Values[[]Letter](nil)
		c.conn.SetTimeout(min(c.conn.Timeout(), farewell))
	}
	f := &flight{c: c, octets: none, last: "QUIT", command: func(l *Letter) string { return fmt.Sprintf("DELE %d", l.Number) }}
	f.launch(letters)
	defer f.stop()
	for {
		if err := f.fill(); err != nil {
			return err
		}
		if len(f.queue) == 0 {
			break
		}
		_, err := c.reply(f.command(&f.queue[0]))
		var e *Error
		if errors.As(err, &e) && e.Refused() {
			if refused != nil {
				refused(f.queue[0], e)
			}
		} else if err != nil {
			return err
		}
		f.landed()
	}
	_, err := c.reply(f.last)
	c.over = true
	return err
}

// Noop is NOOP.
func (c *Client) Noop() error {
	_, err := c.ask("NOOP")
	return err
}

// Reset is RSET: no letter is marked as deleted any more.
func (c *Client) Reset() error {
	_, err := c.ask("RSET")
	return err
}
