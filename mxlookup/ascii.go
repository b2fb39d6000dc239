package mxlookup

import (
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Domain is the domain of what a person wrote: a domain name or an address, with or without a name before it and
// angle brackets round it. It comes in lower case as the DNS has it (xn--… for what is not ASCII), without a final dot.
// An address literal ("[192.0.2.1]", RFC 5321 §4.1.3) stays as it is and is recognised by its bracket.
func Domain(text string) (string, error) {
	text = strings.TrimSpace(text)
	if strings.HasSuffix(text, ">") {
		text = strings.TrimSuffix(text[strings.LastIndexByte(text, '<')+1:], ">")
	}
	if at := strings.LastIndexByte(text, '@'); at >= 0 {
		// The local part may be quoted and hold anything; unquoted, these stand between addresses.
		if local := strings.TrimSpace(text[:at]); !strings.HasPrefix(local, `"`) && strings.ContainsAny(local, "@,; \t") {
			return "", &Error{Name: text, Err: ErrBadName, Detail: "nor a single address"}
		}
		text = strings.TrimSpace(text[at+1:])
	}
	if strings.HasPrefix(text, "[") {
		if _, ok := Literal(text); !ok {
			return "", &Error{Name: text, Err: ErrBadName, Detail: "not an address literal"}
		}
		return strings.ToLower(text), nil
	}
	name := text
	if !utf8.ValidString(text) {
		return "", &Error{Name: text, Err: ErrBadName, Detail: "not UTF-8"}
	}
	if !isASCII(text) {
		var err error
		if name, err = idna.Lookup.ToASCII(text); err != nil {
			return "", &Error{Name: text, Err: ErrBadName, Detail: strings.TrimPrefix(err.Error(), "idna: ")}
		}
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if !validDomain(name) {
		return "", &Error{Name: text, Err: ErrBadName}
	}
	return name, nil
}

// Literal is the address that an address literal names.
func Literal(domain string) (netip.Addr, bool) {
	if !strings.HasPrefix(domain, "[") || !strings.HasSuffix(domain, "]") {
		return netip.Addr{}, false
	}
	inner := domain[1 : len(domain)-1]
	if len(inner) > 5 && strings.EqualFold(inner[:5], "IPv6:") {
		a, err := netip.ParseAddr(inner[5:])
		return a, err == nil && a.Is6() && a.Zone() == ""
	}
	a, err := netip.ParseAddr(inner)
	return a, err == nil && a.Is4()
}

// Unicode is how a person writes a domain name: xn-- labels in their own script, where they are valid.
func Unicode(domain string) string {
	if !strings.Contains(domain, "xn--") {
		return domain
	}
	if text, err := idna.Lookup.ToUnicode(domain); err == nil {
		return text
	}
	return domain
}

// validDomain says whether a name can be asked for: labels of 1 to 63 octets, 253 together, of printing characters
// that mean nothing else. Letters, digits and hyphens alone would be too strict: _dmarc and its like exist.
func validDomain(name string) bool {
	if len(name) > maxName-2 || name == "" {
		return false
	}
	label := 0
	for i := range len(name) {
		switch c := name[i]; {
		case c == '.':
			if label == 0 {
				return false
			}
			label = 0
		case c <= ' ' || c > '~' || strings.IndexByte(`\"(),:;<>@[]`, c) >= 0:
			return false
		default:
			if label++; label > maxLabel {
				return false
			}
		}
	}
	return label > 0
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
