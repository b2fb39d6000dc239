package mimetool

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/transform"
)

// ErrCharset is the error of a charset that is not known.
var ErrCharset = errors.New("unknown charset")

// A charset is a way to make text of octets.
type charset struct {
	name string            // as posta calls it; "" for the zero charset
	enc  encoding.Encoding // nil: ASCII and UTF-8, which need no table
}

func (c charset) isZero() bool { return c.name == "" }

// utf8Charset and its kin are functions, not variables: nothing is built before it is needed.
func utf8Charset() charset  { return charset{name: "utf-8"} }
func asciiCharset() charset { return charset{name: "us-ascii"} }
func latinCharset() charset { return charset{"windows-1252", charmap.Windows1252} }

// NewCharsetReader makes UTF-8 of what r gives in the charset: any that golang.org/x/text has, UTF-7, the ISO-2022
// family. Octets that mean nothing in it become U+FFFD. A charset that is declared and the superset that is really
// written under its name are the same: windows-1252 for ISO-8859-1, GB18030 for gb2312, CP949 for ks_c_5601-1987,
// CP50221 for ISO-2022-JP. An unknown one gives an error that wraps ErrCharset. The names are those of IANA and of the
// web, in any case.
func NewCharsetReader(charset string, r io.Reader) (io.Reader, error) {
	cs, ok := lookupCharset(charset)
	if !ok {
		return nil, fmt.Errorf("%w %q", ErrCharset, charset)
	}
	return transform.NewReader(r, cs.decoder()), nil
}

// DecodeCharset makes UTF-8 of octets in the charset, as NewCharsetReader does.
func DecodeCharset(charset string, b []byte) (string, error) {
	cs, ok := lookupCharset(charset)
	if !ok {
		return "", fmt.Errorf("%w %q", ErrCharset, charset)
	}
	return cs.decode(b), nil
}

const byteOrderMark = "\xef\xbb\xbf"

// decoder is a Transformer from the charset to UTF-8. It is for one text.
func (c charset) decoder() transform.Transformer {
	if c.enc == nil {
		return &utf8Repairer{}
	}
	return c.enc.NewDecoder()
}

// decode makes text of b; octets that mean nothing become U+FFFD.
func (c charset) decode(b []byte) string {
	if c.enc == nil {
		b = bytes.TrimPrefix(b, []byte(byteOrderMark))
		if utf8.Valid(b) {
			return string(b)
		}
	} else if table, ok := c.enc.(*charmap.Charmap); ok {
		return decodeTable(table, b)
	}
	out, _, _ := transform.Bytes(c.decoder(), b) // decoders have no errors: they give U+FFFD
	return string(out)
}

// decodeTable decodes a charset of one octet a character, without a Transformer's buffers.
func decodeTable(table *charmap.Charmap, b []byte) string {
	var block [256]byte
	if 2*len(b) <= len(block) {
		return string(appendTable(block[:0], table, b))
	}
	var out strings.Builder
	out.Grow(len(b) + highOctets(b)) // most characters of such charsets are two octets of UTF-8
	for len(b) > 0 {
		n := min(len(b), len(block)/utf8.UTFMax)
		out.Write(appendTable(block[:0], table, b[:n]))
		b = b[n:]
	}
	return out.String()
}

func appendTable(dst []byte, table *charmap.Charmap, b []byte) []byte {
	for _, c := range b {
		dst = utf8.AppendRune(dst, table.DecodeByte(c))
	}
	return dst
}

// highOctets counts the octets beyond ASCII.
func highOctets(b []byte) (n int) {
	for _, c := range b {
		n += int(c >> 7)
	}
	return n
}

// text decodes b as well as it can be done when the charset may not be the true one. False: it was not.
func (c charset) text(b []byte, guess *charsetGuess) (string, bool) {
	if c.isZero() { // unknown: nothing is known of its honesty
		return guess.of(b).decode(b), true
	}
	if c.enc != nil {
		return c.decode(b), true
	}
	if utf8.Valid(b) {
		return c.decode(b), c.name == "utf-8" || isASCII(string(b))
	}
	// Where some characters are UTF-8 and some octets are not, the text is UTF-8 and damaged. Where none is, it is of
	// another charset.
	if hasMultibyte(b) {
		return c.decode(b), false
	}
	return guess.of(b).decode(b), false
}

// hasMultibyte tells whether there is one whole UTF-8 character beyond ASCII in b.
func hasMultibyte(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if n > 1 && r >= utf8.RuneSelf {
			return true
		}
		b = b[n:]
	}
	return false
}

// A utf8Repairer passes UTF-8 and makes U+FFFD of each octet that is none. A byte order mark at the start is dropped.
type utf8Repairer struct{ begun bool }

// Reset implements transform.Transformer.
func (u *utf8Repairer) Reset() { u.begun = false }

// Transform implements transform.Transformer.
func (u *utf8Repairer) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	if !u.begun {
		if len(src) < 3 && !atEOF && string(src) == byteOrderMark[:len(src)] {
			return 0, 0, transform.ErrShortSrc
		}
		u.begun = true
		if len(src) >= 3 && string(src[:3]) == byteOrderMark {
			nSrc = 3
		}
	}
	for nSrc < len(src) {
		if n := copyASCII(dst[nDst:], src[nSrc:]); n > 0 {
			nDst, nSrc = nDst+n, nSrc+n
			continue
		}
		r, n := utf8.DecodeRune(src[nSrc:])
		if r == utf8.RuneError && n == 1 && !atEOF && !utf8.FullRune(src[nSrc:]) {
			return nDst, nSrc, transform.ErrShortSrc
		}
		if nDst+utf8.RuneLen(r) > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += n
	}
	return nDst, nSrc, nil
}

// copyASCII copies the ASCII octets at the start of src.
func copyASCII(dst, src []byte) int {
	n := min(len(dst), len(src))
	for i := range n {
		if src[i] >= utf8.RuneSelf {
			n = i
			break
		}
	}
	return copy(dst[:n], src)
}
