package imap

import (
	"bytes"
	"compress/flate"
	"io"
)

// Compress makes the rest of the session go by DEFLATE (COMPRESS=DEFLATE, RFC 4978). It waits for what is in flight. What
// the server makes of little is bounded like everything else: only literals that the caller reads are long. A server has to
// end what it sends on an octet's boundary (zlib's Z_SYNC_FLUSH), as known ones do; the rest would be waited for.
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
	c.over(flate.NewReader(io.MultiReader(bytes.NewReader(begun), c.conn)), flushed{deflate})
	c.in.kept, c.in.ignored = kept, ignored
	return nil
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
