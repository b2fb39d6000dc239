package mimetool

import "strings"

// A Param is a parameter of a Content-Type, Content-Disposition or the like, its pieces joined (RFC 2231 §3).
type Param struct {
	Name  string // in lower case, without the stars of RFC 2231
	Value string // as text: UTF-8 without control characters
	// Raw is the value's octets with quotes, continuations and percent escapes undone, no charset decoded. It is what
	// a boundary is compared by.
	Raw      string
	Charset  string // that RFC 2231 declares, as written; "" none
	Language string // likewise
}

// Params are parameters in the order in which each first stands. A name comes once.
type Params []Param

// Get is the text of the parameter with the name, which is in lower case; "" where there is none.
func (p Params) Get(name string) string {
	param, _ := p.Lookup(name)
	return param.Value
}

// Lookup finds the parameter with the name, which is in lower case.
func (p Params) Lookup(name string) (Param, bool) {
	for i := range p {
		if p[i].Name == name {
			return p[i], true
		}
	}
	return Param{}, false
}

// ParseParams reads the value of a Content-Type, Content-Disposition and other fields of that form: a token and
// parameters (RFC 2045 §5.1, 2183 §2, 2231). raw may be folded or not. The value comes in lower case without comments
// and blanks: "text/plain", "attachment"; "" where the field begins with a parameter.
//
// What is found in the wild is taken: missing semicolons and quotes, values with blanks, encoded-words in quotes or
// without (RFC 2047 §5 forbids both), raw 8-bit octets, pieces out of order or with gaps. A parameter that stands twice
// counts by its first; the extended form of RFC 2231 goes before the plain one (RFC 6266 §4.3). Each kind of defect is
// reported once, with its first place in raw.
func ParseParams(raw string, opt WordOptions) (value string, params Params, defects []Defect) {
	p := paramParser{s: raw, guess: charsetGuess{opt: opt}, scan: wordScanner{s: raw}}
	value = p.value()
	p.pieces()
	return value, p.join(), p.defects
}

// A paramPiece is one parameter as it stands: all of one, or a piece of RFC 2231 §3.
type paramPiece struct {
	name     string // in lower case, without stars
	value    string // quotes undone
	number   int    // of the piece, -1: the name has none
	extended bool   // percent escapes, and in the first piece a charset (RFC 2231 §4)
	at       int
}

type paramParser struct {
	s       string
	i       int
	guess   charsetGuess
	list    []paramPiece
	scan    wordScanner
	defects []Defect

	openComment bool // one was met that does not end
}

func (p *paramParser) note(name, ref string, at int) {
	p.defects = noteOnce(p.defects, name, ref, at)
}

// value reads what stands before the first semicolon.
func (p *paramParser) value() string {
	p.skipCFWS()
	start := p.i
	if p.i < len(p.s) && p.s[p.i] == '"' { // against RFC 2045 §5.1
		p.note("value-quoted", "RFC 2045 §5.1", start)
		return strings.ToLower(cleanText(trimBlankString(p.quoted())))
	}
	first := p.valueToken()
	p.skipCFWS()
	if p.i < len(p.s) && p.s[p.i] == '=' {
		p.note("value-missing", "RFC 2045 §5.1", start)
		p.i = start
		return ""
	}
	if p.i >= len(p.s) || p.s[p.i] != '/' {
		return lowerToken(first)
	}
	p.i++
	p.skipCFWS()
	second := p.valueToken()
	return joinType(first, second)
}

// valueToken is a token, 8-bit octets and slashes after the first let through.
func (p *paramParser) valueToken() string {
	start := p.i
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c <= ' ' || c == 0x7f || c == ';' || c == '=' || c == '"' || c == '(' || c == ',' || c == '/':
			return p.s[start:p.i]
		}
		p.i++
	}
	return p.s[start:]
}

// joinType is first "/" second in lower case. The types of most parts cost no allocation.
func joinType(first, second string) string {
	switch {
	case strings.EqualFold(first, "text") && strings.EqualFold(second, "plain"):
		return "text/plain"
	case strings.EqualFold(first, "text") && strings.EqualFold(second, "html"):
		return "text/html"
	case strings.EqualFold(first, "multipart") && strings.EqualFold(second, "mixed"):
		return "multipart/mixed"
	case strings.EqualFold(first, "multipart") && strings.EqualFold(second, "alternative"):
		return "multipart/alternative"
	}
	return lowerToken(first + "/" + second)
}

func lowerToken(s string) string { return strings.ToLower(cleanText(s)) }
