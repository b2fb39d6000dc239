package pop3

import (
	"context"
	"errors"
	"fmt"
)

// Quit deletes letters (DELE) and ends the session (QUIT), in one turn where the server pipelines.
//
// A nil error says that the server said +OK to QUIT: the letters are deleted (RFC 1939 §6), but for those in refused. With
// any other error none, some or all may be: the next session's listing tells. The caller calls Close then.
func (c *Client) Quit(ctx context.Context, letters []Letter) (refused map[int]*Error, err error) {
	defer c.conn.Watch(ctx)()
	if len(letters) == 0 {
		c.conn.SetTimeout(min(c.conn.Timeout(), farewell))
	}
	f := &flight{c: c, n: len(letters) + 1, octets: none, command: func(i int) string {
		if i == len(letters) {
			return "QUIT"
		}
		return fmt.Sprintf("DELE %d", letters[i].Number)
	}}
	for f.done < len(letters) {
		if err := f.fill(); err != nil {
			return refused, err
		}
		_, err := c.reply(f.command(f.done))
		var e *Error
		switch {
		case errors.As(err, &e) && e.Refused():
			if refused == nil {
				refused = map[int]*Error{}
			}
			refused[letters[f.done].Number] = e
		case err != nil:
			return refused, err
		}
		f.landed()
	}
	if err := f.fill(); err != nil {
		return refused, err
	}
	_, err = c.reply("QUIT")
	c.over = true
	return refused, err
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
