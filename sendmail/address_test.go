package sendmail

import (
	"errors"
	"strings"
	"testing"
)

func TestCheckAddress(t *testing.T) {
	for _, good := range []string{
		"", "a@example.org", "a.b+c@example.org", "postmaster", "!#$%&'*+-/=?^_`{|}~@x", `"a b"@x`, `"a\"b@c"@x`, "a@[192.0.2.1]",
		"a@[IPv6:2001:db8::1]", "é@example.org", "a@bücher.example", "a..b@docomo.example", ".a.@x", "a@under_score.example", "a@localhost",
	} {
		if err := CheckAddress(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"a@b\r\nRCPT TO:<c@d>", "a@b\n", "\ra@b", "a\x00@b", "a@b> SIZE=1", "<a@b>", "a b@c", "a@b c", "a@", "@b", "a@b@c", "a,b@c",
		"a@b,c@d", `"a@b`, `"a"b@c`, `"a>b"@c`, "a@[1.2.3.4", "a@[]", "a@[1 2]", "a@b..c", "a@.b", "a@b.", "a\x7f@b", "a\u0085@b", "a\u2028@b",
		"a@b\xff", "\xc3@b", "a(c)@b", "a@b(c)", "a;b@c", `a\b@c`, strings.Repeat("a", 500) + "@b", "a@b\t", "\"a\tb\"@c", "a@-\u00a0 b", "@a:b@c",
	} {
		var e *AddressError
		if err := CheckAddress(bad); !errors.As(err, &e) {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestWireAddress(t *testing.T) {
	ascii, utf8 := &Extensions{}, &Extensions{utf8: true}
	for _, test := range []struct {
		addr  string
		x     *Extensions
		wire  string
		needs bool
		fails bool
	}{
		{"a@example.org", ascii, "a@example.org", false, false},
		{"a@example.org", utf8, "a@example.org", false, false},
		{"a@bücher.example", ascii, "a@xn--bcher-kva.example", false, false},
		{"a@bücher.example", utf8, "a@bücher.example", true, false},
		{"é@example.org", utf8, "é@example.org", true, false},
		{"é@example.org", ascii, "", false, true},
		{"é", ascii, "", false, true},
	} {
		wire, needs, err := wireAddress(test.addr, test.x)
		var missing *UnsupportedError
		if wire != test.wire || needs != test.needs || errors.As(err, &missing) != test.fails {
			t.Errorf("%s: %q %v %v", test.addr, wire, needs, err)
		}
	}
	var e *AddressError
	if _, _, err := wireAddress("a@b\u00fc--\u2260.example", ascii); !errors.As(err, &e) {
		t.Errorf("no such domain: %v", err)
	}
}

// FuzzAddress: what goes to the wire is one path in one line.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{"a@b", `"a b"@c`, "a@bücher.example", "é@b", "a>@b", "a@[::1]", "a\r\n@b", `"\`, "x@\u3002y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		for _, x := range []*Extensions{{}, {utf8: true}} {
			wire, needs, err := wireAddress(in, x)
			if err != nil {
				continue
			}
			if strings.ContainsAny(wire, "\r\n\x00<>\t") || CheckAddress(wire) != nil || needs && ascii(wire) {
				t.Fatalf("%q became %q", in, wire)
			}
			if !x.utf8 && !ascii(wire) {
				t.Fatalf("%q became %q without SMTPUTF8", in, wire)
			}
			if local, domain, _ := splitAddress(wire); strings.Contains(domain, " ") || strings.Contains(local, " ") && local[0] != '"' {
				t.Fatalf("%q has a space", wire)
			}
		}
	})
}
