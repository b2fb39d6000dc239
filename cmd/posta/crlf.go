package main

import (
	"bytes"
	"io"
)

// crlfReader makes the line ends of r CRLF.
type crlfReader struct {
	r    io.Reader
	buf  []byte
	left []byte // of buf
	last byte   // the octet before left
	err  error
}

func (c *crlfReader) Read(p []byte) (n int, err error) {
	for n == 0 && len(p) > 0 {
		if len(c.left) == 0 {
			if c.err != nil {
				return 0, c.err
			}
			c.fill()
			continue
		}
		n = c.convert(p)
	}
	return n, nil
}

func (c *crlfReader) fill() {
	if c.buf == nil {
		c.buf = make([]byte, 32<<10)
	}
	var n int
	n, c.err = c.r.Read(c.buf)
	c.left = c.buf[:n]
}

// convert moves what fits from left to p.
func (c *crlfReader) convert(p []byte) (n int) {
	for n < len(p) && len(c.left) > 0 {
		if c.left[0] == '\n' && c.last != '\r' {
			p[n], c.last = '\r', '\r'
			n++
			continue
		}
		line := len(c.left)
		if i := bytes.IndexByte(c.left[1:], '\n'); i >= 0 {
			line = i + 1
		}
		k := copy(p[n:], c.left[:line])
		n += k
		c.last = c.left[k-1]
		c.left = c.left[k:]
	}
	return n
}
