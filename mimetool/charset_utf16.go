package mimetool

import (
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// utf16Encoding is UTF-16 without a declared order of octets. A byte order mark tells it; without one RFC 2781 §4.3 has
// the big end first, but programs write what their machine has: the zeros of the Latin letters and blanks in the first
// octets decide, and where they do not, the RFC.
type utf16Encoding struct{}

// NewDecoder implements encoding.Encoding.
func (utf16Encoding) NewDecoder() *encoding.Decoder {
	return &encoding.Decoder{Transformer: &utf16Decoder{}}
}

// NewEncoder implements encoding.Encoding.
func (utf16Encoding) NewEncoder() *encoding.Encoder {
	return unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder()
}

type utf16Decoder struct{ transform.Transformer }

// Reset implements transform.Transformer.
func (d *utf16Decoder) Reset() { d.Transformer = nil }

// Transform implements transform.Transformer.
func (d *utf16Decoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	if d.Transformer == nil {
		if len(src) < 2 && !atEOF {
			return 0, 0, transform.ErrShortSrc
		}
		order := unicode.BigEndian
		if littleEndian(src) {
			order = unicode.LittleEndian
		}
		d.Transformer = unicode.UTF16(order, unicode.UseBOM).NewDecoder().Transformer
	}
	return d.Transformer.Transform(dst, src, atEOF)
}

// littleEndian tells whether more of the second octets of the pairs are zero than of the first.
func littleEndian(b []byte) bool {
	zeros := 0
	for i := 0; i+1 < len(b) && i < 256; i += 2 {
		if b[i] == 0 {
			zeros--
		}
		if b[i+1] == 0 {
			zeros++
		}
	}
	return zeros > 0
}
