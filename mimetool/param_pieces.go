package mimetool

import (
	"strconv"
	"strings"
)

// maxPieces bounds what is held of a field that is nothing but parameters.
const maxPieces = 120_000

// pieces reads the parameters from p.i on.
func (p *paramParser) pieces() {
	for {
		p.skipCFWS()
		if p.i >= len(p.s) {
			return
		}
		if p.s[p.i] == ';' {
			p.i++
			continue
		}
		if len(p.list) == maxPieces {
			p.note("param-many", "RFC 2045 §5.1", p.i)
			return
		}
		p.piece()
	}
}

// piece reads one attribute, "=", value (RFC 2045 §5.1). It takes one octet at least.
func (p *paramParser) piece() {
	start := p.i
	name := p.attribute()
	p.skipCFWS()
	if name == "" || p.i >= len(p.s) || p.s[p.i] != '=' {
		p.note("param-junk", "RFC 2045 §5.1", start)
		p.skipJunk(start)
		return
	}
	p.i++
	p.skipCFWS()
	piece := parseAttribute(name)
	piece.at = start
	if p.i < len(p.s) && p.s[p.i] == '"' {
		piece.value = p.quoted()
	} else {
		piece.value = p.unquoted()
	}
	p.list = append(p.list, piece)
	p.skipCFWS()
	if p.i < len(p.s) && p.s[p.i] != ';' {
		p.note("param-semicolon", "RFC 2045 §5.1", p.i)
		if p.s[p.i] == '"' || p.s[p.i] == ',' {
			p.i++
		}
	}
}

// attribute reads a parameter's name.
func (p *paramParser) attribute() string {
	start := p.i
	for p.i < len(p.s) && isTokenChar(p.s[p.i]) {
		p.i++
	}
	return p.s[start:p.i]
}

// skipJunk goes on to the next semicolon, or to the next blank where a parameter follows it.
func (p *paramParser) skipJunk(start int) {
	if p.i == start {
		p.i++
	}
	for p.i < len(p.s) && p.s[p.i] != ';' && !isBlank(p.s[p.i]) {
		p.i++
	}
}

// parseAttribute takes the stars of RFC 2231 off a name: name*, name*0, name*0*.
func parseAttribute(name string) paramPiece {
	piece := paramPiece{number: -1}
	base, section, starred := strings.Cut(name, "*")
	if starred && base != "" {
		section, piece.extended = strings.CutSuffix(section, "*")
		piece.extended = piece.extended || section == ""
		if section != "" {
			n, err := strconv.ParseUint(section, 10, 31)
			if err != nil {
				return paramPiece{name: strings.ToLower(name), number: -1}
			}
			piece.number = int(n)
		}
	}
	if base == "" {
		base = name
	}
	piece.name = strings.ToLower(base)
	return piece
}

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
			s := p.s[start:p.i]
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
	return trimBlankString(unquote(p.s[start:]))
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
	s := p.s[start:end]
	for i := 0; i < len(s); i++ {
		if !isTokenChar(s[i]) {
			p.note("param-unquoted", "RFC 2045 §5.1", start+i)
			return unfoldString(s)
		}
	}
	return s
}

// startsPiece tells whether an attribute and "=" stand at start.
func startsPiece(s string, start int) bool {
	i := start
	for i < len(s) && i < start+30 && (isLetter(s[i]) || i > start && isTokenChar(s[i])) {
		i++
	}
	return i > start && i+1 < len(s) && s[i] == '=' && s[i+1] != '?' && s[i+1] != '='
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

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

// skipCFWS passes over blanks and comments.
func (p *paramParser) skipCFWS() {
	for p.i < len(p.s) {
		switch {
		case isBlank(p.s[p.i]):
			p.i++
		case p.s[p.i] == '(':
			p.i = p.afterComment()
		default:
			return
		}
	}
}

// afterComment is the place after the comment at p.i. Where it does not end, its parenthesis alone is passed over; the
// next ones are then not tried, so that a thousand of them cost no more than one.
func (p *paramParser) afterComment() int {
	if !p.openComment {
		if end := commentEnd(p.s, p.i); end >= 0 {
			return end
		}
		p.openComment = true
		p.note("comment-open", "RFC 5322 §3.2.2", p.i)
	}
	return p.i + 1
}

// commentEnd is the place after the comment that begins at i, -1 where it does not end (RFC 5322 §3.2.2: comments nest).
func commentEnd(s string, i int) int {
	for depth := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}
