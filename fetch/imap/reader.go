package imap

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"posta/internal/dialer"
)

const (
	bufferSize   = 256 << 10 // at least that of the dialer: its own buffer is passed by
	maxAtom      = 8 << 20   // one atom or quoted string; a sequence set may be long
	maxText      = 8 << 20   // the text of a status response; COPYUID may be long
	maxString    = 4 << 20   // a literal that stands for a string, such as a subject
	maxKept      = 24 << 20  // the values that a command's answer is made of
	maxNodes     = 256 << 10
	maxDepth     = 64       // nested lists that are kept; deeper ones are skipped
	maxIgnored   = 16 << 20 // what is skipped before a command's end or a message asked for
	maxEmptyRead = 100
)

// ErrProtocol is found (errors.Is) in an error whose cause is that the server broke the protocol.
var ErrProtocol = errors.New("the server broke the protocol")

// protocolError says what of the protocol was broken.
func protocolError(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrProtocol}, args...)...)
}

// reader takes the server's octets apart (RFC 9051 §9), tolerantly: it needs two octets of look-ahead, allocates only what
// it returns, and bounds all of that. Its errors are sticky: after one the place in the stream is unknown.
type reader struct {
	src     io.Reader
	buf     []byte
	r, w    int
	err     error
	scratch []byte // the last atom or string
	mail    bool   // the values are those of an ENVELOPE or BODYSTRUCTURE: strings, numbers, NIL and lists
	nodes   int    // of this response
	stack   []node // of the lists that are being read
	slab    []node // of those that have been
	kept    int64  // octets of memory that values took since the last command's end, or message
	ignored int64  // octets skipped since then
	open    *Literal
	doing   Error // what the messages that are read come from
}

func newReader(src io.Reader) *reader { return &reader{src: src, buf: make([]byte, bufferSize)} }

// buffered is how many octets have been received and not been read.
func (r *reader) buffered() int { return r.w - r.r }

// fail makes err the reader's last word.
func (r *reader) fail(err error) error {
	if r.err == nil {
		r.err = err
	}
	return r.err
}

// told is an error as callers outside the package get it: *Error, with the command. io.EOF and nil stay as they are.
func (r *reader) told(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	e := r.doing
	e.Err = err
	return &e
}

// fill reads more, when all that was read is used. The end of the stream is io.ErrUnexpectedEOF: it is never right
// within a response, and the caller knows when it may stand between two.
func (r *reader) fill() error {
	n, err := r.read(r.buf)
	if err == nil {
		r.r, r.w = 0, n
	}
	return err
}

// read reads at least one octet.
func (r *reader) read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	for range maxEmptyRead {
		n, err := r.src.Read(p)
		if n > 0 {
			return n, nil
		}
		if err == io.EOF {
			err = errCut()
		}
		if err != nil {
			return 0, r.fail(err)
		}
	}
	return 0, r.fail(io.ErrNoProgress)
}

// errCut is the end of the stream, where it must not be. It is io.ErrUnexpectedEOF, and may not happen again.
func errCut() error {
	return &dialer.Error{Op: "read from", Addr: "the server", Err: io.ErrUnexpectedEOF, Kind: dialer.Network}
}

// peek returns the next octet without taking it.
func (r *reader) peek() (byte, error) {
	if r.r == r.w {
		if err := r.fill(); err != nil {
			return 0, err
		}
	}
	return r.buf[r.r], nil
}

// atLiteral says whether c, the next octet, begins a literal: {5} or ~{5}. A mailbox may be called ~/mail (RFC 9051 §5.1).
func (r *reader) atLiteral(c byte) (bool, error) {
	if c != '~' {
		return c == '{', nil
	}
	second, err := r.second()
	return second == '{', err
}

// second returns the octet behind the next one, which has been peeked at.
func (r *reader) second() (byte, error) {
	if r.r+1 == r.w { // it is still to come
		r.buf[0] = r.buf[r.r]
		n, err := r.read(r.buf[1:])
		if err != nil {
			return 0, err
		}
		r.r, r.w = 0, 1+n
	}
	return r.buf[r.r+1], nil
}

// accept takes the next octet if it is c.
func (r *reader) accept(c byte) (bool, error) {
	got, err := r.peek()
	if err != nil || got != c {
		return false, err
	}
	r.r++
	return true, nil
}

// spaces skips blanks: one is the rule, more are met.
func (r *reader) spaces() error {
	for {
		if ok, err := r.accept(' '); !ok {
			return err
		}
		if err := r.ignore(1); err != nil {
			return err
		}
	}
}

