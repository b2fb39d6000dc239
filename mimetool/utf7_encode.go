package mimetool

import (
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/transform"
)

const (
	utf7Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	imapDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,"
)

// A utf7Encoder makes UTF-7 of UTF-8; octets that are no UTF-8 count as U+FFFD.
type utf7Encoder struct {
	utf7Encoding
	in   bool // a run of base64
	bits uint32
	n    int
}

// Reset implements transform.Transformer.
func (e *utf7Encoder) Reset() { *e = utf7Encoder{utf7Encoding: e.utf7Encoding} }

// Transform implements transform.Transformer.
func (e *utf7Encoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		if !atEOF && !utf8.FullRune(src[nSrc:]) {
			return nDst, nSrc, transform.ErrShortSrc
		}
		if nDst+16 > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		r, n := utf8.DecodeRune(src[nSrc:])
		nSrc += n
		nDst = len(e.appendRune(dst[:nDst], r))
	}
	if atEOF && e.in {
		if nDst+2 > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst = len(e.endRun(dst[:nDst]))
	}
	return nDst, nSrc, nil
}

func (e *utf7Encoder) appendRune(dst []byte, r rune) []byte {
	if r < utf8.RuneSelf && (e.direct(byte(r)) || byte(r) == e.shift()) {
		if e.in {
			dst = e.endRun(dst)
		}
		dst = append(dst, byte(r))
		if byte(r) == e.shift() {
			dst = append(dst, '-')
		}
		return dst
	}
	if !e.in {
		e.in = true
		dst = append(dst, e.shift())
	}
	if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
		return e.unit(e.unit(dst, high), low)
	}
	return e.unit(dst, r)
}

func (e *utf7Encoder) unit(dst []byte, u rune) []byte {
	e.bits, e.n = e.bits<<16|uint32(u), e.n+16
	for e.n >= 6 {
		e.n -= 6
		dst = append(dst, e.digit(e.bits>>e.n))
	}
	e.bits &= 1<<e.n - 1
	return dst
}

func (e *utf7Encoder) digit(v uint32) byte {
	if e.imap {
		return imapDigits[v&63]
	}
	return utf7Digits[v&63]
}

// endRun pads the last digit with zeros. The "-" is written always: IMAP wants it, UTF-7 allows it.
func (e *utf7Encoder) endRun(dst []byte) []byte {
	if e.n > 0 {
		dst = append(dst, e.digit(e.bits<<(6-e.n)))
	}
	e.in, e.bits, e.n = false, 0, 0
	return append(dst, '-')
}
