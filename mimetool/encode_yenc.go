package mimetool

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
)

const yEncLineChars = 128

// yEncEncoder is yEnc 1.3 in one part: "=ybegin line=128 size=N name=X", octets plus 42, "=yend size=N crc32=X".
type yEncEncoder struct {
	w     io.Writer
	opt   EncodeOptions
	held  *bytes.Buffer // the content, where its size was not known beforehand
	begun bool
	size  int64
	crc   uint32
	col   int
	out   []byte
	err   error
}

func newYEncEncoder(w io.Writer, opt EncodeOptions) io.WriteCloser {
	e := &yEncEncoder{w: w, opt: opt}
	if opt.Size <= 0 {
		e.held = new(bytes.Buffer)
	}
	return e
}

func (e *yEncEncoder) Write(p []byte) (int, error) {
	if e.held != nil {
		return e.held.Write(p)
	}
	if e.err == nil {
		e.begin()
		e.encode(p)
		_, e.err = e.w.Write(e.out)
		e.out = e.out[:0]
	}
	return len(p), e.err
}

func (e *yEncEncoder) begin() {
	if !e.begun {
		e.begun = true
		e.out = fmt.Appendf(e.out, "=ybegin line=%d size=%d name=%s%s", yEncLineChars, e.opt.Size, encodeOneLine(e.opt.Name), e.opt.LineEnd)
	}
}

func (e *yEncEncoder) encode(p []byte) {
	e.size += int64(len(p))
	e.crc = crc32.Update(e.crc, crc32.IEEETable, p)
	for _, c := range p {
		c += 42
		if e.critical(c) {
			e.out = append(e.out, '=')
			c += 64
			e.col++
		}
		e.out = append(e.out, c)
		if e.col++; e.col >= yEncLineChars {
			e.out = append(e.out, e.opt.LineEnd...)
			e.col = 0
		}
	}
}

// critical says whether c must be escaped where it stands: NUL, LF, CR and "=" always, blanks at the ends of a line,
// and a dot at its start, which SMTP stuffs.
func (e *yEncEncoder) critical(c byte) bool {
	switch c {
	case 0, '\n', '\r', '=':
		return true
	case ' ', '\t':
		return e.col == 0 || e.col >= yEncLineChars-1
	case '.':
		return e.col == 0
	}
	return false
}

func (e *yEncEncoder) Close() error {
	if e.held != nil {
		p := e.held.Bytes()
		e.held, e.opt.Size = nil, int64(len(p))
		if _, err := e.Write(p); err != nil {
			return err
		}
	}
	if e.err != nil {
		return e.err
	}
	e.begin()
	if e.col > 0 {
		// A blank that the content happens to end with stays one: decoders keep what is before the line end.
		e.out = append(e.out, e.opt.LineEnd...)
	}
	e.out = fmt.Appendf(e.out, "=yend size=%d crc32=%08x%s", e.size, e.crc, e.opt.LineEnd)
	_, e.err = e.w.Write(e.out)
	return e.err
}
