package mimetool

import (
	"bytes"
	"io"

	"github.com/segmentio/asm/base64"
)

// RFC 2045 §6.8: lines of at most 76 characters, 57 octets.
const (
	base64LineOctets = 57
	base64LineChars  = 76
	base64BlockLines = 1024
)

// base64Encoder encodes in blocks of many lines: the characters of a block at once, then the line ends between them.
type base64Encoder struct {
	w     io.Writer
	eol   string
	raw   []byte // octets not yet encoded, less than a block
	chars []byte
	out   []byte
	err   error
}

func newBase64Encoder(w io.Writer, opt EncodeOptions) io.WriteCloser {
	e := &base64Encoder{
		w: w, eol: opt.LineEnd,
		raw:   make([]byte, 0, base64BlockLines*base64LineOctets),
		chars: make([]byte, base64BlockLines*base64LineChars),
		out:   make([]byte, 0, base64BlockLines*(base64LineChars+len(opt.LineEnd))),
	}
	if opt.Text {
		// RFC 2045 §6.8: line breaks of text are CRLF before they are encoded.
		return &chainedEncoder{&lineEncoder{w: e, eol: "\r\n"}, e}
	}
	return e
}

func (e *base64Encoder) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 && e.err == nil {
		if len(e.raw) == 0 && len(p) >= cap(e.raw) {
			e.block(p[:cap(e.raw)])
			p = p[cap(e.raw):]
			continue
		}
		k := min(len(p), cap(e.raw)-len(e.raw))
		e.raw, p = append(e.raw, p[:k]...), p[k:]
		if len(e.raw) == cap(e.raw) {
			e.block(e.raw)
			e.raw = e.raw[:0]
		}
	}
	return n - len(p), e.err
}

// block writes the lines of raw, which is a whole number of lines unless it is the last.
func (e *base64Encoder) block(raw []byte) {
	chars := e.chars[:base64.StdEncoding.EncodedLen(len(raw))]
	base64.StdEncoding.Encode(chars, raw)
	out := e.out[:0]
	for len(chars) > 0 {
		k := min(len(chars), base64LineChars)
		out = append(append(out, chars[:k]...), e.eol...)
		chars = chars[k:]
	}
	_, e.err = e.w.Write(out)
}

func (e *base64Encoder) Close() error {
	if e.err == nil && len(e.raw) > 0 {
		e.block(e.raw)
		e.raw = e.raw[:0]
	}
	return e.err
}

// chainedEncoder writes to first, which writes to second; Close ends both.
type chainedEncoder struct{ first, second io.WriteCloser }

func (c *chainedEncoder) Write(p []byte) (int, error) { return c.first.Write(p) }

func (c *chainedEncoder) Close() error {
	if err := c.first.Close(); err != nil {
		return err
	}
	return c.second.Close()
}

// lineEncoder is 7bit and 8bit (RFC 2045 §6.2): the octets themselves, their line ends LF or CRLF written as eol.
type lineEncoder struct {
	w     io.Writer
	eol   string
	only7 bool
	cr    bool // the last octet was a CR, which is not yet written
	buf   []byte
}

func (e *lineEncoder) Write(p []byte) (int, error) {
	if e.only7 && hasHighOctet(p) {
		return 0, ErrNot7bit
	}
	buf := e.buf[:0]
	for rest := p; len(rest) > 0; {
		if e.cr && rest[0] != '\n' {
			buf = append(buf, '\r')
		}
		e.cr = false
		line := rest
		i := bytes.IndexByte(rest, '\n')
		if i >= 0 {
			line, rest = rest[:i], rest[i+1:]
		} else {
			rest = nil
		}
		if k := len(line) - 1; k >= 0 && line[k] == '\r' {
			line, e.cr = line[:k], i < 0
		}
		buf = append(buf, line...)
		if i >= 0 {
			buf = append(buf, e.eol...)
		}
	}
	e.buf = buf
	_, err := e.w.Write(buf)
	return len(p), err
}

func (e *lineEncoder) Close() error {
	if !e.cr {
		return nil
	}
	e.cr = false
	_, err := io.WriteString(e.w, "\r")
	return err
}
