package mimetool

import (
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"
)

// iso2022Encoding decodes the ISO-2022 family: ISO-2022-JP with its extensions (RFC 1468, 1554, 2237, CP50221 with the
// rows of NEC and IBM, half-width katakana in all ways), ISO-2022-KR (RFC 1557), ISO-2022-CN (RFC 1922, its GB 2312
// only). golang.org/x/text knows the first alone, without the extensions; its tables of the EUC forms hold the same
// characters with the high bits set.
type iso2022Encoding struct {
	shifted set2022 // what SO calls before any designation
}

// A set2022 is a set of characters that was designated.
type set2022 byte

const (
	ascii2022 set2022 = iota
	katakana2022
	japanese2022
	japanese0212
	chinese2022
	korean2022
	latin2022
	greek2022
	unknown2022
)

// NewDecoder implements encoding.Encoding.
func (e iso2022Encoding) NewDecoder() *encoding.Decoder {
	shifted := e.shifted
	if shifted == ascii2022 {
		shifted = katakana2022 // CP50222
	}
	d := &iso2022Decoder{first: shifted}
	d.Reset()
	return &encoding.Decoder{Transformer: d}
}

// NewEncoder implements encoding.Encoding: letters are composed in UTF-8.
func (e iso2022Encoding) NewEncoder() *encoding.Encoder { return encoding.Replacement.NewEncoder() }

type iso2022Decoder struct {
	first      set2022
	g0, g1, g2 set2022
	out        bool // SO is in force: G1
	euc        [korean2022 + 1]transform.Transformer
}

// Reset implements transform.Transformer.
func (d *iso2022Decoder) Reset() { d.g0, d.g1, d.g2, d.out = ascii2022, d.first, latin2022, false }

// Transform implements transform.Transformer.
func (d *iso2022Decoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		if nDst+utf8.UTFMax > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		r, n := d.next(src[nSrc:], atEOF)
		if n == 0 {
			return nDst, nSrc, transform.ErrShortSrc
		}
		nSrc += n
		if r >= 0 {
			nDst += utf8.EncodeRune(dst[nDst:], r)
		}
	}
	return nDst, nSrc, nil
}

// next decodes what stands at the start of b: the character, -1 where there is none to be written, and the octets it
// took, 0 when more are needed.
func (d *iso2022Decoder) next(b []byte, atEOF bool) (r rune, n int) {
	c := b[0]
	switch {
	case c == 0x1b:
		return d.escape(b, atEOF)
	case c == 0x0e:
		d.out = true
		return -1, 1
	case c == 0x0f:
		d.out = false
		return -1, 1
	case c == '\n': // a line begins in ASCII
		d.g0, d.out = ascii2022, false
		return '\n', 1
	case c <= ' ' || c == 0x7f:
		return rune(c), 1
	case 0xa1 <= c && c <= 0xdf: // katakana in eight bits, CP50221
		return rune(c) - 0xa1 + 0xff61, 1
	case c >= 0x80:
		return utf8.RuneError, 1
	}
	set := d.g0
	if d.out {
		set = d.g1
	}
	return d.character(set, b, atEOF)
}

// character decodes one of the set.
func (d *iso2022Decoder) character(set set2022, b []byte, atEOF bool) (rune, int) {
	switch set {
	case ascii2022:
		return rune(b[0]), 1
	case katakana2022:
		if b[0] <= 0x5f {
			return rune(b[0]) - 0x21 + 0xff61, 1
		}
		return utf8.RuneError, 1
	case latin2022:
		return rune(b[0]) | 0x80, 1
	case greek2022:
		return greekRune(b[0] | 0x80), 1
	}
	if len(b) < 2 {
		if !atEOF {
			return 0, 0
		}
		return utf8.RuneError, 1
	}
	if b[1] <= ' ' || b[1] >= 0x7f { // cut short by a line end or an escape
		return utf8.RuneError, 1
	}
	return d.pair(set, b[0], b[1]), 2
}

// pair decodes a character of two octets by the EUC form of its set.
func (d *iso2022Decoder) pair(set set2022, a, b byte) rune {
	if set > korean2022 {
		return utf8.RuneError
	}
	if d.euc[set] == nil {
		d.euc[set] = eucDecoder(set)
	}
	src := []byte{a | 0x80, b | 0x80}
	if set == japanese0212 {
		src = []byte{0x8f, a | 0x80, b | 0x80}
	}
	var dst [8]byte
	n, _, _ := d.euc[set].Transform(dst[:], src, true)
	r, size := utf8.DecodeRune(dst[:n])
	if size != n {
		return utf8.RuneError
	}
	return r
}

func eucDecoder(set set2022) transform.Transformer {
	switch set {
	case chinese2022:
		return simplifiedchinese.GBK.NewDecoder().Transformer
	case korean2022:
		return korean.EUCKR.NewDecoder().Transformer
	}
	return japanese.EUCJP.NewDecoder().Transformer
}

// escape obeys an escape sequence (ISO 2022). One that is not known is passed over as U+FFFD.
func (d *iso2022Decoder) escape(b []byte, atEOF bool) (rune, int) {
	if len(b) < 4 && !atEOF {
		return 0, 0
	}
	if len(b) < 3 {
		return utf8.RuneError, 1
	}
	switch {
	case b[1] == '(':
		return d.designate(&d.g0, singleSet(b[2]), 3)
	case b[1] == '$' && (b[2] == '@' || b[2] == 'A' || b[2] == 'B'):
		return d.designate(&d.g0, doubleSet(b[2]), 3)
	case b[1] == '$' && len(b) > 3 && b[2] == '(':
		return d.designate(&d.g0, doubleSet(b[3]), 4)
	case b[1] == '$' && len(b) > 3 && b[2] == ')':
		return d.designate(&d.g1, doubleSet(b[3]), 4)
	case b[1] == '$' && len(b) > 3 && (b[2] == '*' || b[2] == '+'):
		return d.designate(&d.g2, unknown2022, 4)
	case b[1] == '.' && b[2] == 'A':
		return d.designate(&d.g2, latin2022, 3)
	case b[1] == '.' && b[2] == 'F':
		return d.designate(&d.g2, greek2022, 3)
	case b[1] == 'N': // SS2: one character of G2
		r, n := d.character(d.g2, b[2:], true)
		return r, 2 + n
	case b[1] == '&' && b[2] == '@': // announces the revision of JIS X 0208 that ESC $ B then calls
		return -1, 3
	}
	return utf8.RuneError, 1
}

func (d *iso2022Decoder) designate(g *set2022, set set2022, n int) (rune, int) {
	*g = set
	return -1, n
}

// singleSet is the set of one octet a character that the final octet names.
func singleSet(final byte) set2022 {
	if final == 'I' {
		return katakana2022
	}
	return ascii2022 // B; J is JIS X 0201's Latin, of which all take the backslash for itself
}

// doubleSet is the set of two octets a character that the final octet names.
func doubleSet(final byte) set2022 {
	switch final {
	case '@', 'B', 'O', 'Q': // O and Q are JIS X 0213, whose plane 1 extends JIS X 0208
		return japanese2022
	case 'D':
		return japanese0212
	case 'A':
		return chinese2022
	case 'C':
		return korean2022
	}
	return unknown2022
}
