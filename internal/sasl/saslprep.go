package sasl

import (
	"errors"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

var (
	errProhibited = errors.New("a character that SASLprep prohibits")
	errBidi       = errors.New("right-to-left and left-to-right text mixed as SASLprep prohibits")
	errEmpty      = errors.New("nothing is left of it after SASLprep")
)

// saslprep prepares a user name or password (RFC 4013), with the tables of today's Unicode in place of those of 3.2. Of
// ASCII all but control characters stays as it is.
func saslprep(s string) (string, error) {
	if strings.ToValidUTF8(s, "") != s {
		return "", errors.New("it is not UTF-8")
	}
	s = norm.NFKC.String(strings.Map(mapped, s))
	if s == "" {
		return "", errEmpty
	}
	if strings.ContainsFunc(s, prohibited) {
		return "", errProhibited
	}
	return s, checkBidi(s)
}

// mapped is RFC 4013 §2.1: any space is a space (RFC 3454 table C.1.2), and some characters are nothing (B.1).
func mapped(r rune) rune {
	switch {
	case r == 0xad, r == 0x34f, r == 0x1806, r >= 0x180b && r <= 0x180d, r >= 0x200c && r <= 0x200d,
		r == 0x2060, r >= 0xfe00 && r <= 0xfe0f, r == 0xfeff:
		return -1
	case r == 0x200b, r >= 0x80 && unicode.Is(unicode.Zs, r):
		return ' '
	}
	return r
}

// prohibited is RFC 4013 §2.3: controls, private use, non-characters, and what changes display or is a tag.
func prohibited(r rune) bool {
	switch {
	case unicode.IsControl(r), unicode.In(r, unicode.Co, unicode.Cs, unicode.Cf, unicode.Zl, unicode.Zp):
		return true
	case r >= 0xfdd0 && r <= 0xfdef, r&0xfffe == 0xfffe: // C.4
		return true
	case r >= 0xfff9 && r <= 0xfffd, r >= 0x2ff0 && r <= 0x2ffb: // C.6, C.7
		return true
	}
	return r == 0x340 || r == 0x341 // C.8
}

// checkBidi is RFC 3454 §6: right-to-left text stands alone, and at both ends.
func checkBidi(s string) error {
	var left, right, first, last bool
	for i, r := range s {
		p, _ := bidi.LookupRune(r)
		class := p.Class()
		last = class == bidi.R || class == bidi.AL
		first = first || i == 0 && last
		right = right || last
		left = left || class == bidi.L
	}
	if right && (left || !first || !last) {
		return errBidi
	}
	return nil
}
