package mimetool

import "bytes"

// mediaType is the type and subtype of a Content-Type, in lower case; "" where there is none to be found
// (RFC 2045 §5.1). Blanks and comments around the slash are passed over.
func mediaType(body []byte) string {
	var u unended
	b := u.skipCFWS(body)
	main := token(b)
	b = u.skipCFWS(b[len(main):])
	if len(main) == 0 || len(b) == 0 || b[0] != '/' {
		return ""
	}
	b = u.skipCFWS(b[1:])
	sub := token(b)
	if len(sub) == 0 {
		return ""
	}
	return internType(main, sub)
}

// token is the token at the start of b (RFC 2045 §5.1), 8-bit octets let through.
func token(b []byte) []byte {
	for i, c := range b {
		if !isTokenChar(c) {
			return b[:i]
		}
	}
	return b
}

func isTokenChar(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '@', ',', ';', ':', '\\', '"', '/', '[', ']', '?', '=':
		return false
	}
	return c > ' ' && c != 0x7f
}

// unended remembers that a comment or a quoted string was looked through to the end of the field and not found to end:
// the next one is then not looked through again, so that a million parentheses cost no more than one.
type unended struct{ comment, quote bool }

// skipCFWS passes over blanks, folds and comments (RFC 5322 §3.2.2). Of a comment that does not end the parenthesis
// alone is passed over.
func (u *unended) skipCFWS(b []byte) []byte {
	for len(b) > 0 {
		switch {
		case isBlank(b[0]):
			b = b[1:]
		case b[0] == '(':
			b = b[u.commentSize(b):]
		default:
			return b
		}
	}
	return b
}

// commentSize is the size of the comment at the start of b, which may hold others.
func (u *unended) commentSize(b []byte) int {
	depth := 0
	for i := 0; i < len(b) && !u.comment; i++ {
		switch b[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	u.comment = true
	return 1
}

// parameter is the value of a parameter that stands plainly in a structured field's body (RFC 2045 §5.1); for one in
// the pieces of RFC 2231 see ParseParams. Quoting is undone; a quoted value that does not end goes to the end.
func parameter(body []byte, name string) string {
	var u unended
	for {
		i := u.nextSemicolon(body)
		if i < 0 {
			return ""
		}
		body = u.skipCFWS(body[i+1:])
		attr := token(body)
		rest := u.skipCFWS(body[len(attr):])
		if len(rest) == 0 || rest[0] != '=' || len(attr) != len(name) || !bytes.EqualFold(attr, []byte(name)) {
			continue
		}
		return parameterValue(u.skipCFWS(rest[1:]))
	}
}

// nextSemicolon is the index of the first semicolon that is not quoted.
func (u *unended) nextSemicolon(b []byte) int {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case ';':
			return i
		case '"':
			if u.quote {
				continue
			}
			if j := quotedEnd(b[i:]); j > 0 {
				i += j
			} else {
				u.quote = true
			}
		}
	}
	return -1
}

// quotedEnd is the index of the quote that ends the quoted string b begins with, -1 where none does.
func quotedEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// parameterValue is a token or a quoted string. A token is let go on to the next blank or semicolon: boundaries with
// characters that should have been quoted are common.
func parameterValue(b []byte) string {
	if len(b) == 0 || b[0] != '"' {
		if i := bytes.IndexAny(b, "; \t\r\n"); i >= 0 {
			b = b[:i]
		}
		return string(b)
	}
	out := make([]byte, 0, 80)
	for i := 1; i < len(b) && b[i] != '"'; i++ {
		switch {
		case b[i] == '\\' && i+1 < len(b):
			i++
			out = append(out, b[i])
		case b[i] != '\r' && b[i] != '\n':
			out = append(out, b[i])
		}
	}
	return string(out)
}

// internType is main "/" sub in lower case, without an allocation for the types that most parts have.
func internType(main, sub []byte) string {
	var a [128]byte
	if len(main)+1+len(sub) > len(a) {
		return string(bytes.ToLower(bytes.Join([][]byte{main, sub}, []byte("/"))))
	}
	b := append(append(append(a[:0], main...), '/'), sub...)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	switch string(b) {
	case "text/plain":
		return "text/plain"
	case "text/html":
		return "text/html"
	case "multipart/mixed":
		return "multipart/mixed"
	case "multipart/alternative":
		return "multipart/alternative"
	case "multipart/related":
		return "multipart/related"
	case "multipart/signed":
		return "multipart/signed"
	case "multipart/report":
		return "multipart/report"
	case "message/rfc822":
		return "message/rfc822"
	case "message/delivery-status":
		return "message/delivery-status"
	case "application/octet-stream":
		return "application/octet-stream"
	case "application/pdf":
		return "application/pdf"
	case "image/png":
		return "image/png"
	case "image/jpeg":
		return "image/jpeg"
	}
	return string(b)
}

// transferEncoding is the mechanism of a Content-Transfer-Encoding in lower case, "" where there is none.
func transferEncoding(body []byte) string {
	var u unended
	b := u.skipCFWS(body)
	if len(b) > 0 && (b[0] == '"' || b[0] == '\'') { // quoted by some programs, against RFC 2045 §6.1
		b = b[1:]
	}
	t := token(b)
	for _, known := range [...]string{"7bit", "8bit", "binary", "base64", "quoted-printable", "x-uuencode"} {
		if len(t) == len(known) && bytes.EqualFold(t, []byte(known)) {
			return known
		}
	}
	return string(bytes.ToLower(t))
}
