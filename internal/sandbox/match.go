package sandbox

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Match says which letters are meant. The zero value is all of them.
type Match struct {
	To      string `json:"to,omitempty"`      // glob (* and ?) for an address; without @ its local part will do
	From    string `json:"from,omitempty"`    // likewise; "<>" is the null reverse-path
	Subject string `json:"subject,omitempty"` // text in the decoded Subject, in whatever case
	Body    string `json:"body,omitempty"`    // text in the decoded body, in whatever case
	Since   int    `json:"since,omitempty"`   // a Mark: only letters after it
}

func (m Match) filter(letters []*Message) (found []*Message, err error) {
	// Numbers go up: what came before the mark is skipped at once.
	first, _ := slices.BinarySearchFunc(letters, m.Since+1, func(l *Message, id int) int { return l.ID - id })
	for _, l := range letters[first:] {
		ok, err := m.matches(l)
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, l)
		}
	}
	return found, nil
}

func (m Match) matches(l *Message) (bool, error) {
	if m.To != "" && !anyAddress(m.To, l.To) || m.From != "" && !matchAddress(m.From, l.From) {
		return false, nil
	}
	if m.Subject != "" && !containsFold(l.Subject, m.Subject) {
		return false, nil
	}
	if m.Body == "" {
		return true, nil
	}
	return bodyContains(l, m.Body)
}

func anyAddress(pattern string, addresses []string) bool {
	for _, a := range addresses {
		if matchAddress(pattern, a) {
			return true
		}
	}
	return false
}

// matchAddress says whether pattern fits an address, or its local part when it has no @ itself.
func matchAddress(pattern, address string) bool {
	if pattern == "<>" {
		return address == ""
	}
	if glob(pattern, address) {
		return true
	}
	at := strings.LastIndexByte(address, '@')
	return at >= 0 && !strings.Contains(pattern, "@") && glob(pattern, address[:at])
}

func containsFold(s, text string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(text))
}

// glob says whether pattern, in which * is any text and ? one character, fits all of s, in whatever case.
func glob(pattern, s string) bool {
	pattern, s = strings.ToLower(pattern), strings.ToLower(s)
	back, mark := -1, 0 // where to go on in pattern and s when the last * has to take more
	p, i := 0, 0
	for i < len(s) {
		_, width := utf8.DecodeRuneInString(s[i:])
		switch {
		case p < len(pattern) && pattern[p] == '*':
			p++
			back, mark = p, i
		case p < len(pattern) && pattern[p] == '?':
			p++
			i += width
		case p < len(pattern) && pattern[p] == s[i]:
			p++
			i++
		case back >= 0:
			_, width := utf8.DecodeRuneInString(s[mark:])
			mark += width
			p, i = back, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
