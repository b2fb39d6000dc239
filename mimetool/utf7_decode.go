package mimetool

import (
	"errors"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/transform"
)

// ErrUTF7 is the error of a mailbox name that is no modified UTF-7.
var ErrUTF7 = errors.New("not modified UTF-7 (RFC 3501 §5.1.3)")

// A utf7Decoder makes UTF-8 of UTF-7. What is no UTF-7 becomes U+FFFD; in a strict one it is ErrUTF7.
type utf7Decoder struct {
	utf7Encoding
	strict bool

	in    bool   // a run of base64
	some  bool   // it has a digit
	bits  uint32 // not yet taken
	n     int    // their number
	high  rune   // a surrogate that waits for its other half
	wrong bool
}

// Reset implements transform.Transformer.
func (d *utf7Decoder) Reset() { *d = utf7Decoder{utf7Encoding: d.utf7Encoding, strict: d.strict} }

// Transform implements transform.Transformer.
func (d *utf7Decoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for ; nSrc < len(src); nSrc++ {
		if nDst+3*utf8.UTFMax > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += d.octet(dst[nDst:], src[nSrc])
		if d.wrong && d.strict {
			return nDst, nSrc, ErrUTF7
		}
	}
	if !atEOF {
		return nDst, nSrc, nil
	}
	if nDst+utf8.UTFMax > len(dst) {
		return nDst, nSrc, transform.ErrShortDst
	}
	if d.in {
		d.wrong = d.wrong || d.imap // RFC 3501: a run ends with "-" always
		nDst += d.endRun(dst[nDst:])
	}
	if d.wrong && d.strict {
		err = ErrUTF7
	}
	return nDst, nSrc, err
}

// octet decodes c. It gives the number of octets written.
func (d *utf7Decoder) octet(dst []byte, c byte) int {
	if !d.in {
		if c == d.shift() {
			d.in, d.some = true, false
			return 0
		}
		return d.plain(dst, c)
	}
	if v := d.value(c); v >= 0 {
		d.some = true
		return d.digit(dst, v)
	}
	if !d.some { // "+-" is "+"; "+" before anything else is taken for itself
		d.in = false
		n := copy(dst, []byte{d.shift()})
		if c == '-' {
			return n
		}
		d.wrong = true
		return n + d.plain(dst[n:], c)
	}
	n := d.endRun(dst)
	if c == '-' {
		return n
	}
	d.wrong = d.wrong || d.imap
	return n + d.plain(dst[n:], c)
}

// plain writes an octet outside a run. 8-bit octets are not UTF-7.
func (d *utf7Decoder) plain(dst []byte, c byte) int {
	if c >= utf8.RuneSelf || d.imap && (c < ' ' || c == 0x7f) {
		d.wrong = true
	}
	if c >= utf8.RuneSelf {
		return utf8.EncodeRune(dst, utf8.RuneError)
	}
	dst[0] = c
	return 1
}

// digit takes six bits, and writes a character when sixteen are there.
func (d *utf7Decoder) digit(dst []byte, v int) int {
	d.bits = d.bits<<6 | uint32(v)
	if d.n += 6; d.n < 16 {
		return 0
	}
	d.n -= 16
	unit := rune(d.bits >> d.n & 0xffff)
	d.bits &= 1<<d.n - 1
	return d.unit(dst, unit)
}

// unit writes a unit of UTF-16.
func (d *utf7Decoder) unit(dst []byte, u rune) int {
	high := d.high
	d.high = 0
	if high != 0 {
		if r := utf16.DecodeRune(high, u); r != utf8.RuneError {
			return utf8.EncodeRune(dst, r)
		}
		d.wrong = true
		n := utf8.EncodeRune(dst, utf8.RuneError)
		return n + d.unit(dst[n:], u)
	}
	if 0xd800 <= u && u < 0xdc00 {
		d.high = u
		return 0
	}
	if utf16.IsSurrogate(u) {
		d.wrong = true
	} else if d.imap && ' ' <= u && u < 0x7f {
		d.wrong = true // printable ASCII stands for itself
	}
	return utf8.EncodeRune(dst, u) // a lone half becomes U+FFFD
}

// endRun ends a run of base64: what is left must be the padding of a whole character.
func (d *utf7Decoder) endRun(dst []byte) int {
	n := 0
	if !d.some && d.in {
		n = copy(dst, []byte{d.shift()})
	}
	if d.high != 0 {
		n += utf8.EncodeRune(dst[n:], utf8.RuneError)
	}
	if d.high != 0 || d.bits != 0 || d.n >= 6 {
		d.wrong = true
	}
	d.in, d.bits, d.n, d.high = false, 0, 0, 0
	return n
}
