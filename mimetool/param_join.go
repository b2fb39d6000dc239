package mimetool

import (
	"slices"
	"strings"
)

// A paramGroup is the pieces of one name, by their kinds.
type paramGroup struct {
	plain, whole *paramPiece   // name=, name*=
	numbered     []*paramPiece // name*0=, name*1*=
}

// join makes parameters of the pieces.
func (p *paramParser) join() Params {
	groups, names := p.groups()
	if len(names) == 0 {
		return nil
	}
	params := make(Params, 0, len(names))
	for i, name := range names {
		params = append(params, p.param(name, &groups[i]))
	}
	return params
}

// groups sorts the pieces by name. With many names a map finds them: the cost is linear.
func (p *paramParser) groups() (groups []paramGroup, names []string) {
	groups = make([]paramGroup, 0, min(len(p.list), 8))
	names = make([]string, 0, min(len(p.list), 8))
	var places map[string]int
	for i := range p.list {
		piece := &p.list[i]
		at, found := places[piece.name]
		if places == nil {
			at = slices.Index(names, piece.name)
			found = at >= 0
		}
		if !found {
			at = len(names)
			names, groups = append(names, piece.name), append(groups, paramGroup{})
			if at == 16 {
				places = make(map[string]int, 64)
				for j, name := range names {
					places[name] = j
				}
			} else if places != nil {
				places[piece.name] = at
			}
		}
		p.addPiece(&groups[at], piece)
	}
	return groups, names
}

func (p *paramParser) addPiece(g *paramGroup, piece *paramPiece) {
	place := &g.plain
	switch {
	case piece.number >= 0:
		g.numbered = append(g.numbered, piece)
		return
	case piece.extended:
		place = &g.whole
	}
	if *place != nil {
		p.note("param-duplicate", "RFC 2045 §5", piece.at)
		return
	}
	*place = piece
}

// param makes the value of one name: the extended form before the numbered pieces before the plain form.
func (p *paramParser) param(name string, g *paramGroup) Param {
	param := Param{Name: name}
	switch {
	case g.whole != nil:
		p.joinExtended(&param, []*paramPiece{g.whole})
	case len(g.numbered) > 0:
		pieces := p.order(g.numbered)
		if slices.ContainsFunc(pieces, func(piece *paramPiece) bool { return piece.extended }) {
			p.joinExtended(&param, pieces)
			break
		}
		var b strings.Builder
		for _, piece := range pieces {
			b.WriteString(piece.value)
		}
		param.Raw = b.String()
		param.Value = p.paramText(param, pieces[0].at)
	default:
		param.Raw = g.plain.value
		param.Value = p.paramText(param, g.plain.at)
	}
	return param
}

// order sorts pieces by number. A number that comes twice counts by its first; gaps are passed over.
func (p *paramParser) order(pieces []*paramPiece) []*paramPiece {
	slices.SortStableFunc(pieces, func(a, b *paramPiece) int { return a.number - b.number })
	unique := slices.CompactFunc(pieces, func(a, b *paramPiece) bool { return a.number == b.number })
	if len(unique) < len(pieces) {
		p.note("param-duplicate", "RFC 2231 §3", unique[0].at)
	}
	if unique[0].number != 0 || unique[len(unique)-1].number != len(unique)-1 {
		p.note("param-gap", "RFC 2231 §3", unique[0].at)
	}
	return unique
}

// paramText is the text of a value that is not extended. A boundary is compared, not read.
func (p *paramParser) paramText(param Param, at int) string {
	if param.Name == "boundary" {
		return param.Raw
	}
	return p.plainText(param.Raw, at)
}

// plainText is the text of a value that is not extended: encoded-words and raw 8-bit octets are decoded.
func (p *paramParser) plainText(raw string, at int) string {
	if isPlainText(raw) {
		return raw
	}
	text, defects := decodeText(raw, &p.guess)
	if strings.Contains(raw, "=?") && text != raw {
		p.note("param-word", "RFC 2047 §5", at)
	}
	for _, d := range defects {
		p.note(d.Name, d.Ref, at)
	}
	return text
}

// joinExtended joins pieces of which one at least has percent escapes (RFC 2231 §4.1), and decodes their charset.
func (p *paramParser) joinExtended(param *Param, pieces []*paramPiece) {
	first := pieces[0].value
	if pieces[0].extended {
		param.Charset, param.Language, first = p.splitCharset(first, pieces[0].at)
		if param.Charset == "" && strings.Contains(first, "=?") && len(pieces) == 1 {
			param.Raw, param.Value = first, p.plainText(first, pieces[0].at)
			return
		}
	}
	octets := make([]byte, 0, len(first))
	for i, piece := range pieces {
		value := piece.value
		if i == 0 {
			value = first
		}
		if piece.extended {
			octets = p.appendUnescaped(octets, value, piece.at)
		} else {
			octets = append(octets, value...)
		}
	}
	param.Raw = string(octets)
	param.Value = p.extendedText(octets, param.Charset, pieces[0].at)
}

// splitCharset takes "charset'language'" off an extended value (RFC 2231 §4). Where it does not stand there the value
// is all of it.
func (p *paramParser) splitCharset(s string, at int) (charset, language, rest string) {
	charset, tail, ok := strings.Cut(s, "'")
	if ok {
		language, rest, ok = strings.Cut(tail, "'")
	}
	if !ok || strings.ContainsAny(charset+language, " %\"") {
		p.note("param-no-charset", "RFC 2231 §4", at)
		return "", "", s
	}
	if n := len(rest); n > 1 && rest[0] == '"' && rest[n-1] == '"' {
		rest = rest[1 : n-1]
	}
	return charset, language, rest
}

// appendUnescaped undoes percent escapes. One that is none stays as it is.
func (p *paramParser) appendUnescaped(dst []byte, s string, at int) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' {
			if i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
				c = unhex(s[i+1])<<4 | unhex(s[i+2])
				i += 2
			} else {
				p.note("param-percent", "RFC 2231 §7", at)
			}
		}
		dst = append(dst, c)
	}
	return dst
}

// extendedText decodes octets in the charset that the parameter declares.
func (p *paramParser) extendedText(octets []byte, name string, at int) string {
	if p.guess.opt.Override != "" {
		name = p.guess.opt.Override
	}
	cs, known := lookupCharset(name)
	if !known && name != "" {
		p.note("param-charset-unknown", "RFC 2231 §4", at)
	}
	text, honest := cs.text(octets, &p.guess)
	if !honest {
		p.note("param-charset", "RFC 2231 §4", at)
	}
	if !isClean(text) {
		p.note("param-control", "RFC 2231 §4", at)
		text = cleanText(text)
	}
	return text
}
