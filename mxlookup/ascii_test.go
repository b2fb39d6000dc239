package mxlookup

import (
	"strings"
	"testing"
)

func TestDomain(t *testing.T) {
	for text, want := range map[string]string{
		"example.org":                      "example.org",
		" Example.ORG. ":                   "example.org",
		"alice@example.org":                "example.org",
		"Alice <alice@Example.org>":        "example.org",
		`"a@b" <"x@y"@example.org>`:        "example.org", // RFC 5321 §4.1.2: a quoted local part
		"bücher.example":                   "xn--bcher-kva.example",
		"alice@BÜCHER.example":             "xn--bcher-kva.example", // RFC 5891 §5: mapped to lower case first
		"例え.テスト":                           "xn--r8jz45g.xn--zckzah",
		"a。b":                              "a.b", // the ideographic full stop
		"_dmarc.example.org":               "_dmarc.example.org",
		"alice@[192.0.2.1]":                "[192.0.2.1]", // RFC 5321 §4.1.3
		"[IPv6:2001:DB8::1]":               "[ipv6:2001:db8::1]",
		"localhost":                        "localhost",
		strings.Repeat("a", 63) + ".test":  strings.Repeat("a", 63) + ".test",
		"a@example.org, b@example.net":     "", // not one of two in silence
		"a@example.org;b@example.net":      "",
		"a@b@example.org":                  "",
		"ann smith@example.org":            "",
		"":                                 "",
		"@":                                "",
		"alice@":                           "",
		"a b":                              "",
		"a..b":                             "",
		".a":                               "",
		"..":                               "",
		"a\x07b.test":                      "",
		"a\x00":                            "",
		"[192.0.2]":                        "",
		"[2001:db8::1]":                    "", // wants its tag
		"[IPv6:192.0.2.1]":                 "",
		"[]":                               "",
		"x.[192.0.2.1]":                    "",
		"a,b":                              "",
		"a/b\\c":                           "",
		"\xff\xfe.test":                    "",
		strings.Repeat("a", 64) + ".test":  "",
		strings.Repeat("a.", 127) + "test": "",
	} {
		got, err := Domain(text)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
	}
}

func TestLiteral(t *testing.T) {
	for text, want := range map[string]string{
		"[192.0.2.1]":         "192.0.2.1",
		"[ipv6:2001:db8::1]":  "2001:db8::1",
		"192.0.2.1":           "",
		"[ipv6:fe80::1%eth0]": "", // RFC 5321 §4.1.3 has no zones
	} {
		a, ok := Literal(text)
		if ok != (want != "") || ok && a.String() != want {
			t.Errorf("%q: got %v, %v", text, a, ok)
		}
	}
}

func TestUnicode(t *testing.T) {
	for domain, want := range map[string]string{
		"xn--bcher-kva.example": "bücher.example",
		"example.org":           "example.org",
		"xn--a.example":         "xn--a.example", // not valid: as it is
	} {
		if got := Unicode(domain); got != want {
			t.Errorf("%s: got %s, want %s", domain, got, want)
		}
	}
}

// FuzzDomain: whatever comes out can be asked for.
func FuzzDomain(f *testing.F) {
	for _, s := range []string{"alice@example.org", "[192.0.2.1]", "bücher.example", `"<>" <a@b>`, "a。b", "xn--"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		domain, err := Domain(text)
		if err != nil {
			return
		}
		if _, ok := Literal(domain); ok {
			return
		}
		if _, err := packQuestion(domain, TypeMX, false); err != nil {
			t.Errorf("%q gives %q, which cannot be asked for: %v", text, domain, err)
		}
		if again, err := Domain(domain); err != nil || again != domain {
			t.Errorf("%q gives %q, that %q, %v", text, domain, again, err)
		}
	})
}
