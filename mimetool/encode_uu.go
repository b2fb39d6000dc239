package mimetool

import (
	"fmt"
	"io"
	"strings"
)

// uuLineOctets is the length of a line of uuencoded data; its first character says so: 'M'.
const uuLineOctets = 45

// uuEncoder is the uuencode of POSIX: "begin MODE NAME", lines of 45 octets, an empty line, "end".
type uuEncoder struct {
	w       io.Writer
	opt     EncodeOptions
	started bool
	line    []byte
	out     []byte
	err     error
}

func newUUEncoder(w io.Writer, opt EncodeOptions) io.WriteCloser {
	return &uuEncoder{w: w, opt: opt, line: make([]byte, 0, uuLineOctets)}
}

// begin appends the first line.
func (e *uuEncoder) begin() {
	if e.started {
		return
	}
	e.started = true
	mode, name := e.opt.Mode&0o777, encodeOneLine(e.opt.Name)
	if mode == 0 {
		mode = 0o644
	}
	if name == "" {
		name = "-"
	}
	e.out = fmt.Appendf(e.out, "begin %03o %s%s", mode, name, e.opt.LineEnd)
}

// encodeOneLine is name without what would end the line or the header field that it stands in.
func encodeOneLine(name string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return '_'
		}
		return r
	}, name)
}

func (e *uuEncoder) Write(p []byte) (int, error) {
	e.begin()
	n := len(p)
	for len(p) > 0 && e.err == nil {
		k := min(len(p), uuLineOctets-len(e.line))
		e.line, p = append(e.line, p[:k]...), p[k:]
		if len(e.line) == uuLineOctets {
			e.encodeLine()
		}
		if len(e.out) >= 32<<10 {
			e.flush()
		}
	}
	return n - len(p), e.err
}

func (e *uuEncoder) encodeLine() {
	e.out = append(e.out, uuChar(byte(len(e.line))))
	for b := e.line; len(b) > 0; b = b[min(3, len(b)):] {
		var g [3]byte
		copy(g[:], b)
		e.out = append(e.out, uuChar(g[0]>>2), uuChar(g[0]<<4&0x30|g[1]>>4), uuChar(g[1]<<2&0x3c|g[2]>>6), uuChar(g[2]&0x3f))
	}
	e.out = append(e.out, e.opt.LineEnd...)
	e.line = e.line[:0]
}

// uuChar is the character of six bits. Zero is a grave accent, since a blank is lost at the end of a line.
func uuChar(b byte) byte {
	if b == 0 {
		return '`'
	}
	return b + ' '
}

func (e *uuEncoder) flush() {
	_, e.err = e.w.Write(e.out)
	e.out = e.out[:0]
}

func (e *uuEncoder) Close() error {
	if e.err != nil {
		return e.err
	}
	e.begin()
	if len(e.line) > 0 {
		e.encodeLine()
	}
	e.out = append(e.out, '`')
	e.out = append(append(append(e.out, e.opt.LineEnd...), "end"...), e.opt.LineEnd...)
	e.flush()
	return e.err
}
