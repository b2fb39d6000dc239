package mimetool

// ParseAddressList reads the value of an address field: From, To, Cc, Reply-To… (RFC 5322 §3.4 and §4.4, RFC 6532). raw
// may be folded or not. Comments, groups, quoted local parts and the obsolete syntax are read; a route is dropped.
//
// What is no such syntax is taken as it is meant where that is plain: missing commas, quotes and angle brackets, names
// with specials, semicolons for commas. Where it is not plain which address is meant, as in "a@b@c", there is none: the
// Address has a name and no Addr. An address is never taken out of an encoded display name (RFC 2047 §5).
func ParseAddressList(raw string, opt WordOptions) ([]Address, []Defect) {
	p := newAddressParser(raw, opt)
	p.parse()
	return p.out, p.lex.defects
}

func newAddressParser(raw string, opt WordOptions) *addressParser {
	return &addressParser{s: raw, guess: charsetGuess{opt: opt}, lex: addressLexer{s: raw, scan: wordScanner{s: raw}}}
}

type addressParser struct {
	s      string
	guess  charsetGuess
	syntax AddressSyntax // what is no defect
	lex    addressLexer
	out    []Address

	item    []lexeme // of the mailbox, outside angle brackets
	angle   []lexeme // in them
	angled  bool
	open    int  // place of the "<"
	route   bool // what is in them began as an obs-route: with "@" or a comma (RFC 5322 §4.4)
	content bool // there is something but comments in them
	after   int  // lexemes of item that stand before the angle brackets
	group   string
	inGroup bool
	members int // of the group
}

// What is held of a field that is nothing but addresses, or of an address that is nothing but words.
const (
	maxAddresses = 250_000
	maxLexemes   = 10_000
)

func (p *addressParser) parse() {
	for {
		x := p.lex.next()
		if len(p.out) >= maxAddresses && x.kind != lexEnd {
			p.lex.wrong("address-many", "RFC 5322 §3.4", x.start)
			return
		}
		if len(p.item) == maxLexemes {
			p.lex.wrong("address-long", "RFC 5322 §3.4", x.start)
			p.cutItem()
		}
		if x.kind == lexEnd {
			p.endItem()
			if p.inGroup {
				p.lex.wrong("group-open", "RFC 5322 §3.4", x.start)
				p.endGroup()
			}
			return
		}
		if x.kind != lexSpecial {
			p.item = append(p.item, x)
			continue
		}
		p.special(x)
	}
}

func (p *addressParser) special(x lexeme) {
	switch p.s[x.start] {
	case ',':
		p.endItem()
	case ';':
		p.endItem()
		if !p.inGroup {
			p.lex.wrong("address-semicolon", "RFC 5322 §3.4", x.start)
		}
		p.endGroup()
	case ':':
		p.colon(x)
	case '<':
		if p.angled {
			p.lex.wrong("address-comma", "RFC 5322 §3.4", x.start)
			p.splitItem()
		}
		p.after = len(p.item)
		p.readAngle(x)
	case '>':
		p.lex.wrong("angle-close", "RFC 5322 §3.4", x.start)
	default:
		p.item = append(p.item, x)
	}
}

// colon begins a group, when a phrase stands before it.
func (p *addressParser) colon(x lexeme) {
	if p.inGroup || p.angled || len(p.item) == 0 || p.firstAt(p.item) >= 0 {
		p.lex.wrong("address-colon", "RFC 5322 §3.4", x.start)
		return
	}
	p.group, p.inGroup, p.members = p.phrase(p.item), true, 0
	p.item = p.item[:0]
}

func (p *addressParser) endGroup() {
	if p.inGroup && p.members == 0 {
		p.out = append(p.out, Address{Group: p.group})
	}
	p.group, p.inGroup = "", false
}

// endItem makes addresses of what was gathered.
func (p *addressParser) endItem() {
	switch {
	case p.angled:
		p.add(p.angledAddress())
	case len(p.trimComments(p.item)) > 0:
		p.bareAddresses()
	}
	p.item, p.angle, p.angled, p.after = p.item[:0], p.angle[:0], false, 0
}

// cutItem ends a mailbox that is too long, where another may begin: before the last word that no dot or "@" joins to
// what precedes it.
func (p *addressParser) cutItem() {
	i := len(p.item) - 1
	for i > 0 && !(p.item[i].blank && p.item[i].kind != lexSpecial && p.item[i-1].kind != lexSpecial) {
		i--
	}
	if i <= p.after {
		p.endItem()
		return
	}
	rest := append([]lexeme(nil), p.item[i:]...)
	p.item = p.item[:i]
	p.endItem()
	p.item = append(p.item, rest...)
}

// splitItem ends a mailbox that another follows without a comma. What stands after its brackets is the other's name.
func (p *addressParser) splitItem() {
	name := append([]lexeme(nil), p.item[p.after:]...)
	p.item = p.item[:p.after]
	p.endItem()
	p.item = append(p.item, name...)
}

func (p *addressParser) add(a Address) {
	a.Group = p.group
	p.out = append(p.out, a)
	p.members++
}

// checkPhrase notes specials in a display name. The obsolete syntax has dots there.
func (p *addressParser) checkPhrase(list []lexeme) {
	for _, x := range list {
		switch {
		case p.is(x, '.'):
			p.lex.obsolete("phrase-dot", "RFC 5322 §4.1", x.start)
		case x.kind == lexSpecial || x.kind == lexLiteral:
			p.lex.wrong("phrase-special", "RFC 5322 §3.2.5", x.start)
		}
	}
}

func (p *addressParser) text(x lexeme) string { return p.s[x.start:x.end] }

func (p *addressParser) is(x lexeme, special byte) bool {
	return x.kind == lexSpecial && p.s[x.start] == special
}

// firstAt is the index of the first "@" of list, -1 without one.
func (p *addressParser) firstAt(list []lexeme) int {
	for i, x := range list {
		if p.is(x, '@') {
			return i
		}
	}
	return -1
}
