package sendmail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"

	"posta/internal/dialer"
)

// farewell is how long writing or answering QUIT may take.
const farewell = 2 * time.Second

// Client is a connection to a server, ready for letters. It is not safe for concurrent use. After an error that
// is not a server's refusal, Broken says so and only Close is left.
type Client struct {
	conn     *dialer.Conn
	cfg      Config
	name     string // ours, as EHLO said it
	greeting *Reply
	hello    *Reply
	ext      *Extensions
	mech     string // of AUTH
	times    Times
	marked   time.Time // end of the last stage
	heard    time.Time // when the last reply came
	secrets  []string  // what AUTH has told, until it is over
	dirty    bool      // a transaction is open: RSET before the next
	broken   error
	gone     bool // QUIT was said
	closed   bool // the connection is
}

// Dial connects, reads the greeting, says EHLO (or HELO, or LHLO), starts TLS and authenticates, as cfg asks. Errors are
// *Error (the server's refusal, or a broken dialogue), *dialer.Error (TLSRefused where STARTTLS is missing or refused:
// there is no fallback) or internal/sasl's within an *Error of StageAUTH. The end of ctx ends the dialling; a later end
// does not touch the Client. The caller closes the Client.
func Dial(ctx context.Context, cfg Config) (*Client, error) {
	c := &Client{cfg: cfg, ext: new(Extensions), marked: time.Now()}
	conn, err := dialer.Dial(ctx, cfg.Dialer)
	if err != nil {
		return nil, err
	}
	c.conn = conn
	c.mark("connect")
	stop := conn.Watch(ctx)
	err = c.open(ctx)
	stop()
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// open is the dialogue before the first letter.
func (c *Client) open(ctx context.Context) error {
	if c.cfg.Window <= 0 {
		c.cfg.Window = defaultWindow
	}
	var err error
	if c.name, err = c.cfg.localName(c.conn.LocalAddr()); err != nil {
		return err
	}
	if err := c.readGreeting(); err != nil {
		return err
	}
	if err := c.sayHello(); err != nil {
		return err
	}
	if c.cfg.Dialer.Security == dialer.StartTLS {
		if err := c.startTLS(ctx); err != nil {
			return err
		}
		if err := c.sayHello(); err != nil { // RFC 3207 §4.2: what was offered before counts no more
			return err
		}
	}
	if c.cfg.Auth != nil {
		return c.authenticate()
	}
	return nil
}

// mark ends a stage.
func (c *Client) mark(stage string) {
	now := time.Now()
	c.times.add(stage, now.Sub(c.marked))
	c.marked = now
}

// Greeting is the server's first reply.
func (c *Client) Greeting() *Reply { return c.greeting }

// Hello is the server's reply to the last EHLO, HELO or LHLO.
func (c *Client) Hello() *Reply { return c.hello }

// Extensions is what the server offers.
func (c *Client) Extensions() *Extensions { return c.ext }

// Mechanism is the SASL mechanism that AUTH used, "" without AUTH.
func (c *Client) Mechanism() string { return c.mech }

// TLSState describes the TLS connection; nil: plain text.
func (c *Client) TLSState() *tls.ConnectionState { return c.conn.TLSState() }

// Times is how long the stages of Dial took.
func (c *Client) Times() Times { return c.times }

// Broken says whether the connection is of no more use.
func (c *Client) Broken() bool { return c.broken != nil || c.gone }

// Close says QUIT where it is still due, without waiting for the reply, and closes the connection.
func (c *Client) Close() error {
	if !c.Broken() {
		c.gone = true
		c.conn.SetTimeout(farewell)
		c.conn.Log.Sent([]byte("QUIT"))
		c.conn.Write([]byte("QUIT\r\n")) // the letters have their replies; the server may be gone already
	}
	if c.closed {
		return nil
	}
	c.closed = true
	if c.gone && c.broken == nil {
		// The server ends the session at QUIT, so nothing can be cut off: TLS's farewell would be one turn more.
		err := c.conn.NetConn().Close()
		c.conn.Close()
		return err
	}
	return c.conn.Close()
}

// send writes one command line.
func (c *Client) send(stage, line string) error {
	if c.Broken() {
		return c.brokenError(stage)
	}
	c.conn.Log.Sent([]byte(line))
	return c.write(stage, line)
}

// sendSecret writes a line of which the transcript may show only the beginning.
func (c *Client) sendSecret(stage, line, shown string) error {
	if c.Broken() {
		return c.brokenError(stage)
	}
	c.conn.Log.Secret(shown)
	if hidden := strings.TrimSpace(strings.TrimPrefix(line, shown)); len(hidden) > 1 { // not "=", nor "*"
		c.secrets = append(c.secrets, hidden)
	}
	return c.write(stage, line)
}

func (c *Client) write(stage, line string) error {
	if c.conn.Buffered() > 0 { // it would be taken for the reply
		return c.fail(stage, fmt.Errorf("%w: a reply that was not asked for", ErrProtocol))
	}
	if _, err := c.conn.Write([]byte(line + "\r\n")); err != nil {
		return c.fail(stage, err)
	}
	return nil
}

// reply reads a reply to what was sent at a stage.
func (c *Client) reply(stage string) (*Reply, error) {
	r, err := readReply(c.conn, c.secrets...)
	if err != nil {
		return nil, c.fail(stage, err)
	}
	c.heard = time.Now()
	if r.Code == 421 { // RFC 5321 §3.8: the server closes the connection, whatever was asked
		c.broken = refusal(stage, r)
	}
	return r, nil
}

// fail breaks the connection.
func (c *Client) fail(stage string, err error) *Error {
	e := &Error{Stage: stage, Err: err}
	c.broken = e
	return e
}

func (c *Client) brokenError(stage string) *Error {
	if c.broken == nil {
		return &Error{Stage: stage, Err: errors.New("the session is over")}
	}
	return &Error{Stage: stage, Err: c.broken}
}

// transcribed is a connection whose replies are written down.
type transcribed struct {
	*dialer.Conn
	secrets []string
}

func (t transcribed) ReadLine(max int) ([]byte, error) {
	line, err := t.Conn.ReadLine(max)
	if err == nil {
		line = blot(line, t.secrets)
		t.Log.Received(line)
	}
	return line, err
}

// readReply reads a reply within the time limit of one. Secrets that it repeats are blotted out.
func readReply(conn *dialer.Conn, secrets ...string) (*Reply, error) {
	conn.StartReply()
	defer conn.EndReply()
	r, err := parseReply(transcribed{conn, secrets})
	var transport *dialer.Error
	if errors.As(err, &transport) && transport.Kind == dialer.Protocol {
		err = fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	return r, err
}