// take appends to dst up to the octet for which stop is true, which stays.
func (r *reader) take(dst []byte, max int, stop func(byte) bool) ([]byte, error) {
	for {
		if r.r == r.w {
			if err := r.fill(); err != nil {
				return nil, err
			}
		}
		i := r.r
		for i < r.w && !stop(r.buf[i]) {
			i++
		}
		dst = append(dst, r.buf[r.r:i]...)
		found := i < r.w
		if r.r = i; len(dst) > max {
			return nil, r.fail(protocolError("a word of more than %d octets", max))
		}
		if found {
			return dst, nil
		}
	}
}

// text takes the rest of a line, without its end. It counts as ignored: much of what a status says is.
func (r *reader) text() ([]byte, error) {
	r.scratch = r.scratch[:0]
	for {
		if r.r == r.w {
			if err := r.fill(); err != nil {
				return nil, err
			}
		}
		i := bytes.IndexByte(r.buf[r.r:r.w], '\n')
		if i >= 0 {
			r.scratch = append(r.scratch, r.buf[r.r:r.r+i]...)
			r.r += i + 1
			return bytes.TrimSuffix(r.scratch, []byte("\r")), r.ignore(int64(len(r.scratch)))
		}
		r.scratch = append(r.scratch, r.buf[r.r:r.w]...)
		if r.r = r.w; len(r.scratch) > maxText {
			return nil, r.fail(protocolError("a line of more than %d octets", maxText))
		}
	}
}

// discard skips n octets.
func (r *reader) discard(n int64) error {
	for n > 0 {
		if r.r == r.w {
			if err := r.fill(); err != nil {
				return err
			}
		}
		k := min(n, int64(r.w-r.r))
		r.r += int(k)
		n -= k
	}
	return nil
}

// ignore counts what is skipped, so that a server that never stops talking is not listened to for ever.
func (r *reader) ignore(n int64) error {
	if r.ignored += n; r.ignored > maxIgnored {
		return r.fail(protocolError("data without end that nobody asked for"))
	}
	return nil
}

// keep counts what a value takes of memory: its text, and what holds it.
func (r *reader) keep(text []byte) error {
	if r.kept += int64(len(text)) + 32; r.kept > maxKept {
		return r.fail(protocolError("more than %d octets of values", maxKept))
	}
	return nil
}

// renew begins to count anew, after a command's end or where a message begins.
func (r *reader) renew() { r.kept, r.ignored = 0, 0 }

// blank skips one, and counts it: they might not end.
func (r *reader) blank() error {
	r.r++
	return r.ignore(1)
}

// endLine skips the rest of a response, with the literals in it.
func (r *reader) endLine() error {
	for {
		if r.r < r.w && r.buf[r.r] == '\n' { // the usual case: CR is gone, too
			r.r++
			return nil
		}
		if r.w-r.r >= 2 && r.buf[r.r] == '\r' && r.buf[r.r+1] == '\n' {
			r.r += 2
			return nil
		}
		size, more, err := r.skipLine()
		if err != nil || !more {
			return err
		}
		if size > maxIgnored {
			return r.fail(protocolError("a literal of %d octets in what nobody asked for", size))
		}
		if err := r.ignore(size); err != nil {
			return err
		}
		if err := r.discard(size); err != nil {
			return err
		}
	}
}

// skipLine skips to the end of the line, and tells the size of the literal that this end announces.
func (r *reader) skipLine() (size int64, literal bool, err error) {
	var tail []byte
	for {
		if r.r == r.w {
			if err := r.fill(); err != nil {
				return 0, false, err
			}
		}
		chunk := r.buf[r.r:r.w]
		i := bytes.IndexByte(chunk, '\n')
		if i >= 0 {
			chunk = chunk[:i+1]
		}
		r.r += len(chunk)
		if err := r.ignore(int64(len(chunk))); err != nil {
			return 0, false, err
		}
		const longest = len("{18446744073709551615+}\r\n")
		tail = append(tail, chunk[max(0, len(chunk)-longest):]...)
		tail = tail[max(0, len(tail)-longest):]
		if i >= 0 {
			return r.announced(tail)
		}
	}
}

// announced reads {n} or {n+} at the end of a line.
func (r *reader) announced(line []byte) (size int64, literal bool, err error) {
	line = bytes.TrimRight(line, "\r\n")
	open := bytes.LastIndexByte(line, '{')
	if open < 0 || line[len(line)-1] != '}' {
		return 0, false, nil
	}
	digits := bytes.TrimSuffix(line[open+1:len(line)-1], []byte("+"))
	n, ok := number(digits)
	if !ok {
		return 0, false, nil
	}
	if n > maxLiteral {
		return 0, false, r.fail(protocolError("a literal of %d octets", n))
	}
	return int64(n), true, nil
}
