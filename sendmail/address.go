package sendmail

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// maxAddress is above what RFC 5321 §4.5.3.1 allows a path (256), for senders that carry their recipient.
const maxAddress = 500

// CheckAddress says whether addr can stand between the angle brackets of MAIL or RCPT: a dot-string or quoted string,
// "@", a domain or address literal (RFC 5321 §4.1.2), UTF-8 as in RFC 6531 §3.3. A local part alone is allowed
// (postmaster; local servers), so is the empty sender. "<" and ">" are refused in quotes too: parsers disagree there.
// The error is an *AddressError.
func CheckAddress(addr string) error {
	if reason := addressFault(addr); reason != "" {
		return &AddressError{addr, reason}
	}
	return nil
}

func addressFault(addr string) string {
	if addr == "" {
		return ""
	}
	if len(addr) > maxAddress {
		return "too long"
	}
	if !utf8.ValidString(addr) {
		return "is not UTF-8"
	}
	for _, r := range addr {
		if unicode.IsControl(r) || r == '<' || r == '>' || r == '\u2028' || r == '\u2029' || r == utf8.RuneError {
			return "has a control character, line end or angle bracket"
		}
	}
	local, domain, found := splitAddress(addr)
	if reason := localFault(local); reason != "" {
		return reason
	}
	if found {
		return domainFault(domain)
	}
	return ""
}

// splitAddress cuts at the "@" that follows the local part, which may be quoted.
func splitAddress(addr string) (local, domain string, found bool) {
	quoted := false
	for i := 0; i < len(addr); i++ {
		switch c := addr[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case c == '@' && !quoted:
			return addr[:i], addr[i+1:], true
		}
	}
	return addr, "", false
}

// localFault checks a Local-part. Dots may stand anywhere: some providers gave such addresses out.
func localFault(local string) string {
	if local == "" {
		return "has no local part"
	}
	if local[0] == '"' {
		return quotedFault(local)
	}
	for i := range len(local) {
		if !atext(local[i]) && local[i] != '.' {
			return "has a character that must be quoted in the local part"
		}
	}
	return ""
}

// quotedFault checks a Quoted-string.
func quotedFault(s string) string {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			if i == len(s)-1 {
				return ""
			}
			return "has text after the quoted local part"
		}
	}
	return "has a quote without end"
}

// domainFault checks a Domain or address-literal. Underscores are let through: hosts have them.
func domainFault(domain string) string {
	if domain == "" {
		return "has no domain"
	}
	if domain[0] == '[' {
		inner, ok := strings.CutSuffix(domain[1:], "]")
		if !ok || inner == "" || strings.ContainsAny(inner, " []\\") || !ascii(inner) {
			return "has a malformed address literal"
		}
		return ""
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" {
			return "has an empty label in its domain"
		}
		for i := range len(label) {
			if c := label[i]; c < 0x80 && !letterOrDigit(c) && c != '-' && c != '_' {
				return "has an illegal character in its domain"
			}
		}
	}
	return ""
}

// wireAddress is addr as it goes to the server, and whether that needs SMTPUTF8. Where the server has none, a domain
// is put into its ASCII form (RFC 5891); a local part has no such form.
func wireAddress(addr string, x *Extensions) (wire string, needsUTF8 bool, err error) {
	if err := CheckAddress(addr); err != nil {
		return "", false, err
	}
	if ascii(addr) {
		return addr, false, nil
	}
	if x.utf8 {
		return addr, true, nil
	}
	local, domain, _ := splitAddress(addr)
	if !ascii(local) {
		return "", false, &UnsupportedError{"SMTPUTF8", "the server does not take <" + addr + ">, whose local part is not ASCII"}
	}
	domain, err = idna.Lookup.ToASCII(domain)
	if err != nil {
		return "", false, &AddressError{addr, err.Error()}
	}
	if reason := domainFault(domain); reason != "" {
		return "", false, &AddressError{addr, reason}
	}
	return local + "@" + domain, false, nil
}

// atext is RFC 5322 §3.2.3's, with the non-ASCII of RFC 6531 §3.3.
func atext(c byte) bool {
	return letterOrDigit(c) || c >= 0x80 || strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

func letterOrDigit(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || digit(c) }

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
