package mailflow

import (
	"net/netip"
	"strconv"
	"strings"
)

// spfTerm is one mechanism or modifier of a policy (RFC 7208 §4.6.1).
type spfTerm struct {
	name     string // in lower case
	modifier bool   // name=value
	domain   string // of a, mx, ptr, exists, include, redirect; "": the policy's own
	value    string // all that stands after the name, with its colon, slash or equals sign
}

// readTerm takes a term apart. A name ends at the first colon, slash or equals sign.
func readTerm(text string) spfTerm {
	name := strings.TrimLeft(text, "+-~?")
	var t spfTerm
	if i := strings.IndexAny(name, ":/="); i >= 0 {
		name, t.value = name[:i], name[i:]
	}
	t.name = strings.ToLower(name)
	t.modifier = strings.HasPrefix(t.value, "=")
	if strings.HasPrefix(t.value, ":") || t.modifier {
		t.domain = t.value[1:]
		if t.name == "a" || t.name == "mx" { // RFC 7208 §5.6: a/24//64
			t.domain, _, _ = strings.Cut(t.domain, "/")
		}
	}
	return t
}

// maxWrongTerms is how many are told of.
const maxWrongTerms = 20

// checkTerms finds what receivers answer permerror to, as they do not evaluate any of a policy with a wrong term
// (RFC 7208 §4.6), and what they ignore.
func (k *check) checkTerms(record string) {
	all, modifiers, before := false, map[string]int{}, len(k.report.Findings)
	for _, text := range strings.Fields(record)[1:] {
		if len(k.report.Findings)-before == maxWrongTerms {
			break // broken enough
		}
		term := readTerm(text)
		switch wrong := term.wrong(text); {
		case wrong != "":
			k.add(Bad, "spf", "RFC 7208 §4.6", "correct it: receivers answer permerror", "%s: %s", text, wrong)
		case term.modifier:
			modifiers[term.name]++
		case all:
			k.add(Warn, "spf", "RFC 7208 §5.1", "move it before all", "%s comes after all: nobody looks at it", text)
		case term.name == "ptr":
			k.add(Warn, "spf", "RFC 7208 §5.5", "put addresses in its place", "%s is not to be used any more", text)
		}
		all = all || term.name == "all" && !term.modifier
	}
	if all && modifiers["redirect"] > 0 {
		k.add(Warn, "spf", "RFC 7208 §6.1", "remove one of them", "redirect stands beside all: nobody looks at it")
	}
	for _, name := range []string{"redirect", "exp"} {
		if modifiers[name] > 1 {
			k.add(Bad, "spf", "RFC 7208 §6", "leave one: receivers answer permerror", "%s stands there %d times", name, modifiers[name])
		}
	}
}

// wrong says what is wrong with a term; "" when nothing is.
func (t spfTerm) wrong(text string) string {
	if t.modifier {
		if first := text[0] | 0x20; first < 'a' || first > 'z' { // RFC 7208 §12: a modifier has no qualifier, its name begins with a letter
			return "not a modifier"
		}
		return t.wrongModifier()
	}
	switch t.name {
	case "all":
		if t.value != "" {
			return "all takes nothing after it"
		}
	case "ip4", "ip6":
		return wrongAddress(t.name, strings.TrimPrefix(t.value, ":"))
	case "a", "mx":
		return t.wrongLengths()
	case "ptr":
		if t.value != "" && t.domain == "" {
			return "no domain"
		}
	case "exists", "include":
		if t.domain == "" {
			return "no domain"
		}
	default:
		return "no such mechanism"
	}
	return ""
}

func (t spfTerm) wrongModifier() string {
	if (t.name == "redirect" || t.name == "exp") && t.domain == "" {
		return "no domain"
	}
	return "" // RFC 7208 §6: others are ignored
}

// wrongAddress checks the address or network of ip4 and ip6 (RFC 7208 §5.6).
func wrongAddress(name, text string) string {
	address, length, has := strings.Cut(text, "/")
	a, err := netip.ParseAddr(address)
	if err != nil || a.Is4() != (name == "ip4") || a.Zone() != "" {
		return "not an address of " + name
	}
	if has && !isLength(length, a.BitLen()) {
		return "no length of a network"
	}
	return ""
}

// wrongLengths checks what stands after the domain of a and mx: /24, //64 or /24//64.
func (t spfTerm) wrongLengths() string {
	if strings.HasPrefix(t.value, ":") && t.domain == "" {
		return "no domain"
	}
	_, lengths, has := strings.Cut(t.value, "/")
	if !has || strings.Contains(t.domain, "%") { // a macro may have a slash (RFC 7208 §7.1)
		return ""
	}
	four, six, both := strings.Cut("/"+lengths, "//")
	if four != "" && !isLength(four[1:], 32) || both && !isLength(six, 128) {
		return "no length of a network"
	}
	return ""
}

func isLength(text string, most int) bool {
	n, err := strconv.ParseUint(text, 10, 8)
	return err == nil && int(n) <= most && (text == "0" || text[0] != '0')
}
