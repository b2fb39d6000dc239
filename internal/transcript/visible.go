package transcript

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// maxShown is how many octets of a line are shown.
const maxShown = 1000

// appendVisible appends text so that it cannot act on a terminal: control and format characters (the right-to-left
// override is one) are written as in Go's strings, as are octets that are not UTF-8. What is beyond maxShown is
// only counted.
func appendVisible(dst, text []byte) []byte {
	rest := 0
	if len(text) > maxShown {
		rest = len(text) - maxShown
		text = text[:maxShown]
	}
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == '\t':
			dst = append(dst, `\t`...)
		case r == utf8.RuneError && size == 1, r < 0x20, r == 0x7f:
			dst = fmt.Appendf(dst, `\x%02x`, text[0])
		case r >= 0x80 && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)):
			dst = fmt.Appendf(dst, `\u%04x`, r)
		default:
			dst = append(dst, text[:size]...)
		}
		text = text[size:]
	}
	if rest > 0 {
		dst = fmt.Appendf(dst, "… (%d octets more)", rest)
	}
	return dst
}
