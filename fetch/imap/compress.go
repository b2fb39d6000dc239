package imap

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"os"
)

// errFlush is why nothing comes over a compressed session, perhaps.
var errFlush = errors.New("what the server compressed has no end yet, on an octet's boundary: go without compression")

// Compress makes the rest of the session go by DEFLATE (COMPRESS=DEFLATE, RFC 4978). It waits for what is in flight. What
// the server makes of little is bounded like everything else: only literals that the caller reads are long. A server has to
// end what it sends on an octet's boundary (zlib's Z_SYNC_FLUSH), as Dovecot and Cyrus do; for the end of what another one sends
// (Z_PARTIAL_FLUSH) Go's reader waits until the time limit, and the error says so.
func (c *Client) Compress() error {
	if err := c.need("COMPRESS", "COMPRESS=DEFLATE"); err != nil {
		return err
	}
	if err := c.clear(); err != nil {
		return err
	}
	if err := c.wait(c.start("COMPRESS", func(e *encoder) { e.Atom("DEFLATE") })); err != nil {
		return err
	}
	deflate, err := flate.NewWriter(c.conn, flate.DefaultCompression)
	if err != nil {
		return err
	}
	begun := bytes.Clone(c.in.buf[c.in.r:c.in.w]) // compressed already
	kept, ignored := c.in.kept, c.in.ignored
	raw := &limited{Reader: io.MultiReader(bytes.NewReader(begun), c.conn)}
	c.over(&inflated{flate.NewReader(raw), raw}, flushed{deflate})
	c.in.kept, c.in.ignored = kept, ignored
	return nil
}

// limited notes that the time was over for what the server sends.
type limited struct {
	io.Reader
	err error
}

func (r *limited) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		r.err = err
	}
	return n, err
}

// inflated is what the server says. What comes out at an error alone was there before, and of no use to anyone then.
type inflated struct {
	io.Reader
	raw *limited
}

func (r *inflated) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if n > 0 && r.raw.err != nil {
		return 0, fmt.Errorf("%w; %w", r.raw.err, errFlush)
	}
	return n, err
}

// flushed sends each write whole.
type flushed struct{ *flate.Writer }

func (f flushed) Write(p []byte) (int, error) {
	n, err := f.Writer.Write(p)
	if err == nil {
		err = f.Flush()
	}
	return n, err
}
