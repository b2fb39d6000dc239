package pop3

import (
	"bytes"
	"io"
)

// source is what a body needs of a connection.
type source interface {
	Peek(n int) ([]byte, error)
	Discard(n int) (int, error)
	Buffered() int
}

// body reads the lines of a multi-line reply up to the one that is "." alone, dot-stuffing undone (RFC 1939 §3). A line
// ends with CRLF and with nothing else: the server stuffs no other.
type body struct {
	src  source
	bol  bool // at the beginning of a line
	cr   bool // the last octet was a CR
	skip int  // of what next gave, to be taken from the source
	rest []byte
	out  []byte // small pieces, for WriteTo
	n    int64  // octets given
	err  error  // io.EOF: the end was seen
}

// reset begins a reply.
func (b *body) reset(src source) {
	*b = body{src: src, bol: true, out: b.out[:0]}
}

// next gives the next piece, valid until the next call.
func (b *body) next() ([]byte, error) {
	if b.err != nil {
		return nil, b.err
	}
	if b.skip > 0 {
		b.src.Discard(b.skip)
		b.skip = 0
	}
	if b.bol {
		if b.err = b.lineStart(); b.err != nil {
			return nil, b.err
		}
		b.bol = false
	}
	p, err := b.block()
	if err != nil {
		b.err = err
		return nil, err
	}
	n := len(p)
	switch i := bytes.Index(p, []byte("\r\n.")); {
	case b.cr && p[0] == '\n':
		n, b.bol = 1, true
	case i >= 0:
		n, b.bol = i+2, true
	default:
		b.bol = bytes.HasSuffix(p, []byte("\r\n"))
	}
	b.cr = p[n-1] == '\r'
	b.skip = n
	b.n += int64(n)
	return p[:n], nil
}

// block gives all that can be had without waiting, one octet at least.
func (b *body) block() ([]byte, error) {
	if _, err := b.src.Peek(1); err != nil {
		return nil, cut(err)
	}
	return b.src.Peek(b.src.Buffered())
}

// lineStart takes the dot with which a line begins. After it three octets at least are to come.
func (b *body) lineStart() error {
	p, err := b.src.Peek(1)
	if err != nil {
		return cut(err)
	}
	if p[0] != '.' {
		return nil
	}
	if p, err = b.src.Peek(3); err != nil {
		return cut(err)
	}
	if p[1] == '\r' && p[2] == '\n' {
		b.src.Discard(3)
		return io.EOF
	}
	b.src.Discard(1)
	return nil
}

// Read gives the octets of the letter.
func (b *body) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(b.rest) == 0 {
		var err error
		if b.rest, err = b.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

const (
	smallPiece = 4 << 10
	outSize    = 32 << 10
)

// WriteTo writes what is left of the letter: large pieces as they stand in the connection's buffer, small ones together.
func (b *body) WriteTo(w io.Writer) (written int64, err error) {
	write := func(p []byte) error {
		n, err := w.Write(p)
		written += int64(n)
		return err
	}
	p := b.rest
	b.rest = nil
	for {
		switch {
		case len(b.out) == 0 && len(p) >= smallPiece:
			err = write(p)
		default:
			if b.out = append(b.out, p...); len(b.out) >= outSize {
				err = write(b.out)
				b.out = b.out[:0]
			}
		}
		if err != nil {
			return written, err
		}
		if p, err = b.next(); err != nil {
			break
		}
	}
	if err == io.EOF {
		err = nil
	}
	if len(b.out) > 0 && err == nil {
		err = write(b.out)
	}
	b.out = b.out[:0]
	return written, err
}

// drain reads what is left.
func (b *body) drain() error {
	for {
		if _, err := b.next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}
