package imap

import (
	"bytes"
	"errors"
	"io"
	"time"
)

// RawConn is the connection of a Client whose dialogue the caller leads. One goroutine may read while another sends.
type RawConn struct {
	c   *Client
	src io.Reader
}

// unlimited is a time limit where the caller has its own.
const unlimited = 365 * 24 * time.Hour

// errRaw is the error of commands after Raw.
var errRaw = errors.New("the connection is led by hand")

// Raw hands the dialogue over: tags, literals and what the server says are the caller's from now on, and so are time
// limits. Of the Client only Caps, Greeting, TLSState, Watch and Close are of use then. Nothing may be in flight.
func (c *Client) Raw() *RawConn {
	r := &RawConn{c: c, src: io.MultiReader(bytes.NewReader(bytes.Clone(c.in.buf[c.in.r:c.in.w])), c.in.src)}
	c.fail(errRaw)
	c.conn.EndReply()
	c.conn.SetTimeout(unlimited)
	return r
}

// Read reads what the server says, octet for octet. Its end is io.EOF.
func (r *RawConn) Read(p []byte) (int, error) { return r.src.Read(p) }

// Send sends a line, to which it adds CRLF.
func (r *RawConn) Send(line []byte) error {
	r.c.conn.Log.Sent(line)
	return r.write(append(line[:len(line):len(line)], "\r\n"...))
}

// SendSecret is Send for a line that the transcript must not show.
func (r *RawConn) SendSecret(line []byte) error {
	r.c.conn.Log.Secret("")
	return r.write(append(line[:len(line):len(line)], "\r\n"...))
}

// Write sends octets as they are: those of a literal. The transcript does not show them.
func (r *RawConn) Write(p []byte) (int, error) { return r.c.out.Write(p) }

func (r *RawConn) write(p []byte) error {
	_, err := r.c.out.Write(p)
	return err
}

// MaySendSecrets tells whether a login may be sent: the server is verified, or this machine.
func (r *RawConn) MaySendSecrets() bool { return r.c.conn.MaySendSecrets() }
