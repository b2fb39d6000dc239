package mimetool

import "strings"

// bareAddresses makes addresses of a mailbox without angle brackets: "addr", "addr (name)", and what should have brackets
// or commas, "Name addr", "addr addr".
func (p *addressParser) bareAddresses() {
	for rest := p.item; len(rest) > 0; {
		at := p.firstAt(rest)
		if at < 0 {
			p.add(p.noAddress(rest))
			return
		}
		first, last := p.localStart(rest, at), p.domainEnd(rest, at)
		a := Address{Addr: p.addrSpec(rest[first:last], at-first)}
		if a.Addr == "" || last < len(rest) && p.is(rest[last], '@') {
			p.lex.wrong("address-at", "RFC 5322 §3.4.1", rest[at].start)
			p.add(Address{Name: p.phrase(rest)})
			return
		}
		next := last
		if p.firstAt(rest[last:]) >= 0 {
			p.lex.wrong("address-comma", "RFC 5322 §3.4", rest[last].start)
			next = last + p.localStart(rest[last:], p.firstAt(rest[last:]))
		} else {
			next = len(rest)
		}
		a.Name = p.nameAround(rest[:first], rest[last:next])
		if a.Name == "" {
			a.Name = p.comment(rest[last:next])
		}
		p.add(a)
		rest = rest[next:]
	}
}

// nameAround is a display name that stands beside an address without angle brackets.
func (p *addressParser) nameAround(before, after []lexeme) string {
	name := p.phrase(before)
	if name == "" {
		name = p.phrase(after)
	}
	if name != "" {
		p.lex.wrong("address-angle", "RFC 5322 §3.4", p.item[0].start)
	}
	return name
}

// noAddress is a mailbox without "@": a local part alone, when it can be one; else a name.
func (p *addressParser) noAddress(list []lexeme) Address {
	words := p.trimComments(list)
	if len(words) > 0 && p.localStart(words, len(words)) == 0 {
		if local := p.local(words); local != "" {
			p.noDomain(list[0].start)
			return Address{Addr: local, Name: p.comment(list)}
		}
	}
	p.lex.wrong("address-missing", "RFC 5322 §3.4", list[0].start)
	name := p.phrase(list)
	if name == "" {
		name = p.comment(list)
	}
	return Address{Name: name}
}

// noDomain notes a local part that stands alone.
func (p *addressParser) noDomain(at int) {
	if !p.syntax.Local {
		p.lex.wrong("address-domain", "RFC 5322 §3.4.1", at)
	}
}

// localStart is where the local part begins that ends before at: words with dots between (RFC 5322 §4.4 allows blanks
// and comments around the dots).
func (p *addressParser) localStart(list []lexeme, at int) int {
	start := at
	dot := true // what comes before may belong to it
	for i := at - 1; i >= 0; i-- {
		x := list[i]
		switch {
		case x.kind == lexComment:
			continue
		case p.is(x, '.'):
			dot = true
		case (x.kind == lexAtom || x.kind == lexQuoted) && (dot || !list[i+1].blank && list[i+1].kind != lexComment):
			dot = false
		default:
			return start
		}
		start = i
	}
	return start
}

// domainEnd is where the domain ends that begins after at.
func (p *addressParser) domainEnd(list []lexeme, at int) int {
	end := at + 1
	dot := true
	for i := at + 1; i < len(list); i++ {
		x := list[i]
		switch {
		case x.kind == lexComment:
			continue
		case p.is(x, '.'):
			dot = true
		case x.kind == lexLiteral && end == at+1:
			return i + 1
		case x.kind == lexAtom && (dot || !x.blank && list[i-1].kind != lexComment):
			dot = false
		default:
			return end
		}
		end = i + 1
	}
	return end
}

// addrSpec is the address in list, whose "@" has the index at; "" where it has no local part or no domain.
func (p *addressParser) addrSpec(list []lexeme, at int) string {
	local, domain := p.local(list[:at]), p.domain(list[at+1:])
	if local == "" || domain == "" {
		return ""
	}
	return local + "@" + domain
}

// local joins a local part. Quotes stay only where they must.
func (p *addressParser) local(list []lexeme) string {
	if p.tooLong(list) {
		return ""
	}
	if len(list) == 1 && list[0].kind == lexAtom && plainAtomText(p.text(list[0])) {
		return p.addrText(p.text(list[0]), list[0].start)
	}
	var b strings.Builder
	quoted := false
	for i, x := range list {
		switch x.kind {
		case lexComment:
		case lexQuoted:
			quoted = true
			b.WriteString(quotedContent(p.text(x)))
		case lexWord:
			return ""
		default:
			b.WriteString(p.text(x))
			p.checkDot(list, i)
		}
		if i > 0 && x.blank && x.kind != lexComment {
			p.lex.obsolete("address-blank", "RFC 5322 §4.4", x.start)
		}
	}
	local := b.String()
	if local == "" && !quoted {
		return ""
	}
	local = p.addrText(local, list[0].start)
	if quoted && !plainDotAtom(local) || !plainAtomText(strings.ReplaceAll(local, ".", "")) {
		return encodeQuotedString(local)
	}
	return local
}

// tooLong tells whether list is longer than any local part or domain is read.
func (p *addressParser) tooLong(list []lexeme) bool {
	if len(list) == 0 || list[len(list)-1].end-list[0].start <= maxPiece {
		return false
	}
	p.lex.wrong("address-long", "RFC 5322 §3.4", list[0].start)
	return true
}

// checkDot notes a dot that has no word on both sides. Some providers gave such addresses out.
func (p *addressParser) checkDot(list []lexeme, i int) {
	if p.is(list[i], '.') && (i == 0 || i == len(list)-1 || p.is(list[i-1], '.')) {
		p.lex.wrong("address-dot", "RFC 5322 §3.4.1", list[i].start)
	}
}

// domain joins a domain or takes a domain-literal.
func (p *addressParser) domain(list []lexeme) string {
	list = p.trimComments(list)
	if p.tooLong(list) {
		return ""
	}
	if len(list) == 1 {
		return p.addrText(p.text(list[0]), list[0].start)
	}
	var b strings.Builder
	for i, x := range list {
		if x.kind == lexComment {
			continue
		}
		if i > 0 && x.blank {
			p.lex.obsolete("address-blank", "RFC 5322 §4.4", x.start)
		}
		p.checkDot(list, i)
		b.WriteString(p.text(x))
	}
	if b.Len() == 0 {
		return ""
	}
	return p.addrText(b.String(), list[0].start)
}

// addrText is a piece of an address as UTF-8 (RFC 6532).
func (p *addressParser) addrText(s string, at int) string {
	if isClean(s) {
		return s
	}
	p.lex.wrong("address-octets", "RFC 6532 §3.2", at) // control characters, or no UTF-8
	return cleanText(p.guess.of([]byte(s)).decode([]byte(s)))
}
