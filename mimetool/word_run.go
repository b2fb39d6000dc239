package mimetool

import (
	"encoding/base64"
	"strings"
)

// A wordRun is encoded-words of one charset with only blanks between: their octets are joined before the charset is
// decoded, because many programs split a character over two words, against RFC 2047 §5.
type wordRun struct {
	charset string
	octets  []byte
	words   []runWord
	base64  bool // all of them
}

type runWord struct {
	start, end int // place in the value
	octets     int // end in the run's octets
}

// maxRun bounds what is held of a run. A character that is split just there is lost.
const maxRun = 4096

// takes tells whether w, after gap, belongs to the run.
func (r *wordRun) takes(w encodedWord, gap string) bool {
	return 0 < len(r.words) && len(r.words) < maxRun && strings.EqualFold(r.charset, w.charset) && isBlankText(gap)
}

func (r *wordRun) begin(w encodedWord) { r.charset, r.base64 = w.charset, true }

func (r *wordRun) clear() {
	*r = wordRun{octets: r.octets[:0], words: r.words[:0]}
}

// add decodes w. False: its base64 is damaged.
func (r *wordRun) add(w encodedWord) bool {
	ok := true
	if w.base64 {
		r.octets, ok = appendBase64Word(r.octets, w.text)
	} else {
		r.octets = appendQWord(r.octets, w.text)
	}
	r.base64 = r.base64 && w.base64
	r.words = append(r.words, runWord{w.start, w.end, len(r.octets)})
	return ok
}

// appendQWord decodes the Q encoding (RFC 2047 §4.2). An escape that is none stays as it is.
func appendQWord(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '_':
			dst = append(dst, ' ')
		case c == '=' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			dst = append(dst, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		case c == '\r' || c == '\n': // of a fold inside the word
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}

// appendBase64Word decodes the B encoding (RFC 2047 §4.1). False: there was something to be passed over.
func appendBase64Word(dst []byte, s string) ([]byte, bool) {
	before := len(dst)
	if len(s)%4 == 0 && strings.IndexByte(s, '\n') < 0 {
		dst, err := base64.StdEncoding.AppendDecode(dst, []byte(s))
		if err == nil {
			return dst, true
		}
	}
	return appendBase64Loose(dst[:before], s)
}

// appendBase64Loose decodes base64 with what must not be in it passed over: blanks and junk, padding that is missing or
// stands in the middle. The URL alphabet is taken too.
func appendBase64Loose(dst []byte, s string) ([]byte, bool) {
	var bits uint32
	n, ok := 0, len(s)%4 == 0
	for i := 0; i < len(s); i++ {
		v := base64Value(s[i])
		if v < 0 {
			if s[i] == '=' {
				dst, n = appendBase64Tail(dst, bits, n), 0
			} else {
				ok = false
			}
			continue
		}
		bits = bits<<6 | uint32(v)
		if n++; n == 4 {
			dst, n = append(dst, byte(bits>>16), byte(bits>>8), byte(bits)), 0
		}
	}
	return appendBase64Tail(dst, bits, n), ok
}

// appendBase64Tail gives the octets of a group of n < 4 characters.
func appendBase64Tail(dst []byte, bits uint32, n int) []byte {
	switch n {
	case 2:
		return append(dst, byte(bits>>4))
	case 3:
		return append(dst, byte(bits>>10), byte(bits>>2))
	}
	return dst
}

func base64Value(c byte) int {
	switch {
	case 'A' <= c && c <= 'Z':
		return int(c - 'A')
	case 'a' <= c && c <= 'z':
		return int(c-'a') + 26
	case '0' <= c && c <= '9':
		return int(c-'0') + 52
	case c == '+' || c == '-':
		return 62
	case c == '/' || c == '_':
		return 63
	}
	return -1
}
