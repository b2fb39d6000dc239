package imap

import (
	"bytes"
	"math"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
)

// response is the begin of a response (RFC 9051 §7), up to its data, which are still to be read. A status response
// is read whole.
type response struct {
	tag    string // "" of an untagged one, "+" of a continuation
	name   string // in upper case: "FETCH", "OK"
	num    uint32 // before the name, where hasNum
	hasNum bool
	status *Status // of OK, NO, BAD, BYE, PREAUTH, and of a continuation, whose Text is what follows the plus
}

// Status is what a status response says (RFC 9051 §7.1).
type Status struct {
	Type goimap.StatusResponseType // OK, NO, BAD, BYE, PREAUTH
	Code string                    // the response code in upper case ("UIDNEXT"), "" if there is none
	Arg  string                    // what follows the code in its brackets, as it came
	Text string                    // the server's text, as it came
}

// String is the status as the server wrote it: "NO [INUSE] mailbox locked".
func (s *Status) String() string {
	out := string(s.Type)
	if s.Code != "" {
		out += " [" + strings.TrimSpace(s.Code+" "+s.Arg) + "]"
	}
	return strings.TrimSpace(out + " " + s.Text)
}

// response reads the begin of the next response.
func (r *reader) response() (response, error) {
	r.forget()
	for {
		c, err := r.peek()
		if err != nil {
			return response{}, err
		}
		switch c {
		case '\r', '\n', ' ': // an empty line is no response
			if err := r.blank(); err != nil {
				return response{}, err
			}
			continue
		case '+':
			r.r++
			text, err := r.text()
			return response{tag: "+", status: &Status{Text: string(bytes.TrimPrefix(text, []byte(" ")))}}, err
		case '[': // Exchange 2013 leaves "* OK" out before [COPYUID …]
			status, err := r.status(string(goimap.StatusResponseTypeOK))
			return response{name: string(goimap.StatusResponseTypeOK), status: status}, err
		}
		return r.begin()
	}
}

// greeting reads the first response. What is none is told as it came; where it says so, it is one of a server that is busy.
func (r *reader) greeting() (response, error) {
	if c, err := r.peek(); err != nil || c == '*' {
		p, err := r.response()
		return p, err
	}
	text, err := r.text()
	if err != nil {
		return response{}, err
	}
	line := string(bytes.TrimSpace(text))
	if says(line, busy()) || says(line, []string{"intrusion prevention"}) {
		return response{name: "BYE", status: &Status{Type: goimap.StatusResponseTypeBye, Text: line}}, nil
	}
	return response{name: line}, nil
}

// begin reads tag, number and name.
func (r *reader) begin() (response, error) {
	var p response
	word, err := r.atom()
	if err != nil {
		return p, err
	}
	if string(word) != "*" {
		if len(word) > 64 {
			return p, r.fail(protocolError("%.40q where a tag should be", word))
		}
		p.tag = string(word)
	}
	if word, err = r.word(); err != nil {
		return p, err
	}
	if n, ok := number(word); ok && p.tag == "" {
		if n > math.MaxUint32 {
			return p, r.fail(protocolError("message number %d", n))
		}
		p.num, p.hasNum = uint32(n), true
		if word, err = r.word(); err != nil {
			return p, err
		}
	}
	upper(word)
	if string(word) == "FETCH" { // without an allocation
		p.name = "FETCH"
		return p, nil
	}
	p.name = string(word[:min(len(word), 64)])
	switch goimap.StatusResponseType(p.name) {
	case goimap.StatusResponseTypeOK, goimap.StatusResponseTypeNo, goimap.StatusResponseTypeBad,
		goimap.StatusResponseTypeBye, goimap.StatusResponseTypePreAuth:
		if p.status, err = r.status(p.name); err != nil {
			return p, err
		}
	default:
		if p.tag != "" {
			return p, r.fail(protocolError("%q after the tag %s", p.name, p.tag))
		}
	}
	return p, nil
}

// word skips blanks and takes an atom.
func (r *reader) word() ([]byte, error) {
	if err := r.spaces(); err != nil {
		return nil, err
	}
	return r.atom()
}

// status reads the rest of a status response.
func (r *reader) status(kind string) (*Status, error) {
	text, err := r.text()
	if err != nil {
		return nil, err
	}
	s := &Status{Type: goimap.StatusResponseType(kind)}
	text = bytes.TrimLeft(text, " ")
	if inner, rest, ok := responseCode(text); ok {
		code, arg, _ := strings.Cut(inner, " ")
		s.Code, s.Arg = strings.ToUpper(code), strings.TrimSpace(arg)
		text = rest
	}
	s.Text = string(bytes.TrimSpace(text))
	return s, nil
}

// responseCode takes [CODE …] off text. A bracket in a quoted string does not end it.
func responseCode(text []byte) (inner string, rest []byte, ok bool) {
	if len(text) == 0 || text[0] != '[' {
		return "", nil, false
	}
	quoted := false
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quoted:
			i++
		case text[i] == '"':
			quoted = !quoted
		case text[i] == ']' && !quoted:
			return string(text[1:i]), text[i+1:], true
		}
	}
	return "", nil, false
}

// argument reads the values of a response code; broken ones are none.
func (s *Status) argument() []node {
	r := newReader(strings.NewReader(s.Arg + "\r\n"))
	list, err := r.values()
	if err != nil {
		return nil
	}
	return list
}
