package mimetool

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// An EncodeParameter is one of a structured field such as Content-Type: UTF-8 text.
type EncodeParameter struct{ Name, Value string }

// paramMax is how long a parameter may be on a line of its own.
const paramMax = foldWidth - 2

// EncodeParams is a whole field "name: value; a=b", folded and ended with eol. Parameters that are long or not
// ASCII are written as RFC 2231 has it: in numbered pieces, with charset and percent signs.
func EncodeParams(name, value string, params []EncodeParameter, eol string) []byte {
	f := newFolder(name, eol)
	f.word(" ", value)
	for _, p := range params {
		for _, s := range EncodeParam(p.Name, p.Value) {
			f.b, f.col = append(f.b, ';'), f.col+1
			f.word(" ", s)
		}
	}
	return f.end()
}

// EncodeParam is a parameter as it stands between semicolons: one piece, or several (RFC 2231 §3) when it is long.
func EncodeParam(name, value string) []string {
	if plainPrintable(value) {
		s := name + "=" + value
		if !plainToken(value) {
			s = name + "=" + encodeQuotedString(value)
		}
		if len(s) <= paramMax {
			return []string{s}
		}
	}
	pieces := percentPieces(strings.ToValidUTF8(value, "\uFFFD"), paramMax-len(name)-len("*00*=utf-8'';"))
	if len(pieces) == 1 {
		return []string{name + "*=utf-8''" + pieces[0]}
	}
	out := make([]string, len(pieces))
	for i, p := range pieces {
		if i == 0 {
			p = "utf-8''" + p
		}
		out[i] = fmt.Sprintf("%s*%d*=%s", name, i, p)
	}
	return out
}

// EncodeExtValue is value as RFC 2231 §4 and RFC 5987 §3.2 write it after "name*=": charset, language (none), and
// percent signs.
func EncodeExtValue(value string) string {
	return "utf-8''" + string(percentEncode(nil, strings.ToValidUTF8(value, "\uFFFD")))
}

// percentPieces is value in RFC 2231's extended form, in pieces of at most width characters that each hold whole
// characters.
func percentPieces(value string, width int) []string {
	var pieces []string
	var b []byte
	for value != "" {
		_, size := utf8.DecodeRuneInString(value)
		char := percentEncode(nil, value[:size])
		if len(b)+len(char) > max(width, 12) {
			pieces, b = append(pieces, string(b)), b[:0]
		}
		b, value = append(b, char...), value[size:]
	}
	return append(pieces, string(b))
}

// percentEncode appends s with all but RFC 2231 §7's attribute-char as %XX.
func percentEncode(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; plainInToken(c) && c != '*' && c != '\'' && c != '%' {
			b = append(b, c)
		} else {
			b = append(b, '%', hexUpper[c>>4], hexUpper[c&15])
		}
	}
	return b
}

// plainToken is RFC 2045 §5.1's token.
func plainToken(s string) bool {
	for i := range len(s) {
		if !plainInToken(s[i]) {
			return false
		}
	}
	return s != ""
}

func plainInToken(c byte) bool {
	return c > ' ' && c < 0x7f && strings.IndexByte(`()<>@,;:\"/[]?=`, c) < 0
}
