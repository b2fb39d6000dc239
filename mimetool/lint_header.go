package mimetool

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// header looks at the fields of a part.
func (l *linter) header(p *Part) {
	message := p.Parent < 0 || p.w.isMessageRoot()
	seen := make(map[string]int)
	next := p.HeaderStart
	for _, f := range p.Header {
		at := next
		next += int64(len(f.Raw))
		if f.Name == "" {
			continue
		}
		name := strings.ToLower(f.Name)
		seen[name]++
		l.field(p, f, at)
		if seen[name] == 2 && isSingle(name) {
			l.add("field-duplicate", singleRef(name), l.where(p, f), at)
		}
	}
	if !message || p.w.err != nil { // of a header beyond a limit the rest is not known
		return
	}
	for _, name := range [...]string{"From", "Date"} {
		if seen[strings.ToLower(name)] == 0 {
			l.add("field-missing", "RFC 5322 §3.6", l.where(p, Field{Name: name}), p.HeaderStart)
		}
	}
	mime := seen["content-type"]+seen["content-transfer-encoding"] > 0
	if mime && seen["mime-version"] == 0 {
		l.add("field-missing", "RFC 2045 §4", l.where(p, Field{Name: "MIME-Version"}), p.HeaderStart)
	}
}

// isMessageRoot tells whether the current part is the message in a part.
func (w *Walker) isMessageRoot() bool {
	n := len(w.frames)
	return n == 0 || w.frames[n-1].boundary == nil
}

// where names a field, and the part unless that is the message itself.
func (l *linter) where(p *Part, f Field) string {
	if p.Parent < 0 {
		return f.Name
	}
	return p.Number + " " + f.Name
}

// field looks at one field.
func (l *linter) field(p *Part, f Field, at int64) {
	where := l.where(p, f)
	n, colon := fieldName(f.Raw)
	if colon > n {
		l.add("field-blank-before-colon", "RFC 5322 §4.5", where, at+int64(n))
	}
	if i := bytes.IndexByte(f.Raw, 0); i >= 0 {
		l.add("nul", "RFC 5322 §4.1", where, at+int64(i))
	}
	lines := &lintLines{}
	lines.Write(f.Raw)
	if lines.haveLong {
		l.add("line-too-long", "RFC 5322 §2.1.1", where, at+lines.long)
	}
	if lines.haveCR {
		l.add("bare-cr", "RFC 5322 §2.2", where, at+lines.bareCR)
	}
	if lines.haveHigh && !utf8.Valid(f.Raw) {
		l.add("header-8bit", "RFC 6532 §3.2", where, at+lines.eight)
	}
	switch KindOf(f.Name) {
	case Parameters: // are among the part's own defects
		return
	case Addresses:
		if !isSingle(strings.ToLower(f.Name)) { // Return-Path and its like are no RFC 5322's address lists
			return
		}
	case Dates:
		if _, err := ParseDate(f.Value()); err != nil {
			l.add("date-syntax", "RFC 5322 §3.3", where, at)
		}
		return
	case Identifiers:
		if len(MessageIDs(f.Value())) == 0 {
			l.add("msg-id-syntax", "RFC 5322 §3.6.4", where, at)
		}
		return
	}
	_, defects := DecodeField(f, p.wordOptions())
	body := at + int64(len(f.Raw)-len(f.Body()))
	for _, d := range defects {
		if d.Name == "header-8bit" && lines.haveHigh {
			continue
		}
		d.Where = where
		if d.Offset >= 0 {
			d.Offset += body
		}
		l.found = append(l.found, d)
	}
}

// isSingle tells whether a field may stand but once (RFC 5322 §3.6, RFC 2045 §3).
func isSingle(name string) bool { return singleRef(name) != "" }

func singleRef(name string) string {
	switch name {
	case "date", "from", "sender", "reply-to", "to", "cc", "bcc", "message-id", "in-reply-to", "references", "subject":
		return "RFC 5322 §3.6"
	case "mime-version", "content-type", "content-transfer-encoding", "content-id", "content-description":
		return "RFC 2045 §3"
	case "content-disposition":
		return "RFC 2183 §2"
	}
	return ""
}

// content looks at what type and encoding say.
func (l *linter) content(p *Part) {
	at := p.HeaderStart
	if i := p.Header.Index("Content-Transfer-Encoding"); i >= 0 {
		at = p.fieldOffset(i)
	}
	switch p.Encoding {
	case "", "7bit", "8bit", "binary":
	case "base64", "quoted-printable":
		if p.IsMultipart() {
			l.add("multipart-encoded", "RFC 2045 §6.4", p.Number, at)
		} else if p.IsMessage() && p.Type == "message/rfc822" {
			l.add("message-encoded", "RFC 2046 §5.2.1", p.Number, at)
		}
	default:
		if !strings.HasPrefix(p.Encoding, "x-") || NewDecoder(p.Encoding, nil) == nil {
			l.add("encoding-unknown", "RFC 2045 §6.1", p.Number, at)
		}
	}
	if !p.IsMultipart() {
		return
	}
	param, ok := p.Params().Lookup("boundary")
	if ok && (len(param.Raw) > 70 || !isBoundary(param.Raw)) {
		l.add("boundary-syntax", "RFC 2046 §5.1.1", p.Number, p.HeaderStart)
	}
}

// isBoundary tells whether all characters may stand in a boundary.
func isBoundary(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && !strings.ContainsRune("'()+_,-./:=? ", rune(c)) {
			return false
		}
	}
	return len(s) > 0 && s[len(s)-1] != ' '
}
