package mimetool

import "strings"

// maxWord is the length of an encoded-word that RFC 2047 §2 allows. Longer ones are read all the same.
const maxWord = 75

// maxCharsetName bounds the search for the end of a charset's name.
const maxCharsetName = 80

// An encodedWord is "=?charset*language?encoding?text?=" (RFC 2047 §2, RFC 2231 §5).
type encodedWord struct {
	start, end int // its place; where it is none, end is where to look on
	charset    string
	language   string
	base64     bool // else Q
	text       string
}

// A wordScanner finds the encoded-words of s in linear time.
type wordScanner struct {
	s      string
	close  int // the first "?=" at or after closeAt, -1: none
	closed bool
	from   int // where the search for close began
}

// next is the place of the first "=?" at or after i, -1 where there is none.
func (w *wordScanner) next(i int) int {
	if i >= len(w.s) {
		return -1
	}
	j := strings.Index(w.s[i:], "=?")
	if j < 0 {
		return -1
	}
	return i + j
}

// closing is the place of the first "?=" at or after i. What was found is kept, so that many openings with one ending
// cost one search.
func (w *wordScanner) closing(i int) int {
	if w.closed && i >= w.from && (w.close < 0 || i <= w.close) {
		return w.close
	}
	w.closed, w.from, w.close = true, i, -1
	if j := strings.Index(w.s[i:], "?="); j >= 0 {
		w.close = i + j
	}
	return w.close
}

// match reads the word at at, where "=?" stands.
func (w *wordScanner) match(at int) (encodedWord, bool) {
	word := encodedWord{start: at, end: at + 2}
	i := word.open(w.s, at)
	if i < 0 {
		return word, false
	}
	end := w.closing(i)
	if end < 0 {
		return word, false
	}
	text := w.s[i:end]
	if j := innerWord(text); j > 0 {
		word.end = i + j
		return word, false
	}
	word.text, word.end = text, end+2
	return word, text == "" || !word.base64 || hasBase64(text)
}

// innerWord is the place in text where another word begins, which shows that the one around it was never ended; -1 none.
func innerWord(text string) int {
	for at := 0; ; at += 2 {
		j := strings.Index(text[at:], "=?")
		if j < 0 {
			return -1
		}
		at += j
		var inner encodedWord
		if at > 0 && inner.open(text, at) >= 0 {
			return at
		}
	}
}

// hasBase64 tells whether an octet at least can be decoded of text.
func hasBase64(text string) bool {
	n := 0
	for i := 0; i < len(text) && n < 2; i++ {
		if base64Value(text[i]) >= 0 {
			n++
		}
	}
	return n == 2
}

// open reads "=?charset?encoding?" at at. It gives the place of the text, -1 where that is not what stands there.
func (w *encodedWord) open(s string, at int) int {
	rest := s[at+2:]
	if len(rest) > maxCharsetName {
		rest = rest[:maxCharsetName]
	}
	i := strings.IndexByte(rest, '?')
	if i < 0 || !w.setCharset(rest[:i]) {
		return -1
	}
	n := at + 2 + i + 1
	for blanks := 0; n < len(s) && blanks < 4 && isBlank(s[n]); blanks++ {
		n++
	}
	if n+1 >= len(s) || !w.setEncoding(s[n]) || s[n+1] != '?' {
		return -1
	}
	return n + 2
}

// setCharset takes "charset" or "charset*language" (RFC 2231 §5). No charset is no encoded-word (RFC 2047 §2).
func (w *encodedWord) setCharset(s string) bool {
	s = trimBlankString(s)
	w.charset, w.language, _ = strings.Cut(s, "*")
	if w.charset == "" {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>' || c == '=' {
			return false
		}
	}
	return true
}

func (w *encodedWord) setEncoding(c byte) bool {
	w.base64 = c == 'B' || c == 'b'
	return w.base64 || c == 'Q' || c == 'q'
}
