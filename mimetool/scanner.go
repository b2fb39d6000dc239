package mimetool

import (
	"bytes"
	"io"
)

// blockSize is what a scanner reads at once. A whole small message fits in, so that it costs one read.
const blockSize = 64 << 10

// A scanner is a window on a stream: buf[lo:hi] is read and not consumed.
type scanner struct {
	r      io.Reader
	buf    []byte
	lo, hi int
	off    int64 // of buf[lo] from the stream's start
	err    error // of the last read; io.EOF too
}

func (s *scanner) reset(r io.Reader) {
	s.r, s.lo, s.hi, s.off, s.err = r, 0, 0, 0, nil
	if s.buf == nil {
		s.buf = make([]byte, blockSize)
	}
}

// window is what is there to be looked at.
func (s *scanner) window() []byte { return s.buf[s.lo:s.hi] }

// fill reads more. It is false when the window cannot grow: at the stream's end, or when it is the whole buffer.
func (s *scanner) fill() bool {
	if s.err != nil {
		return false
	}
	if s.lo > 0 {
		s.hi = copy(s.buf, s.buf[s.lo:s.hi])
		s.lo = 0
	}
	if s.hi == len(s.buf) {
		return false
	}
	for range 100 {
		n, err := s.r.Read(s.buf[s.hi:])
		s.hi += n
		s.err = err
		if n > 0 || err != nil {
			return n > 0
		}
	}
	s.err = io.ErrNoProgress
	return false
}

// consume moves the window on.
func (s *scanner) consume(n int) {
	s.lo += n
	s.off += int64(n)
}

// line is the line at the window's start with its line end. It is not whole (a piece of a line longer than the buffer,
// or the stream's last without a line end) when it does not end in LF. Empty: the stream's end.
func (s *scanner) line() []byte {
	from := 0
	for {
		w := s.window()
		if i := bytes.IndexByte(w[from:], '\n'); i >= 0 {
			return w[:from+i+1]
		}
		from = len(w)
		if !s.fill() {
			return s.window()
		}
	}
}

// peek is at least n octets of the window, fewer at the stream's end or the buffer's.
func (s *scanner) peek(n int) []byte {
	for s.hi-s.lo < n && s.fill() {
	}
	return s.window()
}

// readError is how the stream ended: io.EOF, or what went wrong.
func (s *scanner) readError() error {
	if s.err == nil {
		return io.EOF
	}
	return s.err
}
