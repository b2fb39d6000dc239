package mimetool

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

const (
	encodedWordMax   = 75 // RFC 2047 §2
	encodedWordFrame = "=?utf-8?q?" + "?="
	encodedWordLeast = len(encodedWordFrame) + 12 // room for one character of four octets
	blankMax         = 8                          // blanks in a row, more of which are encoded too
	tokenMax         = 900                        // an ASCII word longer than this is encoded, so that it can be folded
)

// EncodeWords is s, UTF-8 text, as the value of an unstructured field: what is not ASCII in encoded words (RFC 2047),
// not folded. Text that would be read as an encoded word is encoded too.
func EncodeWords(s string) string {
	f := newFolder("", "")
	f.text(s)
	return strings.TrimSpace(string(f.b))
}

// EncodeUnstructured is a whole header field "name: value" of text, folded and ended with eol.
func EncodeUnstructured(name, value, eol string) []byte {
	f := newFolder(name, eol)
	f.text(value)
	return f.end()
}

// text writes unstructured text, words that need it encoded, neighbours among them together with the blanks between
// (RFC 2047 §6.2: blanks between two encoded words are lost).
func (f *folder) text(s string) {
	s = strings.Trim(s, " \t")
	for s != "" {
		ws, word, rest := cutBlankWord(s)
		if !needsWord(ws, word) {
			f.word(leastBlank(ws), word)
			s = rest
			continue
		}
		run := word
		if len(ws) > 1 {
			run = ws[1:] + word
		}
		for rest != "" {
			ws2, next, after := cutBlankWord(rest)
			if !needsWord(ws2, next) {
				break
			}
			run, rest = run+ws2+next, after
		}
		f.encoded(leastBlank(ws)[:1], run)
		s = rest
	}
	if f.first {
		f.b = append(f.b, ' ')
	}
}

// leastBlank is ws, or one blank at the beginning of a value.
func leastBlank(ws string) string {
	if ws == "" {
		return " "
	}
	return ws
}

// cutBlankWord cuts the blanks and the word that s begins with.
func cutBlankWord(s string) (ws, word, rest string) {
	i := 0
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	j := i
	for j < len(s) && s[j] != ' ' && s[j] != '\t' {
		j++
	}
	return s[:i], s[i:j], s[j:]
}

// needsWord says whether word, after the blanks ws, must be an encoded word in unstructured text: for what is in it,
// or because it or the blanks are too long for a line that cannot be folded within them.
func needsWord(ws, word string) bool {
	return !plainPrintable(word) || strings.Contains(word, "=?") || len(word) > tokenMax || len(ws) > blankMax
}

func plainPrintable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// encodeWord is one encoded word. RFC 2047 §5(3): only letters, digits and "!*+-/" stand for themselves in Q, so that
// the word may stand in a phrase too.
func encodeWord(s string, q bool) string {
	if !q {
		return "=?utf-8?b?" + base64.StdEncoding.EncodeToString([]byte(s)) + "?="
	}
	b := []byte("=?utf-8?q?")
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ':
			b = append(b, '_')
		case plainInQ(c):
			b = append(b, c)
		default:
			b = append(b, '=', hexUpper[c>>4], hexUpper[c&15])
		}
	}
	return string(append(b, "?="...))
}

func plainInQ(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '!' || c == '*' || c == '+' || c == '-' || c == '/'
}

func lenInQ(s string) int {
	n := 0
	for i := range len(s) {
		if c := s[i]; c == ' ' || plainInQ(c) {
			n++
		} else {
			n += 3
		}
	}
	return n
}

// betterAsQ says whether s is in Q, which people can read, not much longer than in B.
func betterAsQ(s string) bool { return lenInQ(s)*2 <= (len(s)+2)/3*4*3 }

// runesThatFit is the length of the longest beginning of s that takes at most room characters, at least one
// character. RFC 2047 §5: a character is never divided between two words.
func runesThatFit(s string, q bool, room int) int {
	n, used := 0, 0
	for n < len(s) {
		_, size := utf8.DecodeRuneInString(s[n:])
		if q {
			used += lenInQ(s[n : n+size])
		} else {
			used = (n + size + 2) / 3 * 4
		}
		if used > room && n > 0 {
			break
		}
		n += size
	}
	return n
}
