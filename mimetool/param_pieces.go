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

// startsPiece tells whether an attribute and "=" stand at start.
func startsPiece(s string, start int) bool {
	i := start
	for i < len(s) && i < start+30 && (isLetter(s[i]) || i > start && isTokenChar(s[i])) {
		i++
	}
	return i > start && i+1 < len(s) && s[i] == '=' && s[i+1] != '?' && s[i+1] != '='
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
