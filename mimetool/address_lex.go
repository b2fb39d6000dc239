package mimetool

import "strings"

// A lexKind is a kind of lexical token of RFC 5322 §3.2.
type lexKind byte

const (
	lexEnd     lexKind = iota
	lexAtom            // a run of what is not special; a word may be an encoded one
	lexWord            // an encoded-word (RFC 2047)
	lexQuoted          // a quoted-string
	lexComment         // a comment
	lexLiteral         // a domain-literal
	lexSpecial         // one of < > , ; : @ .
)

type lexeme struct {
	kind       lexKind
	blank      bool // blanks stand before it
	start, end int
}

// An addressLexer cuts an address field into lexemes in linear time.
type addressLexer struct {
	s       string
	i       int
	scan    wordScanner
	last    byte // the special that was last, 0 after anything else
	defects []Defect
	bad     *Defect // the first that the syntax of RFC 5322 has no place for

	openQuote, openComment bool // one was met that does not end: the next ones are not tried
}

// wrong notes what even the obsolete syntax does not allow.
func (l *addressLexer) wrong(name, ref string, at int) {
	l.defects = noteOnce(l.defects, name, ref, at)
	if l.bad == nil {
		l.bad = &Defect{Name: name, Ref: ref, Offset: int64(at)}
	}
}

// obsolete notes what RFC 5322 §4 has read and not written.
func (l *addressLexer) obsolete(name, ref string, at int) {
	l.defects = noteOnce(l.defects, name, ref, at)
}

// next gives the next lexeme.
func (l *addressLexer) next() lexeme {
	x := lexeme{kind: lexEnd, start: l.i}
	for l.i < len(l.s) && isBlank(l.s[l.i]) {
		l.i++
	}
	x.blank = l.i > x.start
	x.start = l.i
	if l.i < len(l.s) {
		x.kind = l.token()
	}
	x.end = l.i
	l.last = 0
	if x.kind == lexSpecial {
		l.last = l.s[x.start]
	}
	return x
}

// token passes over one lexeme.
func (l *addressLexer) token() lexKind {
	switch l.s[l.i] {
	case '<', '>', ',', ';', ':', '@', '.':
		l.i++
		return lexSpecial
	case '"':
		if end := l.quotedEnd(); end > 0 {
			l.i = end
			return lexQuoted
		}
	case '(':
		if end := l.commentEnd(); end > 0 {
			l.i = end
			return lexComment
		}
	case '[':
		if end := l.literalEnd(); l.last == '@' && end > 0 {
			l.i = end
			return lexLiteral
		}
	case '=':
		if w, ok := l.word(); ok {
			l.i = w.end
			return lexWord
		}
	}
	l.atom()
	return lexAtom
}

func (l *addressLexer) word() (encodedWord, bool) {
	if !strings.HasPrefix(l.s[l.i:], "=?") {
		return encodedWord{}, false
	}
	w, ok := l.scan.match(l.i)
	if ok && !plainAtomText(l.s[w.start:w.end]) && !isPhraseWord(w.text) {
		l.wrong("address-word-special", "RFC 2047 §5", w.start)
	}
	return w, ok
}

// isPhraseWord tells whether an encoded-word's text has none of the characters that RFC 2047 §5 forbids in a phrase and
// that would end it for another reader. Dots are common and do no harm.
func isPhraseWord(text string) bool {
	return !strings.ContainsAny(text, "()<>@,;:\\\"[] \t\r\n")
}

// atom passes over one octet at least, and over all that is not special.
func (l *addressLexer) atom() {
	start := l.i
	for l.i++; l.i < len(l.s); l.i++ {
		switch c := l.s[l.i]; c {
		case '<', '>', ',', ';', ':', '@', '.', '"', '(', ' ', '\t', '\r', '\n':
			l.checkAtom(start)
			return
		case '=':
			if strings.HasPrefix(l.s[l.i:], "=?") {
				if _, ok := l.scan.match(l.i); ok {
					l.wrong("word-glued", "RFC 2047 §5", l.i)
					l.checkAtom(start)
					return
				}
			}
		}
	}
	l.checkAtom(start)
}

func (l *addressLexer) checkAtom(start int) {
	if !plainAtomText(l.s[start:l.i]) {
		l.wrong("address-special", "RFC 5322 §3.2.3", start)
	}
}

// quotedEnd is the place after the quoted-string at l.i, 0 where it does not end.
func (l *addressLexer) quotedEnd() int {
	if l.openQuote {
		return 0
	}
	for i := l.i + 1; i < len(l.s); i++ {
		switch l.s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	l.openQuote = true
	l.wrong("quote-open", "RFC 5322 §3.2.4", l.i)
	return 0
}

// commentEnd is the place after the comment at l.i, 0 where it does not end.
func (l *addressLexer) commentEnd() int {
	if l.openComment {
		return 0
	}
	if end := commentEnd(l.s, l.i); end > 0 {
		return end
	}
	l.openComment = true
	l.wrong("comment-open", "RFC 5322 §3.2.2", l.i)
	return 0
}

// literalEnd is the place after the domain-literal at l.i (RFC 5322 §3.4.1), 0 where it does not end.
func (l *addressLexer) literalEnd() int {
	for i := l.i + 1; i < len(l.s); i++ {
		switch c := l.s[i]; c {
		case ']':
			return i + 1
		case '[', '<', '>', ',', ';', '"', '\r', '\n':
			return 0
		}
	}
	return 0
}
