package imap

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"posta/internal/dialer"
	"posta/internal/sasl"
)

// farewell is how long writing LOGOUT and waiting for its answer may take.
const farewell = 2 * time.Second

// Config says where to connect and how to log in. It can be used for many connections at once.
type Config struct {
	Dialer    dialer.Config
	Auth      *sasl.Credentials // nil: no login
	Mechanism string            // forced SASL mechanism; "" the strongest; "LOGIN" may be the command of that name
	Compress  bool              // DEFLATE after the login, where the server offers it: one turn more; see Client.Compress
}

// Client is a connection to a server, past its greeting, STARTTLS and login. It is not safe for concurrent use. After
// an error that is not a server's NO or BAD, Broken says so and only Close is left.
type Client struct {
	conn      *dialer.Conn
	cfg       Config
	in        *reader
	out       io.Writer
	greeting  Status
	caps      goimap.CapSet
	capsKnown bool
	on        []string // what ENABLE switched on
	mech      string
	utf8      bool
	tags      int
	flight    []*command
	held      *response // begun to be read, and not given to anyone yet
	reading   *Message  // of a Fetch, perhaps not at its end
	message   Message   // one that came unasked
	updates   []Update
	updated   int      // octets
	notified  bool     // NOTIFY was asked for
	watched   []string // mailboxes that NOTIFY was asked for; nil: all of which it tells
	changes   uint64   // FETCH responses without content since the last command's end
	mailbox   string   // selected
	exists    uint32
	odd       map[string]bool // mailbox names that are not to be encoded
	bye       Status
	leaving   bool
	broken    error
	closed    bool
	settled   func() // begins a new time limit
}

// Dial connects, reads the greeting, starts TLS and logs in, as cfg asks. Errors are *Error (the server's refusal, a broken
// dialogue, or internal/sasl's within it) or *dialer.Error (TLSRefused where STARTTLS is missing, refused, or too
// late after PREAUTH: there is no fallback). The end of ctx ends the dialling; a later end does not touch the Client, but
// see Watch. The caller closes the Client.
func Dial(ctx context.Context, cfg Config) (*Client, error) {
	conn, err := dialer.Dial(ctx, cfg.Dialer)
	if err != nil {
		return nil, err
	}
	c := &Client{conn: conn, cfg: cfg, caps: goimap.CapSet{}, odd: map[string]bool{}, settled: conn.EndReply}
	c.over(conn, conn)
	stop := conn.Watch(ctx)
	err = c.open(ctx)
	stop()
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// over makes the dialogue go over in and out.
func (c *Client) over(in io.Reader, out io.Writer) {
	if c.conn.Log != nil {
		in = &transcribed{in: in, log: c.conn.Log}
	}
	c.in, c.out = newReader(in), out
}

// Watch lets the end of ctx end the connection, with whatever waits for it. The returned function ends the watching and
// must be called.
func (c *Client) Watch(ctx context.Context) (stop func()) { return c.conn.Watch(ctx) }

// Greeting is the server's first response.
func (c *Client) Greeting() Status { return c.greeting }

// Caps is what the server offers, as it said last. Names are in upper case, but for IMAP4rev1 and IMAP4rev2.
func (c *Client) Caps() goimap.CapSet { return c.caps }

// Mechanism is how the login was done: a SASL mechanism, "LOGIN" or, after PREAUTH or without a login, "".
func (c *Client) Mechanism() string { return c.mech }

// TLSState describes the TLS connection; nil: plain text.
func (c *Client) TLSState() *tls.ConnectionState { return c.conn.TLSState() }

// Selected is the mailbox that is selected, "" for none, and the number of its messages, as told last.
func (c *Client) Selected() (mailbox string, messages uint32) { return c.mailbox, c.exists }

// Broken says whether the connection is of no more use.
func (c *Client) Broken() bool { return c.broken != nil || c.in.err != nil || c.leaving }

// Logout says LOGOUT, waits two seconds at most for the answer, and closes the connection. What is in flight is
// waited for, too. Nothing depends on the answer: an error is that of closing.
func (c *Client) Logout() error {
	if !c.Broken() && c.reading == nil && c.held == nil {
		c.leaving = true
		c.conn.SetTimeout(min(c.conn.Timeout(), farewell))
		c.wait(c.start("LOGOUT", nil))
	}
	return c.Close()
}

// Close closes the connection. It says LOGOUT first if nothing is in flight, and does not wait for the answer.
func (c *Client) Close() error {
	if c.closed {
		return nil
	}
	if !c.Broken() && len(c.flight) == 0 && c.reading == nil {
		c.leaving = true
		c.conn.SetTimeout(min(c.conn.Timeout(), farewell))
		c.start("LOGOUT", nil)
		c.flush() // the server may be gone already
	}
	c.closed = true
	c.fail(errors.New("the connection is closed"))
	return c.conn.Close()
}

// setCaps keeps what CAPABILITY said.
func (c *Client) setCaps(list []string) {
	caps := make(goimap.CapSet, len(list))
	for _, name := range list {
		switch name = strings.ToUpper(name); name {
		case "IMAP4REV1":
			name = string(goimap.CapIMAP4rev1)
		case "IMAP4REV2":
			name = string(goimap.CapIMAP4rev2)
		}
		caps[goimap.Cap(name)] = struct{}{}
	}
	c.caps, c.capsKnown = caps, true
	_, rev1 := caps[goimap.CapIMAP4rev1]
	_, rev2 := caps[goimap.CapIMAP4rev2]
	c.utf8 = c.utf8 || rev2 && !rev1 // RFC 9051 §6.3.1: there is nothing to be ENABLEd then
}

// mechanisms are the SASL mechanisms that the server offers.
func (c *Client) mechanisms() []string {
	list := c.caps.AuthMechanisms()
	slices.Sort(list)
	return list
}

// need is the error of a command that the server does not offer, by the capabilities any of which would do.
func (c *Client) need(command string, any ...goimap.Cap) error {
	if slices.ContainsFunc(any, c.caps.Has) {
		return nil
	}
	return &Error{Command: command, Err: unsupported(any[0])}
}

func unsupported(capability goimap.Cap) error {
	return &unsupportedError{string(cmp.Or(capability, "it"))}
}

// unsupportedError names what is missing.
type unsupportedError struct{ capability string }

func (e *unsupportedError) Error() string        { return "the server does not offer " + e.capability }
func (e *unsupportedError) Is(target error) bool { return target == ErrUnsupported }
