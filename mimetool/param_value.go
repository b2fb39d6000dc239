package mimetool

import (
	"strings"
)

// quoted reads a quoted-string (RFC 5322 §3.2.4), unfolded. A backslash counts only before a quote or another one:
// names of files of Windows stand in quotes as they are. One that does not end goes to the end of the value.
func (p *paramParser) quoted() string {
	start := p.i + 1
	plain := true
	for p.i++; p.i < len(p.s); p.i++ {
		switch p.s[p.i] {
		case '"':
			if p.quoteInside() {
				continue
			}
			s := p.cut(start, p.i)
			p.i++
			if plain {
				return s
			}
			return unquote(s)
		case '\\':
			p.i++
			plain = false
		case '\r', '\n':
			plain = false
		}
	}
	p.i = len(p.s)
	p.note("quote-open", "RFC 5322 §3.2.4", start-1)
	return trimBlankString(unquote(p.cut(start, p.i)))
}

// cut is s[start:end], or as much of it as is read of a value.
func (p *paramParser) cut(start, end int) string {
	if end-start > maxPiece {
		p.note("param-long", "RFC 2045 §5.1", start)
		end = start + maxPiece
	}
	return p.s[start:end]
}

// quoteInside tells whether the quote at p.i is within the string, where a backslash should stand before it: something
// follows it that is no parameter, and another quote before a semicolon.
func (p *paramParser) quoteInside() bool {
	i := p.i + 1
	for i < len(p.s) && isBlank(p.s[i]) {
		i++
	}
	if i >= len(p.s) || p.s[i] == ';' || p.s[i] == ',' || p.s[i] == '(' || startsPiece(p.s, i) {
		return false
	}
	j := strings.IndexAny(p.s[i:], "\";")
	if j < 0 || p.s[i+j] == ';' {
		return false
	}
	p.note("quote-inside", "RFC 5322 §3.2.4", p.i)
	return true
}

// unquote undoes quoted-pairs and folds.
func unquote(s string) string {
	s = unfoldString(s)
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
			i++
		}
		b = append(b, s[i])
	}
	return string(b)
}

// unquoted reads a value without quotes: a token, or what stands up to the semicolon where blanks and specials are in it.
func (p *paramParser) unquoted() string {
	start, end := p.i, p.i // end: after the last octet that is no blank
	for p.i < len(p.s) && p.s[p.i] != ';' {
		switch c := p.s[p.i]; {
		case isBlank(c):
			p.i++
			if startsPiece(p.s, p.i) {
				p.note("param-semicolon", "RFC 2045 §5.1", p.i)
				return p.token(start, end)
			}
			continue
		case c == '(' && p.i > start && isBlank(p.s[p.i-1]):
			// At the end it is one (RFC 2045 §5.1); within a value it is part of a name without quotes.
			if p.i = p.afterComment(); p.endsAt(p.i) {
				return p.token(start, end)
			}
		case c == '=' && strings.HasPrefix(p.s[p.i:], "=?"):
			p.skipWord()
		default:
			p.i++
		}
		end = p.i
	}
	return p.token(start, end)
}

// token is s[start:end], and a defect where that is no token.
func (p *paramParser) token(start, end int) string {
	s := p.cut(start, end)
	for i := 0; i < len(s); i++ {
		if !isTokenChar(s[i]) {
			p.note("param-unquoted", "RFC 2045 §5.1", start+i)
			return unfoldString(s)
		}
	}
	return s
}

// endsAt tells whether only blanks come before the next semicolon.
func (p *paramParser) endsAt(i int) bool {
	for i < len(p.s) && isBlank(p.s[i]) {
		i++
	}
	return i >= len(p.s) || p.s[i] == ';'
}

// skipWord passes over an encoded-word, in which a semicolon may stand, or over one octet.
func (p *paramParser) skipWord() {
	if w, ok := p.scan.match(p.i); ok {
		p.i = w.end
		return
	}
	p.i++
}
