package mimetool

import (
	"bytes"
	"io"
)

// NewQPDecoder reads quoted-printable (RFC 2045 §6.7). Line ends stay as they are. Hexadecimal digits may be in lower
// case; an escape that is none stays as it is; blanks at the end of a line go (§6.7(3)), after a soft break's "=" too;
// a soft break at the end of the text is nothing.
func NewQPDecoder(r io.Reader) Decoder { return newBlockDecoder(r, &qpCodec{}) }

const qpRef = "RFC 2045 §6.7"

type qpCodec struct {
	off     int64
	defects []Defect
	said    [qpKinds]bool
}

func (c *qpCodec) found() []Defect { return c.defects }

func (c *qpCodec) decode(dst, src []byte, last bool) (n, taken int) {
	for taken < len(src) {
		rest := src[taken:]
		size := bytes.IndexByte(rest, '\n') + 1
		switch {
		case size > 0:
			n += c.line(dst[n:], rest[:size])
		case last:
			size = len(rest)
			n += c.line(dst[n:], rest)
		case taken > 0:
			return n, taken // the line's rest comes with the next block
		default:
			size = undividedPiece(rest)
			n += c.text(dst[n:], rest[:size])
		}
		taken += size
		c.off += int64(size)
	}
	return n, taken
}

// undividedPiece is how much of a line longer than a block can be decoded by itself: not the blanks at its end, nor the
// start of an escape. A block of blanks is taken for text.
func undividedPiece(b []byte) int {
	n := len(bytes.TrimRight(b, " \t\r"))
	if i := bytes.LastIndexByte(b[max(0, n-2):n], '='); i >= 0 {
		n = max(0, n-2) + i
	}
	if n == 0 {
		return len(b)
	}
	return n
}

// line decodes a line with its line end.
func (c *qpCodec) line(dst, line []byte) int {
	end := len(line)
	if end > 0 && line[end-1] == '\n' {
		if end--; end > 0 && line[end-1] == '\r' {
			end--
		}
	}
	text := line[:end]
	for len(text) > 0 && (text[len(text)-1] == ' ' || text[len(text)-1] == '\t') {
		text = text[:len(text)-1]
	}
	if len(text) < end {
		c.defect(qpTrailingBlank, end-1)
	}
	if len(text) > 0 && text[len(text)-1] == '=' {
		return c.text(dst, text[:len(text)-1])
	}
	n := c.text(dst, text)
	return n + copy(dst[n:], line[end:])
}

// text decodes what has no line end.
func (c *qpCodec) text(dst, text []byte) int {
	i := bytes.IndexByte(text, '=')
	if i < 0 {
		return copy(dst, text)
	}
	n := copy(dst, text[:i])
	dst = dst[:len(text)]
	for i < len(text) {
		ch := text[i]
		if ch != '=' {
			dst[n] = ch
			n++
			i++
			continue
		}
		if i+2 < len(text) {
			hi, lo := hexValues[text[i+1]], hexValues[text[i+2]]
			if hi != 0 && lo != 0 {
				dst[n] = hi<<4 | lo&0x0f
				n++
				i += 3
				continue
			}
		}
		c.defect(qpBadEscape, i)
		dst[n] = ch
		n++
		i++
	}
	return n
}

// The kinds of defects.
const (
	qpBadEscape = iota
	qpTrailingBlank
	qpKinds
)

func (c *qpCodec) defect(kind, at int) {
	if c.said[kind] {
		return
	}
	c.said[kind] = true
	name := "qp-bad-escape"
	if kind == qpTrailingBlank {
		name = "qp-trailing-blank"
	}
	c.defects = addDefect(c.defects, Defect{Name: name, Ref: qpRef, Offset: c.off + int64(at)})
}

// hexValues are the values of hexadecimal digits, with bit 4 set to tell a digit from anything else; a shift to the left
// by four drops it.
var hexValues = [256]byte{
	'0': 0x10, '1': 0x11, '2': 0x12, '3': 0x13, '4': 0x14, '5': 0x15, '6': 0x16, '7': 0x17, '8': 0x18, '9': 0x19,
	'A': 0x1a, 'B': 0x1b, 'C': 0x1c, 'D': 0x1d, 'E': 0x1e, 'F': 0x1f,
	'a': 0x1a, 'b': 0x1b, 'c': 0x1c, 'd': 0x1d, 'e': 0x1e, 'f': 0x1f,
}
