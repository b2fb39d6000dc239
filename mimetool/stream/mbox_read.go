package stream

import (
	"bytes"
	"io"
	"iter"
	"strconv"
)

const (
	mboxBuffer  = 64 << 10
	fromLineMax = 1000 // a From_ line is looked at so far
)

// mboxReader reads one message after the other from buf, the window on r.
type mboxReader struct {
	r      io.Reader
	format Format
	buf    []byte
	lo, hi int
	err    error // of r; what is in buf comes before it

	ready   []byte // octets of the message that Read has still to give
	inside  bool   // the message goes on
	bol     bool   // the window begins with a line
	header  bool   // of mboxcl2: Content-Length is looked for
	promise int64  // of mboxcl2: Content-Length
	length  int64  // of mboxcl2: octets of the body that are to come as they are
}

func readMbox(r io.Reader, format Format) iter.Seq2[*Message, error] {
	return func(yield func(*Message, error) bool) {
		b := &mboxReader{r: r, format: format, buf: make([]byte, mboxBuffer)}
		if err := b.start(); err != nil {
			if err != io.EOF {
				yield(nil, err)
			}
			return
		}
		for i := 1; ; i++ {
			m := &Message{Reader: b, Index: i, Size: -1}
			if !b.next(m) {
				break
			}
			if !yield(m, nil) {
				return
			}
			b.drain()
		}
		if b.err != nil && b.err != io.EOF {
			yield(nil, b.err)
		}
	}
}

// fill reads more behind the window; false when there is no more.
func (b *mboxReader) fill() bool {
	if b.err != nil {
		return false
	}
	if b.lo > 0 {
		b.hi = copy(b.buf, b.buf[b.lo:b.hi])
		b.lo = 0
	}
	if b.hi == len(b.buf) {
		return false
	}
	for range 100 {
		n, err := b.r.Read(b.buf[b.hi:])
		b.hi += n
		if b.err = err; n > 0 || err != nil {
			return n > 0
		}
	}
	b.err = io.ErrNoProgress
	return false
}

// peek is the window with at least n octets, fewer only at the end.
func (b *mboxReader) peek(n int) []byte {
	for b.hi-b.lo < n && b.fill() {
	}
	return b.buf[b.lo:b.hi]
}

// peekLine is the line that begins at from of the window, whole where it is shorter than a From_ line may be.
func (b *mboxReader) peekLine(from int) []byte {
	for size := from + 64; ; size *= 4 {
		w := b.peek(size)
		w = w[min(from, len(w)):]
		if i := bytes.IndexByte(w, '\n'); i >= 0 {
			return w[:i+1]
		}
		if len(w) < size-from || len(w) > fromLineMax {
			return w
		}
	}
}

// start skips empty lines before the first From_ line.
func (b *mboxReader) start() error {
	for {
		w := b.peek(len("From "))
		switch {
		case len(w) == 0:
			return b.err
		case w[0] == '\n' || w[0] == '\r':
			b.lo++
		case isFromLine(w):
			return nil
		case b.err != nil && b.err != io.EOF:
			return b.err
		default:
			return ErrNotMbox
		}
	}
}

// next reads the From_ line of the next message into m; false at the end.
func (b *mboxReader) next(m *Message) bool {
	line := b.peekLine(0)
	if !isFromLine(line) {
		return false
	}
	m.From, m.NullFrom, m.Date = parseFromLine(line)
	b.lo += len(line)
	for line[len(line)-1] != '\n' { // the rest of an endless one
		line = b.peekLine(0)
		if len(line) == 0 {
			break
		}
		b.lo += len(line)
	}
	b.inside, b.bol, b.ready = true, true, nil
	b.header, b.promise, b.length = b.format == Mboxcl2, 0, 0
	return true
}

func (b *mboxReader) drain() {
	for b.inside {
		b.segment()
	}
}

// Read gives octets of the present message, as many as there are without reading more than it must.
func (b *mboxReader) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(b.ready) == 0 {
			if !b.inside || n > 0 && b.lo == b.hi {
				break
			}
			b.ready = b.segment()
		}
		k := copy(p[n:], b.ready)
		b.ready = b.ready[k:]
		n += k
	}
	switch {
	case n > 0 || len(p) == 0:
		return n, nil
	case b.err != nil && b.err != io.EOF && b.lo == b.hi:
		return 0, b.err
	}
	return 0, io.EOF
}

// segment is the next octets of the message, valid until the next call; none where inside has become false.
func (b *mboxReader) segment() []byte {
	b.ready = nil
	w := b.peek(1)
	if len(w) == 0 {
		b.inside = false
		return nil
	}
	if b.length > 0 {
		return b.counted(w)
	}
	i := 0
	for i < len(w) {
		if b.bol && b.special(w[i]) {
			if i == 0 {
				return b.line()
			}
			break
		}
		j := bytes.IndexByte(w[i:], '\n')
		if b.bol = j >= 0; !b.bol {
			i = len(w)
			break
		}
		i += j + 1
	}
	b.lo += i
	return w[:i]
}

// counted takes what Content-Length promised.
func (b *mboxReader) counted(w []byte) []byte {
	w = w[:min(int64(len(w)), b.length)]
	b.length -= int64(len(w))
	b.lo += len(w)
	b.bol = w[len(w)-1] == '\n' || b.length == 0
	return w
}

// special says whether a line that begins with c must be looked at.
func (b *mboxReader) special(c byte) bool {
	switch c {
	case '\n', '\r', 'F', '>':
		return true
	case 'C', 'c':
		return b.header
	}
	return false
}

// line takes the line that the window begins with.
func (b *mboxReader) line() []byte {
	line := b.peekLine(0)
	switch {
	case emptyLine(line):
		return b.emptyLine(len(line))
	case line[0] == 'F' && isDatedFromLine(line):
		b.inside = false
		return nil
	case line[0] == '>' && b.quoted(line):
		line = line[1:]
		b.lo++
	case b.header:
		b.contentLength(line)
	}
	b.lo += len(line)
	b.bol = line[len(line)-1] == '\n'
	return line
}

func emptyLine(line []byte) bool {
	return line[0] == '\n' || len(line) == 2 && line[0] == '\r' && line[1] == '\n'
}

// emptyLine takes an empty line, n octets long, which belongs to the next From_ line or the end of the stream where
// one of these follows.
func (b *mboxReader) emptyLine(n int) []byte {
	if b.header {
		b.header, b.length = false, b.promise
		if b.length > 0 {
			w := b.peek(n)[:n]
			b.lo += n
			return w
		}
	}
	next := b.peekLine(n)
	w := b.peek(n)[:n]
	b.lo += n
	if len(next) == 0 || isFromLine(next) {
		b.inside = false
		return nil
	}
	b.bol = true
	return w
}

// quoted says whether line is a From_ line with ">" before it that the writer put there.
func (b *mboxReader) quoted(line []byte) bool {
	switch b.format {
	case Mboxrd:
		return isFromLine(bytes.TrimLeft(line, ">"))
	case Mboxo:
		return isFromLine(line[1:])
	}
	return false
}

// contentLength looks for mboxcl2's field in a line of the header.
func (b *mboxReader) contentLength(line []byte) {
	name, value, ok := bytes.Cut(line, []byte(":"))
	if !ok || !bytes.EqualFold(bytes.TrimSpace(name), []byte("Content-Length")) {
		return
	}
	n, err := strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 62)
	if err == nil && n >= 0 {
		b.promise = n
	}
}
