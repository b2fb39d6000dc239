package imap

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
)

// window is how many octets of commands may be without an answer. A server that cannot write its answers stops reading;
// if then the client could not write either, both would wait for ever.
const window = 32 << 10

// command is one in flight: sent, or waiting to be.
type command struct {
	tag     string
	name    string // for errors
	mailbox string
	parts   [][]byte
	size    int
	secret  string // what the transcript may show; "": all
	sent    bool
	done    bool
	status  Status
	err     error
	fetch   *Fetch             // whose responses the caller pulls
	ordered bool               // no server starts a FETCH behind it before its end
	saves   bool               // SEARCH whose outcome "$" is
	saved   bool               // FETCH of "$", which no server starts before the SEARCH's end (RFC 5182 §2.1)
	flags   bool               // FETCH responses before its end are its own
	counts  *goimap.StatusData // of STATUS
	told    bool               // counts came
	// nameless is the response that brings its outcome and does not say whose that is: one such command at a time (RFC 9051 §5.5).
	nameless string
	// found reads an ESEARCH that has the command's tag.
	found func(n node) error
	// takes reads an untagged response that belongs to the command, or leaves it alone.
	takes func(p response) (bool, error)
	// end looks at the tagged response, OK or not.
	end func(*Status)
	// more answers a continuation request.
	more func(text string) error
}

// start makes a command of a name and what write adds to it.
func (c *Client) start(name string, write func(*encoder)) *command {
	c.tags++
	cmd := &command{tag: fmt.Sprintf("p%d", c.tags), name: name}
	e := c.encoder(cmd.tag + " " + name)
	if write != nil {
		write(e)
	}
	parts, err := e.finish()
	if err == nil {
		err = c.broken
	}
	if err != nil {
		cmd.done, cmd.err = true, &Error{Command: name, Err: err}
		return cmd
	}
	cmd.parts = parts
	for _, p := range parts {
		cmd.size += len(p)
	}
	c.flight = append(c.flight, cmd)
	return cmd
}

func (c *Client) encoder(begin string) *encoder {
	e := &encoder{buf: []byte(begin), utf8: c.utf8}
	switch {
	case c.caps.Has(goimap.CapLiteralPlus):
		e.literals = literalPlus
	case c.caps.Has(goimap.CapLiteralMinus):
		e.literals = literalMinus
	}
	return e
}

// flush sends what the window has room for, in one write. A command with a synchronizing literal goes alone.
func (c *Client) flush() error {
	pending := 0
	others, saves := false, false // before the command
	var nameless []string
	var out []byte
	for _, cmd := range c.flight {
		waits := cmd.fetch != nil && (others || saves && !cmd.saved) || slices.Contains(nameless, cmd.nameless)
		switch {
		case cmd.ordered: // a server ends what is before it first
			nameless = nil
		case cmd.nameless != "":
			nameless = append(nameless, cmd.nameless)
		}
		// RFC 9051 §5.5: a server may run FETCH beside a SEARCH before it, and Dovecot does. What is before a SELECT ends before it.
		others = !cmd.ordered && (others || cmd.fetch == nil && !cmd.saves)
		saves = !cmd.ordered && (saves || cmd.saves)
		if cmd.sent {
			pending += cmd.size
			continue
		}
		if pending > 0 && (pending+cmd.size > window || len(cmd.parts) > 1) || c.exclusive() || waits {
			break
		}
		cmd.sent = true
		pending += cmd.size
		c.show(cmd)
		out = append(out, cmd.parts[0]...)
		if cmd.parts = cmd.parts[1:]; len(cmd.parts) > 0 || cmd.more != nil {
			break
		}
	}
	return c.write(out)
}

// exclusive says whether a command is under way that the next may not overtake: one that waits to go on.
func (c *Client) exclusive() bool {
	return slices.ContainsFunc(c.flight, func(cmd *command) bool { return cmd.sent && (len(cmd.parts) > 0 || cmd.more != nil) })
}

func (c *Client) show(cmd *command) {
	if cmd.secret != "" {
		c.conn.Log.Secret(cmd.secret)
		return
	}
	if c.conn.Log != nil {
		line, _, _ := strings.Cut(string(cmd.parts[0]), "\r\n")
		c.conn.Log.Sent([]byte(line))
	}
}

// write writes to the server; an error breaks the connection.
func (c *Client) write(out []byte) error {
	if len(out) == 0 {
		return nil
	}
	if c.broken != nil {
		return c.broken
	}
	if _, err := c.out.Write(out); err != nil {
		return c.fail(err)
	}
	return nil
}

