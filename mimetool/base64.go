package mimetool

import (
	"bytes"
	"io"

	"github.com/segmentio/asm/base64"
)

// NewBase64Decoder reads base64 as it is found: line ends and blanks anywhere, characters outside the alphabet passed
// over (RFC 2045 §6.8), padding missing, padded groups one after another, the alphabet of URLs (RFC 4648 §5). After
// padding only lines that are base64 throughout are read on: a mailing list's footer is not.
//
// A defect of the kind base64-junk or base64-truncated means that what comes out is a guess.
func NewBase64Decoder(r io.Reader) Decoder { return newBlockDecoder(r, &base64Codec{}) }

const base64Ref = "RFC 2045 §6.8"

// A base64Codec takes whole lines. The fast way strips line ends and decodes the block at once; only a block in which
// that meets anything else is gone through character by character.
type base64Codec struct {
	text    []byte // characters without line ends, those kept back from the block before first
	kept    int    // how many were: fewer than four, all in the alphabet
	padded  bool   // the group before was padded
	off     int64  // of the block
	defects []Defect
	said    [base64Kinds]bool // each kind of defect is named once
}

func (c *base64Codec) found() []Defect { return c.defects }

func (c *base64Codec) decode(dst, src []byte, last bool) (n, taken int) {
	if !last {
		if i := bytes.LastIndexByte(src, '\n'); i >= 0 {
			src = src[:i+1]
		}
	}
	n, ok := 0, !c.padded
	if ok {
		n, ok = c.fast(dst, src)
	}
	if !ok {
		n = c.slow(dst, src)
	}
	c.off += int64(len(src))
	if last {
		n += c.finish(dst[n:])
	}
	return n, len(src)
}

// fast decodes a block that is base64 and line ends alone. Where it is not, nothing has changed.
func (c *base64Codec) fast(dst, src []byte) (int, bool) {
	c.room(len(src))
	text := c.text[:c.kept]
	for b := src; len(b) > 0; {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			text = append(text, b...)
			break
		}
		line := b[:i]
		if i > 0 && line[i-1] == '\r' {
			line = line[:i-1]
		}
		text = append(text, line...)
		b = b[i+1:]
	}
	whole := len(text) / 4 * 4
	for _, ch := range text[whole:] {
		if base64Values[ch] == 0 || ch == '-' || ch == '_' {
			return 0, false
		}
	}
	n, err := base64.StdEncoding.Decode(dst, text[:whole])
	if err != nil {
		return 0, false
	}
	c.padded = whole > 0 && text[whole-1] == '='
	if c.padded && whole < len(text) {
		c.padded = false
		return 0, false
	}
	c.kept = copy(text, text[whole:])
	return n, true
}

// room makes the text large enough for a block's.
func (c *base64Codec) room(n int) {
	if cap(c.text) < 4+n {
		c.text = append(make([]byte, 0, 4+n), c.text[:c.kept]...)
	}
	c.text = c.text[:4]
}

// finish decodes what is left at the end without padding.
func (c *base64Codec) finish(dst []byte) int {
	n := c.group(dst, c.text[:c.kept])
	switch c.kept {
	case 0:
		return 0
	case 1:
		c.defect(base64Truncated, c.off)
	default:
		c.defect(base64Padding, c.off)
	}
	c.kept = 0
	return n
}

// group decodes a group of fewer than four characters.
func (c *base64Codec) group(dst, text []byte) int {
	var v uint32
	for i := range 3 {
		v <<= 6
		if i < len(text) {
			v |= uint32(base64Values[text[i]] - 1)
		}
	}
	switch len(text) {
	case 2:
		dst[0] = byte(v >> 10)
		return 1
	case 3:
		dst[0], dst[1] = byte(v>>10), byte(v>>2)
		return 2
	}
	return 0
}
