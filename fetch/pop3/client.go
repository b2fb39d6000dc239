package pop3

import (
	"context"
	"crypto/tls"
	"errors"
	"strings"
	"time"

	"posta/internal/dialer"
)

const (
	maxLine  = 16 << 10        // RFC 2449 §4 says 512; SASL's challenges are longer
	farewell = 2 * time.Second // for QUIT where nothing depends on it
)

// Client is a session with a mailbox. It is not safe for concurrent use. After an error that is no refusal only Close
// is left.
type Client struct {
	conn     *dialer.Conn
	cfg      Config
	caps     *Capabilities
	greeting string
	stamp    string // for APOP
	mech     string
	owed     []string // commands whose replies nobody waits for yet
	broken   error
	over     bool // QUIT was said
	closed   bool
}

// Capabilities is what the server said to CAPA, before the login.
func (c *Client) Capabilities() *Capabilities { return c.caps }

// Greeting is the server's first line, without +OK.
func (c *Client) Greeting() string { return c.greeting }

// Mechanism is how Dial logged in: a SASL mechanism, MechanismAPOP or MechanismUSER.
func (c *Client) Mechanism() string { return c.mech }

// TLSState describes the TLS connection; nil: plain text.
func (c *Client) TLSState() *tls.ConnectionState { return c.conn.TLSState() }

// Pipelines says whether commands go out before the replies to earlier ones have come.
func (c *Client) Pipelines() bool {
	switch c.cfg.Pipelining {
	case Always:
		return true
	case Never:
		return false
	}
	return c.caps.Pipelining
}

// Watch lets the end of ctx end the session, until the returned function is called.
func (c *Client) Watch(ctx context.Context) (stop func()) { return c.conn.Watch(ctx) }

// Close ends the connection without QUIT, so that nothing is deleted. It may be called after Quit too.
func (c *Client) Close() error {
	if c.closed {
		return nil
	}
	c.closed = true
	if c.over && c.broken == nil {
		// The server ends the session at QUIT, so nothing can be cut off: TLS's farewell would be one turn more.
		err := c.conn.NetConn().Close()
		c.conn.Close()
		return err
	}
	return c.conn.Close()
}

// send writes one command line.
func (c *Client) send(line string) error { return c.write(line, line) }

// write writes command lines, of which the transcript and errors show no more than shown. Errors name the first.
func (c *Client) write(lines, shown string) error {
	command, _, _ := strings.Cut(shown, "\r\n")
	if err := c.usable(command); err != nil {
		return err
	}
	if lines == shown {
		for _, line := range strings.Split(lines, "\r\n") {
			c.conn.Log.Sent([]byte(line))
		}
	} else {
		c.conn.Log.Secret(shown)
	}
	if _, err := c.conn.Write([]byte(lines + "\r\n")); err != nil {
		return c.fail(command, err)
	}
	return nil
}

func (c *Client) usable(command string) error {
	switch {
	case c.broken != nil:
		return &Error{Command: command, Err: c.broken}
	case c.over || c.closed:
		return &Error{Command: command, Err: ErrOver}
	}
	return nil
}

// ask sends a command and reads the text of its one-line reply.
func (c *Client) ask(command string) (string, error) {
	if err := c.write(command, command); err != nil {
		return "", err
	}
	return c.reply(command)
}

// reply reads the first line of the reply to command: what follows +OK, or an *Error.
func (c *Client) reply(command string) (string, error) {
	for len(c.owed) > 0 {
		owed := c.owed[0]
		c.owed = c.owed[1:]
		var refused *Error
		if _, err := c.status(owed); err != nil && !(errors.As(err, &refused) && refused.Refused()) {
			return "", err
		}
	}
	return c.status(command)
}

func (c *Client) status(command string) (string, error) {
	line, err := c.readLine(command)
	if err != nil {
		return "", err
	}
	switch word, text := splitStatus(line); word {
	case "+OK":
		return text, nil
	case "-ERR":
		return "", refusal(command, text)
	}
	return "", c.fail(command, unexpected("it said %.80q", line))
}

// readLine reads a line within the time limit of one.
func (c *Client) readLine(command string) ([]byte, error) {
	if c.broken != nil {
		return nil, &Error{Command: command, Err: c.broken}
	}
	line, err := c.conn.ReadLine(maxLine)
	if err != nil {
		var conn *dialer.Error
		if errors.As(err, &conn) && conn.Kind == dialer.Protocol {
			err = unexpected("%w", conn)
		}
		return nil, c.fail(command, cut(err))
	}
	c.conn.Log.Received(line)
	return line, nil
}

// splitStatus cuts the status indicator from the text. Servers write it small now and then.
func splitStatus(line []byte) (word, text string) {
	w, t, _ := strings.Cut(string(line), " ")
	return strings.ToUpper(w), strings.TrimSpace(t)
}

// fail breaks the session.
func (c *Client) fail(command string, err error) *Error {
	e := &Error{Command: command, Err: err}
	if c.broken == nil {
		c.broken = err
	}
	return e
}