// fail breaks the connection: whatever is in flight fails.
func (c *Client) fail(err error) error {
	if c.broken == nil {
		c.broken = err
	}
	for _, cmd := range c.flight {
		cmd.done = true
		cmd.err = &Error{Command: cmd.name, Mailbox: cmd.mailbox, Status: c.bye, Err: c.broken}
	}
	c.flight = nil
	return c.broken
}

// wait reads responses until a command is done, and returns its error.
func (c *Client) wait(cmd *command) error {
	for !cmd.done {
		p, err := c.next()
		if cmd.done {
			break
		}
		if err != nil {
			return &Error{Command: cmd.name, Mailbox: cmd.mailbox, Err: err}
		}
		if p.name == "FETCH" && p.hasNum && c.unread(cmd) {
			// The response has begun to be read; it is what the FETCH's own reader goes on with.
			c.held = &p
			return &Error{Command: cmd.name, Err: ErrUnread}
		}
		if c.dispatch(p) != nil {
			break
		}
	}
	return cmd.err
}

// unread says whether a FETCH response is for a Fetch that waits for its reader.
func (c *Client) unread(cmd *command) bool {
	owner := c.owner()
	return owner != nil && owner != cmd.fetch
}

// next sends what can be sent and reads the begin of a response.
func (c *Client) next() (response, error) {
	if c.in.err != nil {
		return response{}, c.fail(c.in.err)
	}
	if c.reading != nil && !c.reading.done && c.broken == nil {
		return response{}, ErrUnread
	}
	if c.held != nil {
		p := *c.held
		c.held = nil
		return p, nil
	}
	if c.broken != nil {
		return response{}, c.broken
	}
	if err := c.flush(); err != nil {
		return response{}, err
	}
	p, err := c.in.response()
	if err != nil {
		return p, c.fail(err)
	}
	return p, nil
}

// dispatch reads the rest of a response and gives it to whom it belongs.
func (c *Client) dispatch(p response) error {
	err := c.deliver(p)
	if err != nil {
		return c.fail(err)
	}
	return nil
}

// responseCost is what a response counts against maxIgnored besides what is skipped of it: a million to a command.
const responseCost = 16

func (c *Client) deliver(p response) error {
	if err := c.in.ignore(responseCost); err != nil {
		return err
	}
	switch {
	case p.tag == "+":
		return c.goOn(p.status.Text)
	case p.tag != "":
		return c.complete(p)
	case p.status != nil:
		return c.untaggedStatus(p)
	}
	for _, cmd := range c.flight {
		if !cmd.sent || cmd.takes == nil {
			continue
		}
		if taken, err := cmd.takes(p); taken || err != nil {
			return err
		}
	}
	return c.unsolicited(p)
}

// goOn answers a continuation request: the next part of the command under way.
func (c *Client) goOn(text string) error {
	for _, cmd := range c.flight {
		switch {
		case !cmd.sent:
		case len(cmd.parts) > 0:
			part := cmd.parts[0]
			cmd.parts = cmd.parts[1:]
			return c.write(part)
		case cmd.more != nil:
			return cmd.more(text)
		}
	}
	return protocolError("a continuation request that nobody waits for")
}

// errPart is what becomes of a command for more messages than a server treats in one.
var errPart = errors.New("it was done for a part of the messages alone")

// complete ends a command.
func (c *Client) complete(p response) error {
	i := slices.IndexFunc(c.flight, func(cmd *command) bool { return cmd.sent && cmd.tag == p.tag })
	if i < 0 {
		return protocolError("a reply to %.40q, which was not asked", p.tag)
	}
	cmd := c.flight[i]
	if p.status.Type == goimap.StatusResponseTypeOK && len(cmd.parts) > 0 {
		return protocolError("%s: OK before it was sent whole", cmd.name)
	}
	c.flight = slices.Delete(c.flight, i, i+1)
	cmd.done, cmd.status = true, *p.status
	c.in.renew()
	c.changes = 0
	c.settled() // what comes next has its own time
	switch p.status.Type {
	case goimap.StatusResponseTypeOK:
		if p.status.Code == "MESSAGELIMIT" { // RFC 9738 §3.1: OK, but not with all of them
			cmd.err = &Error{Command: cmd.name, Mailbox: cmd.mailbox, Status: *p.status, Err: errPart}
		}
	case goimap.StatusResponseTypeNo, goimap.StatusResponseTypeBad:
		cmd.err = &Error{Command: cmd.name, Mailbox: cmd.mailbox, Status: *p.status}
	default:
		return protocolError("%s: %s as a reply", cmd.name, p.name)
	}
	if cmd.end != nil {
		cmd.end(p.status)
	}
	if p.status.Code == "CAPABILITY" {
		c.setCaps(strings.Fields(p.status.Arg))
	}
	c.alert(p.status)
	return nil
}
