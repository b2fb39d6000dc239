package dkim

import (
	"bytes"
	"io"
)

// Canonicalization is how much a header or a body may change on its way without breaking the signature (RFC 6376
// §3.4).
type Canonicalization string

// The two of RFC 6376 §3.4.
const (
	Simple  Canonicalization = "simple"
	Relaxed Canonicalization = "relaxed"
)

// body writes the canonical form of a body to w (RFC 6376 §3.4.3, §3.4.4).
type body struct {
	w       io.Writer
	relaxed bool
	out     []byte // not yet written

	any   bool // something that is not an empty line at the end came
	space bool // white space came that may stand at the end of a line
	cr    bool // a CR came that may be half of a line end
	lines int  // line ends that came and may be the last ones
}

const bodyBuffer = 32 << 10

func newBody(w io.Writer, c Canonicalization) *body {
	return &body{w: w, relaxed: c == Relaxed, out: make([]byte, 0, bodyBuffer+8)}
}

// Write never fails: w is a hash.
func (b *body) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		switch c := p[0]; {
		case c == '\n':
			b.space, b.cr = false, false
			b.lines++
		case c == '\r':
			b.bareCR()
			b.cr = true
		case b.relaxed && (c == ' ' || c == '\t'):
			b.bareCR()
			b.space = true
		default:
			b.bareCR()
			p = p[b.text(p):]
			continue
		}
		p = p[1:]
	}
	return n, nil
}

// text takes over what needs no thought at the start of p, and says how much that is.
func (b *body) text(p []byte) int {
	b.pending()
	if len(b.out) >= bodyBuffer {
		b.flush()
	}
	p = p[:min(len(p), bodyBuffer)]
	n := len(p)
	if b.relaxed {
		for n = 0; n < len(p) && p[n] > ' '; n++ {
		}
		n = max(n, 1) // a control character other than white space
	} else if i := bytes.IndexByte(p, '\n'); i >= 0 {
		n = i
	}
	if !b.relaxed {
		if i := bytes.IndexByte(p[:n], '\r'); i >= 0 {
			n = i
		}
	}
	b.out = append(b.out, p[:n]...)
	return n
}

// bareCR takes a CR that was no half of a line end for text.
func (b *body) bareCR() {
	if b.cr {
		b.cr = false
		b.pending()
		b.out = append(b.out, '\r')
	}
}

// pending writes the line ends and the white space that text follows.
func (b *body) pending() {
	for ; b.lines > 0; b.lines-- {
		b.out = append(b.out, '\r', '\n')
		if len(b.out) >= bodyBuffer {
			b.flush()
		}
	}
	if b.space {
		b.out, b.space = append(b.out, ' '), false
	}
	b.any = true
}

func (b *body) flush() {
	b.w.Write(b.out)
	b.out = b.out[:0]
}

// close ends the body: with one line end, which an empty body has too when it is simple.
func (b *body) close() {
	b.bareCR()
	if b.any || !b.relaxed {
		b.out = append(b.out, '\r', '\n')
	}
	b.flush()
}

// relaxField is a field as RFC 6376 §3.4.2 has it: name in lower case, unfolded, white space reduced.
func relaxField(field []byte) []byte {
	name, value, _ := bytes.Cut(field, []byte(":"))
	out := append(bytes.ToLower(bytes.TrimRight(name, " \t")), ':')
	start := len(out)
	space := false
	for _, c := range value {
		switch c {
		case ' ', '\t', '\r', '\n':
			space = len(out) > start
		default:
			if space {
				out, space = append(out, ' '), false
			}
			out = append(out, c)
		}
	}
	return append(out, '\r', '\n')
}

// canonicalField is a whole field, with its line end, in canonical form.
func canonicalField(field []byte, c Canonicalization) []byte {
	if c == Relaxed {
		return relaxField(field)
	}
	return field
}
