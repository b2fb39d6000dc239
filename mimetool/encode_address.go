package mimetool

import (
	"net/mail"
	"strings"
)

// EncodeAddresses is a whole address field "name: a, b", folded and ended with eol: display names as atoms, quoted
// strings (RFC 5322 §3.2.5) or encoded words. Addresses go as they are: UTF-8 in them is RFC 6532's.
func EncodeAddresses(name string, list []mail.Address, eol string) []byte {
	f := newFolder(name, eol)
	for i, a := range list {
		comma := 0
		if i < len(list)-1 {
			comma = 1
		}
		f.mailbox(a, comma)
		if comma == 1 {
			f.b, f.col = append(f.b, ','), f.col+1
		}
	}
	return f.end()
}

// mailbox writes one mailbox after a blank; tail characters more shall fit on its line.
func (f *folder) mailbox(a mail.Address, tail int) {
	if a.Name == "" {
		f.tailed(" ", addrSpec(a.Address), tail)
		return
	}
	f.phrase(a.Name)
	f.tailed(" ", "<"+addrSpec(a.Address)+">", tail)
}

// tailed writes a word that tail characters follow without a blank.
func (f *folder) tailed(ws, s string, tail int) {
	if !f.first && f.col+len(ws)+len(s)+tail > foldWidth {
		f.fold()
	}
	f.b = append(append(f.b, ws...), s...)
	f.col += len(ws) + len(s)
	f.first = false
}

// phrase writes a display name after a blank.
func (f *folder) phrase(name string) {
	name = strings.TrimSpace(name)
	switch {
	case !plainPrintable(name) || strings.Contains(name, "=?") || len(name) > tokenMax:
		f.encoded(" ", name)
	case plainAtoms(name):
		for rest := name; rest != ""; {
			var word string
			_, word, rest = cutBlankWord(rest)
			f.word(" ", word)
		}
	default:
		f.word(" ", encodeQuotedString(name))
	}
}

// addrSpec is addr with its local part quoted where it is no dot-atom (RFC 5322 §3.4.1).
func addrSpec(addr string) string {
	at := strings.LastIndexByte(addr, '@')
	if at <= 0 || addr[0] == '"' {
		return addr
	}
	local := addr[:at]
	if !plainDotAtom(local) {
		local = encodeQuotedString(local)
	}
	return local + addr[at:]
}

func plainDotAtom(s string) bool {
	return s != "" && s[0] != '.' && s[len(s)-1] != '.' && !strings.Contains(s, "..") &&
		plainAtomText(strings.ReplaceAll(s, ".", ""))
}

// plainAtoms says whether s is words of atom characters with single blanks between.
func plainAtoms(s string) bool {
	for word := range strings.SplitSeq(s, " ") {
		if word == "" || !plainAtomText(word) {
			return false
		}
	}
	return true
}

// plainAtomText is RFC 5322 §3.2.3's atext, with RFC 6532's octets above ASCII.
func plainAtomText(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80 ||
			strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0) {
			return false
		}
	}
	return true
}

// encodeQuotedString is s as a quoted string.
func encodeQuotedString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	b.WriteByte('"')
	return b.String()
}

// EncodeAddressText is a whole address field whose value is text as a user writes it, groups and comments included:
// only words that are not ASCII are changed, into encoded words where they stand.
func EncodeAddressText(name, value, eol string) []byte {
	f := newFolder(name, eol)
	for rest := strings.TrimSpace(value); rest != ""; {
		var t addressToken
		t, rest = cutAddressToken(rest)
		f.addressToken(t)
	}
	return f.end()
}

// An addressToken is a piece of an address field that stands alone when the field is folded.
type addressToken struct {
	blank  string // before it
	text   string
	quoted bool // a quoted string
	remark bool // a comment
}

// cutAddressToken cuts the quoted string, the comment, or what goes on to the next blank, quote or parenthesis.
func cutAddressToken(s string) (t addressToken, rest string) {
	body := strings.TrimLeft(s, " \t")
	if t.blank = s[:len(s)-len(body)]; body == "" {
		return t, ""
	}
	end := len(body)
	switch body[0] {
	case '"':
		t.quoted = true
		end = encodeClosing(body, '"', '"')
	case '(':
		t.remark = true
		end = encodeClosing(body, '(', ')')
	default:
		if i := strings.IndexAny(body[1:], " \t(\","); i >= 0 {
			end = i + 1
			if body[end] == ',' {
				end++
			}
		}
	}
	t.text = body[:end]
	return t, body[end:]
}

// encodeClosing is the length of what s begins with, up to the encodeClosing mark: a quoted string or a comment, which may nest.
func encodeClosing(s string, open, shut byte) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == shut && (depth == 1 || open != shut):
			if depth--; depth == 0 {
				return i + 1
			}
		case c == open:
			depth++
		}
	}
	return len(s)
}

func (f *folder) addressToken(t addressToken) {
	ws := t.blank
	if f.first {
		ws = " "
	}
	switch {
	case plainPrintable(t.text):
		f.word(ws, t.text)
	case t.quoted:
		f.encoded(ws, plainQuoted(t.text))
	case t.remark:
		// RFC 2047 §5(2): encoded words within a comment.
		f.word(ws, "("+EncodeWords(plainQuoted(t.text))+")")
	case strings.ContainsAny(t.text, "@<>"):
		f.word(ws, t.text) // RFC 6532
	default:
		word := strings.TrimRight(t.text, ",;:")
		f.encoded(ws, word)
		f.b = append(f.b, t.text[len(word):]...)
		f.col += len(t.text) - len(word)
	}
}

// plainQuoted takes the marks around a quoted string or a comment away, and its backslashes.
func plainQuoted(s string) string {
	s = s[1:max(1, len(s)-1)]
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
