package mimetool

import (
	"unicode/utf8"

	"golang.org/x/text/transform"
)

// A textCleaner makes text of many lines harmless: line ends become LF, NUL is dropped, other control characters than
// TAB become U+FFFD. It takes valid UTF-8.
type textCleaner struct{ transform.NopResetter }

// Transform implements transform.Transformer.
func (*textCleaner) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		if n := copyPrintable(dst[nDst:], src[nSrc:]); n > 0 {
			nDst, nSrc = nDst+n, nSrc+n
			continue
		}
		if nDst+utf8.UTFMax > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		if !atEOF && !utf8.FullRune(src[nSrc:]) {
			return nDst, nSrc, transform.ErrShortSrc
		}
		r, n := utf8.DecodeRune(src[nSrc:])
		switch r {
		case '\r':
			if nSrc+1 == len(src) && !atEOF {
				return nDst, nSrc, transform.ErrShortSrc
			}
			nSrc++
			if nSrc < len(src) && (src[nSrc] == '\n' || src[nSrc] == '\r') {
				continue // CR LF, and the CR CR LF that copying twice makes
			}
			dst[nDst] = '\n'
			nDst++
			continue
		case '\n', '\f', 0x2028, 0x2029:
			r = '\n'
		default:
			r = cleanRune(r)
		}
		nSrc += n
		if r >= 0 {
			nDst += utf8.EncodeRune(dst[nDst:], r)
		}
	}
	return nDst, nSrc, nil
}

// copyPrintable copies the printable ASCII, TAB and LF at the start of src.
func copyPrintable(dst, src []byte) int {
	n := min(len(dst), len(src))
	for i, c := range src[:n] {
		if (c < ' ' && c != '\n' && c != '\t') || c >= 0x7f {
			n = i
			break
		}
	}
	return copy(dst[:n], src)
}
