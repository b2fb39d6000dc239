package imap

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// utf7 is the base64 of modified UTF-7 (RFC 3501 §5.1.3).
func utf7() *base64.Encoding {
	return base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,").WithPadding(base64.NoPadding)
}

// EncodeUTF7 writes a mailbox name in modified UTF-7 (RFC 3501 §5.1.3), as servers without UTF8=ACCEPT have it.
func EncodeUTF7(name string) string {
	var b strings.Builder
	for len(name) > 0 {
		n := strings.IndexFunc(name, func(r rune) bool { return r < 0x20 || r > 0x7e || r == '&' })
		if n < 0 {
			n = len(name)
		}
		b.WriteString(name[:n])
		if name = name[n:]; strings.HasPrefix(name, "&") {
			b.WriteString("&-")
			name = name[1:]
			continue
		}
		n = strings.IndexFunc(name, func(r rune) bool { return r >= 0x20 && r <= 0x7e })
		if n < 0 {
			n = len(name)
		}
		if n > 0 {
			b.WriteString("&" + utf7().EncodeToString(utf16Bytes(name[:n])) + "-")
			name = name[n:]
		}
	}
	return b.String()
}

func utf16Bytes(s string) []byte {
	var p []byte
	for _, u := range utf16.Encode([]rune(s)) {
		p = append(p, byte(u>>8), byte(u))
	}
	return p
}

// DecodeUTF7 reads a mailbox name in modified UTF-7. It is false if name is none, or not the one that EncodeUTF7 would
// write: names that decode alike would be taken for each other.
func DecodeUTF7(name string) (string, bool) {
	var b strings.Builder
	for rest := name; rest != ""; {
		plain, shifted, found := strings.Cut(rest, "&")
		b.WriteString(plain)
		if !found {
			break
		}
		code, after, closed := strings.Cut(shifted, "-")
		if !closed {
			return "", false
		}
		if rest = after; code == "" {
			b.WriteByte('&')
			continue
		}
		p, err := utf7().DecodeString(code)
		if err != nil || len(p)%2 != 0 {
			return "", false
		}
		units := make([]uint16, len(p)/2)
		for i := range units {
			units[i] = uint16(p[2*i])<<8 | uint16(p[2*i+1])
		}
		b.WriteString(string(utf16.Decode(units)))
	}
	decoded := b.String()
	return decoded, utf8.ValidString(decoded) && EncodeUTF7(decoded) == name
}
