package imap

import (
	"bytes"
	"io"
)

// Literal is the content of a section of a message as it comes from the server: octets of a known number, read once.
// It is valid until the next call of Message.Next. Reading it to its end is not needed, but costs less than it seems:
// what is left unread is received all the same.
//
// io.EOF comes after exactly Size octets and never before: a connection that ends in a literal is an *Error that is
// Temporary (io.ErrUnexpectedEOF within it), and so the copy is known to be short.
type Literal struct {
	Section string // "BODY[]", "BODY[1.MIME]", "BINARY[2]", "RFC822", in upper case but for header names' own
	Offset  int64  // of a partial fetch, its first octet; -1: the section is whole
	Size    int64  // octets
	NIL     bool   // the server has no such section: Size is 0

	r      *reader
	left   int64
	memory []byte // of a section that came as a quoted string
}

// Left is how many octets have not been read.
func (l *Literal) Left() int64 { return l.left }

// Read reads what has come, or waits for more. Errors are *Error: the connection is broken.
func (l *Literal) Read(p []byte) (int, error) {
	if l.left == 0 {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	if int64(len(p)) > l.left {
		p = p[:l.left]
	}
	n, err := l.read(p)
	l.left -= int64(n)
	return n, l.r.told(err)
}

func (l *Literal) read(p []byte) (int, error) {
	r := l.r
	switch {
	case l.memory != nil:
		n := copy(p, l.memory)
		l.memory = l.memory[n:]
		return n, nil
	case r.r < r.w:
		n := copy(p, r.buf[r.r:r.w])
		r.r += n
		return n, nil
	case len(p) < len(r.buf):
		if err := r.fill(); err != nil {
			return 0, err
		}
		return l.read(p)
	case r.err != nil:
		return 0, r.err
	}
	n, err := r.src.Read(p) // past the buffer
	if n == 0 && err != nil {
		if err == io.EOF {
			err = errCut()
		}
		return 0, r.fail(err)
	}
	return n, nil
}

// WriteTo writes what is left to w, straight from the receive buffer. An error of w leaves the rest to be read.
func (l *Literal) WriteTo(w io.Writer) (int64, error) {
	var written int64
	for l.left > 0 {
		chunk, err := l.Chunk()
		if err != nil {
			return written, err
		}
		n, err := w.Write(chunk)
		written += int64(n)
		if err == nil && n < len(chunk) {
			err = io.ErrShortWrite
		}
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// Chunk takes what has come of the literal, at least one octet, without a copy: the slice is valid until the next
// read of the connection. The end is io.EOF.
func (l *Literal) Chunk() ([]byte, error) {
	if l.left == 0 {
		return nil, io.EOF
	}
	if l.memory != nil {
		chunk := l.memory
		l.memory, l.left = nil, 0
		return chunk, nil
	}
	r := l.r
	if r.r == r.w {
		if err := r.fill(); err != nil {
			return nil, r.told(err)
		}
	}
	k := int(min(l.left, int64(r.w-r.r)))
	chunk := r.buf[r.r : r.r+k]
	r.r += k
	l.left -= int64(k)
	return chunk, nil
}

// finish skips what was not read.
func (l *Literal) finish() error {
	if l.memory == nil {
		if err := l.r.discard(l.left); err != nil {
			return err
		}
	}
	l.left, l.memory = 0, nil
	return nil
}

// literal begins the literal, string or NIL that comes next.
func (r *reader) literal(l *Literal) error {
	l.r, l.memory, l.NIL, l.left, l.Size = r, nil, false, 0, 0
	c, err := r.peek()
	if err != nil {
		return err
	}
	if is, err := r.atLiteral(c); err != nil {
		return err
	} else if is {
		l.Size, err = r.literalSize()
		l.left = l.Size
		return err
	}
	text, ok, err := r.str()
	if err != nil {
		return err
	}
	l.NIL = !ok
	if len(text) > 0 {
		l.memory = bytes.Clone(text)
		l.Size = int64(len(text))
		l.left = l.Size
	}
	return nil
}
