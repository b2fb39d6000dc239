package sendmail

import (
	"context"
	"strings"
	"time"
)

// Command sends a command line that is none of a letter's, and returns its reply whatever it says. The line must
// be one line; the stage of errors is its verb in lower case.
func (c *Client) Command(ctx context.Context, line string) (*Reply, error) {
	verb, _, _ := strings.Cut(line, " ")
	stage := strings.ToLower(verb)
	if verb == "" || len(line) > maxCommand || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return nil, &EnvelopeError{"a command that is not one line"}
	}
	defer c.conn.Watch(ctx)()
	if err := c.send(stage, line); err != nil {
		return nil, err
	}
	return c.reply(stage)
}

// command is Command whose refusal is an *Error.
func (c *Client) command(ctx context.Context, words ...string) (*Reply, error) {
	r, err := c.Command(ctx, strings.TrimRight(strings.Join(words, " "), " "))
	if err == nil && !r.OK() {
		return r, refusal(strings.ToLower(words[0]), r)
	}
	return r, err
}

// Reset says RSET: no transaction is open then.
func (c *Client) Reset(ctx context.Context) error {
	_, err := c.command(ctx, "RSET")
	if err == nil {
		c.dirty = false
	}
	return err
}

// Noop says NOOP: is the server still there?
func (c *Client) Noop(ctx context.Context) error {
	_, err := c.command(ctx, "NOOP")
	return err
}

// Verify says VRFY. A reply 252 is positive, yet says that the server does not tell.
func (c *Client) Verify(ctx context.Context, who string) (*Reply, error) {
	return c.command(ctx, append([]string{"VRFY", who}, c.utf8Param(who)...)...)
}

// Expand says EXPN, for the members of a list.
func (c *Client) Expand(ctx context.Context, list string) (*Reply, error) {
	return c.command(ctx, append([]string{"EXPN", list}, c.utf8Param(list)...)...)
}

// utf8Param is the parameter of RFC 6531 §3.7.4.2.
func (c *Client) utf8Param(arg string) []string {
	if ascii(arg) {
		return nil
	}
	return []string{"SMTPUTF8"}
}

// Help says HELP, with a topic or "".
func (c *Client) Help(ctx context.Context, topic string) (*Reply, error) {
	return c.command(ctx, "HELP", topic)
}

// Turn says ETRN (RFC 1985): the server is to send now what it holds for a node.
func (c *Client) Turn(ctx context.Context, node string) (*Reply, error) {
	return c.command(ctx, "ETRN", node)
}

// Quit says QUIT, waits for the reply two seconds at most, and closes the connection. Close does not wait.
func (c *Client) Quit(ctx context.Context) (*Reply, error) {
	if c.Broken() {
		return nil, c.Close()
	}
	c.conn.SetTimeout(min(farewell, c.conn.Timeout()))
	ctx, cancel := context.WithTimeout(ctx, farewell+time.Second)
	defer cancel()
	r, err := c.Command(ctx, "QUIT")
	c.gone = true
	if e := c.Close(); err == nil {
		err = e
	}
	return r, err
}
