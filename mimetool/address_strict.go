package mimetool

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"
)

// An AddressError tells why and where a text is no address.
type AddressError struct {
	Text   string // all that was read
	Offset int    // in octets
	Reason string // such as "address-domain", a Defect's name
	Ref    string // such as "RFC 5322 §3.4.1"
}

func (e *AddressError) Error() string {
	return fmt.Sprintf("bad address %q at octet %d: %s (%s)", shorten(e.Text, 200), e.Offset, addressFault(e.Reason), e.Ref)
}

// addressFault says a Defect's name in words, where it needs them.
func addressFault(name string) string {
	switch name {
	case "address-angle":
		return "a name beside an address that does not stand in < >"
	case "address-at":
		return "an @ without a local part and a domain"
	case "address-comma":
		return "no comma, or one too many, between addresses"
	case "address-domain":
		return "no @ and domain"
	case "address-dot":
		return "two dots, or a dot at an end"
	case "address-missing":
		return "no address"
	case "address-semicolon":
		return "a ; outside a group"
	case "address-special":
		return "a character that must stand in quotes"
	case "angle-close":
		return "a > without its <"
	case "angle-open":
		return "a < without its >"
	case "comment-open":
		return "a ( without its )"
	case "group-open":
		return "a group without its ;"
	case "quote-open":
		return "a quote without its end"
	}
	return strings.ReplaceAll(name, "-", " ")
}

// shorten cuts s to n octets, at a character's boundary.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// AddressSyntax says what a strict reading takes besides mailboxes with a domain.
type AddressSyntax struct {
	Local bool // a local part alone, as of a user of this host
	Empty bool // "<>", and no address at all
}

// ParseAddress reads exactly one mailbox: "addr", "Name <addr>" (RFC 5322 §3.4, RFC 6532), no group. What ParseAddressList
// would have to guess is an *AddressError. The obsolete syntax is allowed, encoded-words are decoded.
func ParseAddress(s string, syntax AddressSyntax) (Address, error) {
	list, err := ParseAddresses(s, syntax)
	if err != nil {
		return Address{}, err
	}
	switch {
	case len(list) == 0 && syntax.Empty && isBlankText(s):
		return Address{}, nil
	case len(list) == 0:
		return Address{}, &AddressError{Text: s, Reason: "no address", Ref: "RFC 5322 §3.4"}
	case len(list) > 1 || list[0].Group != "":
		return Address{}, &AddressError{Text: s, Reason: "more than one address", Ref: "RFC 5322 §3.4"}
	}
	return list[0], nil
}

// ParseAddresses reads a list of mailboxes and groups with the strictness of ParseAddress. A group without members is
// not in the list.
func ParseAddresses(s string, syntax AddressSyntax) ([]Address, error) {
	if !utf8.ValidString(s) {
		return nil, &AddressError{s, invalidAt(s), "not UTF-8", "RFC 6532 §3.2"}
	}
	p := newAddressParser(s, WordOptions{})
	p.syntax = syntax
	p.parse()
	if d := p.lex.bad; d != nil {
		return nil, &AddressError{s, int(d.Offset), d.Name, d.Ref}
	}
	list := p.out[:0]
	for _, a := range p.out {
		if a.Addr == "" && a.Group != "" {
			continue
		}
		if err := checkDomain(a.Domain()); err != "" {
			return nil, &AddressError{s, max(0, strings.Index(s, a.Domain())), err, "RFC 5321 §4.1.2"}
		}
		list = append(list, a)
	}
	if len(p.out) == 0 && !syntax.Empty {
		return nil, &AddressError{s, 0, "no address", "RFC 5322 §3.4"}
	}
	return list, nil
}

func invalidAt(s string) int {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return i
			}
		}
	}
	return len(s)
}

// checkDomain gives what is wrong with a domain of RFC 5321 §4.1.2, "" nothing. Underscores are let through: such names
// exist.
func checkDomain(domain string) string {
	switch {
	case domain == "":
		return ""
	case domain[0] == '[':
		return checkLiteral(domain)
	case len(domain) > 255:
		return "domain too long"
	}
	for label := range strings.SplitSeq(domain, ".") {
		switch {
		case label == "":
			return "empty label in domain"
		case isASCII(label) && len(label) > 63:
			return "label too long in domain"
		case label[0] == '-' || label[len(label)-1] == '-':
			return "hyphen at the edge of a label"
		}
		for i := 0; i < len(label); i++ {
			if c := label[i]; !(isLetter(c) || '0' <= c && c <= '9' || c == '-' || c == '_' || c >= utf8.RuneSelf) {
				return "character that no domain has"
			}
		}
	}
	return ""
}

// checkLiteral reads "[192.0.2.1]" and "[IPv6:2001:db8::1]" (RFC 5321 §4.1.3).
func checkLiteral(literal string) string {
	inner := strings.TrimSuffix(literal[1:], "]")
	if len(inner) > 5 && strings.EqualFold(inner[:5], "IPv6:") {
		if a, err := netip.ParseAddr(inner[5:]); err == nil && a.Is6() && a.Zone() == "" {
			return ""
		}
		return "bad address literal"
	}
	if a, err := netip.ParseAddr(inner); err == nil && a.Is4() {
		return ""
	}
	return "bad address literal"
}
