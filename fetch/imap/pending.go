package imap

import (
	goimap "github.com/emersion/go-imap/v2"
)

// Pending is a command that was made and is or will be under way. It goes out with the first wait for it or for any
// later command, together with all that were made before: that is how many are in flight in one turn of the wire. Waits
// may be in any order; responses are kept. A Pending that is never waited for is not an error, but its outcome is lost.
type Pending[T any] struct {
	c    *Client
	cmds []*command
	data *T
}

// Wait waits for the command's end and returns what it brought. Errors are *Error. Waiting again returns the same.
func (p *Pending[T]) Wait() (T, error) {
	var first error
	for _, cmd := range p.cmds {
		if err := p.c.wait(cmd); err != nil && first == nil {
			first = err
		}
	}
	return *p.data, first
}

// None is the data of a command that has none.
type None struct{}

// pend makes a command whose data go into a T.
func pend[T any](c *Client, name, mailbox string, write func(*encoder)) (*Pending[T], *command) {
	cmd := c.start(name, write)
	cmd.setMailbox(mailbox)
	return &Pending[T]{c: c, cmds: []*command{cmd}, data: new(T)}, cmd
}

// setMailbox names the mailbox in the command's error, one that is there already too.
func (cmd *command) setMailbox(name string) {
	cmd.mailbox = name
	if e, ok := cmd.err.(*Error); ok {
		e.Mailbox = name
	}
}

// refuse is a command that is not sent.
func refuse[T any](c *Client, err error) *Pending[T] {
	return &Pending[T]{c: c, cmds: []*command{{done: true, err: err}}, data: new(T)}
}

// simple is a command of one mailbox that brings nothing.
func (c *Client) simple(name, mailbox string) *Pending[None] {
	p, _ := pend[None](c, name, mailbox, func(e *encoder) { c.name(e, mailbox) })
	return p
}

// Create makes a mailbox; use is its special use ("\Sent"), "" for none (RFC 6154).
func (c *Client) Create(mailbox string, use goimap.MailboxAttr) *Pending[None] {
	if use == "" {
		return c.simple("CREATE", mailbox)
	}
	if err := c.need("CREATE", goimap.CapCreateSpecialUse); err != nil {
		return refuse[None](c, err)
	}
	p, _ := pend[None](c, "CREATE", mailbox, func(e *encoder) {
		c.name(e, mailbox)
		e.Atom("(")
		e.Atom("USE")
		e.words(string(use))
		e.Atom(")")
	})
	return p
}

// Delete removes a mailbox with its messages.
func (c *Client) Delete(mailbox string) *Pending[None] { return c.simple("DELETE", mailbox) }

// Subscribe adds a mailbox to those that users want to see.
func (c *Client) Subscribe(mailbox string) *Pending[None] { return c.simple("SUBSCRIBE", mailbox) }

// Unsubscribe takes it from them.
func (c *Client) Unsubscribe(mailbox string) *Pending[None] { return c.simple("UNSUBSCRIBE", mailbox) }

// Rename renames a mailbox and those below it.
func (c *Client) Rename(from, to string) *Pending[None] {
	p, _ := pend[None](c, "RENAME", from, func(e *encoder) {
		c.name(e, from)
		c.name(e, to)
	})
	return p
}

// Noop does nothing, but lets the server tell what is new: see Updates.
func (c *Client) Noop() *Pending[None] {
	p, _ := pend[None](c, "NOOP", "", nil)
	return p
}

// name writes a mailbox's name: in modified UTF-7, unless UTF-8 was agreed on, or the server's own name is neither.
func (c *Client) name(e *encoder, mailbox string) {
	if !c.utf8 && !c.odd[mailbox] {
		mailbox = EncodeUTF7(mailbox)
	}
	e.String(mailbox)
}

// maxOdd and maxOddName bound what is remembered of odd names.
const (
	maxOdd     = 10_000
	maxOddName = 1 << 10
)

// decodeName reads a mailbox's name. One that is no modified UTF-7 stays as it is.
func (c *Client) decodeName(wire string) string {
	if c.utf8 {
		return wire
	}
	if name, ok := DecodeUTF7(wire); ok {
		return name
	}
	return wire
}

// learnName reads a mailbox's name in a list. One that is no modified UTF-7 is sent back by this Client as it came.
// Other responses teach nothing: Dovecot 2.3 has UTF-8 in what NOTIFY tells, and there alone.
func (c *Client) learnName(wire string) string {
	name := c.decodeName(wire)
	if !c.utf8 && name == wire && EncodeUTF7(name) != wire && len(c.odd) < maxOdd && len(wire) <= maxOddName {
		c.odd[wire] = true
	}
	return name
}
