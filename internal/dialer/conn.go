package dialer

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"time"

	"posta/internal/transcript"
)

// bufferSize is that of the read buffer; larger reads go past it.
const bufferSize = 256 << 10

// closing is how long Close may take to say goodbye to TLS.
const closing = time.Second

// Conn is a connection to a mail server. One goroutine may read while another writes; Close, Watch and SetTimeout may
// be called from any. After an error of reading or writing the connection is of no use but to be closed. Errors are
// *Error, but for Read's io.EOF.
type Conn struct {
	Log *transcript.Log // of the Config; the protocol writes its lines there. May be nil

	cfg     Config
	raw     *limited
	tls     *tls.Conn // nil: plain text
	rw      net.Conn  // tls, or raw
	br      *bufio.Reader
	line    []byte // a line longer than the buffer
	inReply bool
}

func newConn(nc net.Conn, cfg Config) *Conn {
	raw := newLimited(nc, cfg.Timeout)
	return &Conn{Log: cfg.Log, cfg: cfg, raw: raw, rw: raw, br: bufio.NewReaderSize(raw, bufferSize)}
}

// Read reads bulk data, such as a message. The peer must send at least the minimal rate, else it is a time-out.
// The end of the stream is io.EOF.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.br.Read(p)
	if err != nil && err != io.EOF {
		err = c.error("read from", err)
	}
	return n, err
}

// Write writes p whole, by one system call where the kernel takes it (and one TLS record for each 16 KiB). The peer
// must take at least the minimal rate, else it is a time-out.
func (c *Conn) Write(p []byte) (int, error) {
	n, err := c.rw.Write(p)
	if err != nil {
		err = c.error("write to", err)
	}
	return n, err
}

// Buffered returns how many octets can be read without waiting.
func (c *Conn) Buffered() int { return c.br.Buffered() }

// Peek returns the next n octets without taking them, n at most 262144. They are valid until the next read.
func (c *Conn) Peek(n int) ([]byte, error) {
	p, err := c.br.Peek(n)
	if err != nil && err != io.EOF {
		err = c.error("read from", err)
	}
	return p, err
}

// Discard skips the next n octets.
func (c *Conn) Discard(n int) (int, error) {
	n, err := c.br.Discard(n)
	if err != nil && err != io.EOF {
		err = c.error("read from", err)
	}
	return n, err
}

// Secure tells whether the connection is TLS with a server that was verified by chain and name, or by its pin.
func (c *Conn) Secure() bool { return c.tls != nil && c.cfg.Verify == nil }

// Loopback tells whether the peer is this machine: a loopback address or a Unix socket, and no proxy between.
func (c *Conn) Loopback() bool {
	return c.cfg.Proxy == nil && isLoopback(c.raw.RemoteAddr())
}

// MaySendSecrets tells whether credentials may be sent.
func (c *Conn) MaySendSecrets() bool { return c.Secure() || c.Loopback() }

// TLSState describes the TLS connection; nil: plain text.
func (c *Conn) TLSState() *tls.ConnectionState {
	if c.tls == nil {
		return nil
	}
	state := c.tls.ConnectionState()
	return &state
}

// NetConn returns the transport connection. Reading or writing it goes past buffer, TLS and time limit.
func (c *Conn) NetConn() net.Conn { return c.raw.Conn }

// RemoteAddr is the address of the peer, or of the proxy.
func (c *Conn) RemoteAddr() net.Addr { return c.raw.RemoteAddr() }

// LocalAddr is this end's address.
func (c *Conn) LocalAddr() net.Addr { return c.raw.LocalAddr() }

// Timeout returns the time limit.
func (c *Conn) Timeout() time.Duration { return c.raw.timeout() }

// SetTimeout changes the time limit, from the next wait on: shorter for a farewell, longer for IDLE.
func (c *Conn) SetTimeout(d time.Duration) { c.raw.limit.Store(int64(d)) }

// Close closes the connection and ends any read or write. It waits for nothing but, a second at most, for room to
// write the farewell of TLS.
func (c *Conn) Close() error {
	c.raw.limit.Store(int64(min(c.raw.timeout(), closing)))
	if c.raw.dead.Load() != nil {
		return c.raw.Conn.Close()
	}
	return c.rw.Close()
}
