package mimetool

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"io"
	"math/bits"
	"slices"
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

// decode takes whole lines, as long as they are not longer than a block.
func (c *qpCodec) decode(dst, src []byte, last bool) (n, taken int) {
	taken = len(src)
	if !last {
		taken = c.divide(src)
	}
	n, solid := c.text(dst, src[:taken])
	if last {
		n = c.cutBlanks(dst, n, solid, taken)
	}
	c.off += int64(taken)
	return n, taken
}

// divide implements linesCodec, as do those that follow.
func (c *qpCodec) divide(src []byte) int {
	if n := bytes.LastIndexByte(src, '\n') + 1; n > 0 {
		return n
	}
	return undividedPiece(src)
}

func (c *qpCodec) lines(dst, src []byte) int {
	n, _ := c.text(dst, src)
	c.off += int64(len(src))
	return n
}

func (c *qpCodec) branch(n int) linesCodec {
	b := &qpCodec{off: c.off, said: c.said}
	c.off += int64(n)
	return b
}

// join takes the branch's defects in. Of each kind the first counts, and the branch's stands before.
func (c *qpCodec) join(branch linesCodec) {
	b := branch.(*qpCodec)
	for _, d := range b.defects {
		c.defects = slices.DeleteFunc(c.defects, func(later Defect) bool { return later.Name == d.Name })
		c.defects = addDefect(c.defects, d)
	}
	slices.SortFunc(c.defects, func(a, b Defect) int { return cmp.Compare(a.Offset, b.Offset) })
	for i, said := range b.said {
		c.said[i] = c.said[i] || said
	}
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

// text decodes src to dst, which is at least as long. Eight octets are looked at at once for an equals sign or a line
// end among them. solid is where in dst blanks may begin that stood in src as blanks, not as escapes.
func (c *qpCodec) text(dst, src []byte) (n, solid int) {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	i := 0
	for i+8 <= len(src) {
		word := binary.LittleEndian.Uint64(src[i:])
		binary.LittleEndian.PutUint64(dst[n:], word)
		sign, end := word^('='*ones), word^('\n'*ones)
		mask := ((sign-ones)&^sign | (end-ones)&^end) & highs
		if mask == 0 {
			i += 8
			n += 8
			continue
		}
		before := bits.TrailingZeros64(mask) >> 3
		i += before
		n += before
		start := i
		for i+2 < len(src) && src[i] == '=' {
			hi, lo := hexValues[src[i+1]], hexValues[src[i+2]]
			if hi == 0 || lo == 0 {
				break
			}
			dst[n] = hi<<4 | lo&0x0f
			n++
			i += 3
		}
		switch {
		case i+2 < len(src) && src[i] == '=' && src[i+1] == '\r' && src[i+2] == '\n': // the usual soft break
			i += 3
		case i == start:
			i, n = c.special(dst, src, i, n, solid)
		}
		solid = n
	}
	for i < len(src) {
		switch src[i] {
		case '=', '\n':
			i, n = c.special(dst, src, i, n, solid)
			solid = n
		default:
			dst[n] = src[i]
			i++
			n++
		}
	}
	return n, solid
}

// special takes an escape, a soft break, an equals sign that is neither, or a line end.
func (c *qpCodec) special(dst, src []byte, i, n, solid int) (int, int) {
	if src[i] == '\n' {
		cr := n > solid && dst[n-1] == '\r'
		if cr {
			n--
		}
		n = c.cutBlanks(dst, n, solid, i)
		if cr {
			dst[n] = '\r'
			n++
		}
		dst[n] = '\n'
		return i + 1, n + 1
	}
	if i+2 < len(src) {
		if hi, lo := hexValues[src[i+1]], hexValues[src[i+2]]; hi != 0 && lo != 0 {
			dst[n] = hi<<4 | lo&0x0f
			return i + 3, n + 1
		}
	}
	if end, ok := c.softBreak(src, i); ok {
		return end, n
	}
	c.defect(qpBadEscape, i)
	dst[n] = '='
	return i + 1, n + 1
}

// softBreak tells where the soft break ends that begins at src[i], if one does: an equals sign, blanks that should not be
// there, a line end or the end of the text.
func (c *qpCodec) softBreak(src []byte, i int) (end int, ok bool) {
	end = i + 1
	for end < len(src) && (src[end] == ' ' || src[end] == '\t') {
		end++
	}
	blanks := end > i+1
	if end < len(src) && src[end] == '\r' {
		end++
	}
	switch {
	case end < len(src) && src[end] == '\n':
		end++
	case end < len(src):
		return i, false
	}
	if blanks {
		c.defect(qpTrailingBlank, i+1)
	}
	return end, true
}

// cutBlanks takes the blanks at the end of a line off (RFC 2045 §6.7(3)).
func (c *qpCodec) cutBlanks(dst []byte, n, solid, at int) int {
	end := n
	for n > solid && (dst[n-1] == ' ' || dst[n-1] == '\t') {
		n--
	}
	if n < end {
		c.defect(qpTrailingBlank, at-1)
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
