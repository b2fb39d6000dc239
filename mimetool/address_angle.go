package mimetool

import (
	"strings"
)

// angleAddr is the address between angle brackets.
func (p *addressParser) angleAddr() string {
	at := p.firstAt(p.angle)
	if at < 0 {
		return p.angleLocal()
	}
	if p.firstAt(p.angle[at+1:]) >= 0 {
		p.lex.wrong("address-at", "RFC 5322 §3.4.1", p.angle[at].start)
		return ""
	}
	for _, x := range p.angle {
		if x.kind == lexWord {
			p.lex.wrong("address-word", "RFC 2047 §5", x.start)
			return p.wordAddr()
		}
		if x.kind == lexSpecial && !p.is(x, '.') && !p.is(x, '@') {
			p.lex.wrong("address-special", "RFC 5322 §3.4.1", x.start)
			return ""
		}
	}
	first := p.localStart(p.angle, at)
	if len(p.trimComments(p.angle[:first])) > 0 {
		p.lex.wrong("address-junk", "RFC 5322 §3.4.1", p.angle[0].start)
	}
	// A domain that a fold has cut is joined again: nothing else can stand after it.
	if last := p.domainEnd(p.angle, at); len(p.trimComments(p.angle[last:])) > 0 {
		p.lex.wrong("address-fold", "RFC 5322 §3.4.1", p.angle[last].start)
	}
	addr := p.addrSpec(p.angle[first:], at-first)
	if addr == "" {
		p.lex.wrong("address-at", "RFC 5322 §3.4.1", p.angle[at].start)
	}
	return addr
}

// angleLocal is what stands between angle brackets without "@": nothing, or a local part.
func (p *addressParser) angleLocal() string {
	words := p.trimComments(p.angle)
	if len(words) == 0 {
		if !p.syntax.Empty {
			p.lex.wrong("address-empty", "RFC 5322 §3.4.1", p.open)
		}
		return ""
	}
	p.noDomain(words[0].start)
	if p.localStart(words, len(words)) != 0 {
		return p.wordAddr()
	}
	return p.local(words)
}

// wordAddr is the address that an encoded-word between angle brackets holds. RFC 2047 §5 has none there, but between
// the brackets nothing but an address is meant.
func (p *addressParser) wordAddr() string {
	first, last := p.angle[0], p.angle[len(p.angle)-1]
	text, _ := decodeText(p.s[first.start:last.end], &p.guess)
	if at := strings.IndexByte(text, '@'); at > 0 && plainDotAtom(text[:at]) && plainDotAtom(text[at+1:]) {
		return text
	}
	return ""
}

// readAngle gathers what stands between "<", which was read, and ">".
func (p *addressParser) readAngle(open lexeme) {
	p.angled, p.angle, p.open, p.route, p.content = true, p.angle[:0], open.start, false, false
	for {
		at := p.lex.i
		x := p.lex.next()
		if x.kind != lexSpecial && x.kind != lexEnd {
			p.addAngle(x)
			continue
		}
		c := byte(0)
		if x.kind == lexSpecial {
			c = p.s[x.start]
		}
		switch {
		case c == '>':
			return
		case c == '<':
			p.lex.wrong("angle-open", "RFC 5322 §3.4", x.start)
		case c == ':' && p.route:
			p.lex.obsolete("address-route", "RFC 5322 §4.4", open.start)
			p.angle, p.route = p.angle[:0], false
		case c == ':' && len(p.angle) == 1 && strings.EqualFold(p.text(p.angle[0]), "mailto"):
			p.lex.wrong("address-mailto", "RFC 5322 §3.4", open.start)
			p.angle = p.angle[:0]
		case x.kind == lexEnd || c == ';' || c == ',' && p.content && !p.route:
			p.lex.wrong("angle-open", "RFC 5322 §3.4", open.start)
			p.lex.i = at // read again as the end of the mailbox
			return
		default:
			p.addAngle(x)
		}
	}
}

// addAngle keeps a lexeme that stands between the brackets.
func (p *addressParser) addAngle(x lexeme) {
	if len(p.angle) == maxLexemes {
		p.lex.wrong("address-long", "RFC 5322 §3.4", x.start)
		return
	}
	p.angle = append(p.angle, x)
	if !p.content && x.kind != lexComment {
		p.content = true
		p.route = p.is(x, '@') || p.is(x, ',')
	}
}

// angledAddress is name "<" addr ">".
func (p *addressParser) angledAddress() Address {
	before, after := p.item[:p.after], p.item[p.after:]
	for _, x := range after {
		if x.kind != lexComment {
			p.lex.wrong("address-junk", "RFC 5322 §3.4", x.start)
			break
		}
	}
	p.checkPhrase(before)
	a := Address{Name: p.phrase(before)}
	if a.Name == "" {
		a.Name = p.phrase(after)
	}
	if a.Name == "" {
		a.Name = p.comment(p.item)
	}
	if a.Addr = p.angleAddr(); a.Addr == "" && a.Name == "" {
		a.Name = p.phrase(p.angle)
	}
	return a
}
