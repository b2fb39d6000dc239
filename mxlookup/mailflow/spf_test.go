package mailflow

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// rfc7208 is the zone of RFC 7208, Appendix A, without the policy.
const rfc7208 = `
example.com. MX 10 mail-a.example.com.
example.com. MX 20 mail-b.example.com.
example.com. A 192.0.2.10
example.com. A 192.0.2.11
amy.example.com. A 192.0.2.65
bob.example.com. A 192.0.2.66
mail-a.example.com. A 192.0.2.129
mail-b.example.com. A 192.0.2.130
example.org. MX 10 mail-c.example.org.
mail-c.example.org. A 192.0.2.140
10.2.0.192.in-addr.arpa. PTR example.com.
11.2.0.192.in-addr.arpa. PTR example.com.
65.2.0.192.in-addr.arpa. PTR amy.example.com.
66.2.0.192.in-addr.arpa. PTR bob.example.com.
129.2.0.192.in-addr.arpa. PTR mail-a.example.com.
130.2.0.192.in-addr.arpa. PTR mail-b.example.com.
140.2.0.192.in-addr.arpa. PTR mail-c.example.org.
4.0.0.10.in-addr.arpa. PTR bob.example.com.
`

// TestRFC7208 is Appendix A.1: who passes under which policy of example.com.
func TestRFC7208(t *testing.T) {
	for policy, want := range map[string]map[string]string{
		"v=spf1 +all":                         {"192.0.2.10": "pass", "203.0.113.9": "pass"},
		"v=spf1 a -all":                       {"192.0.2.10": "pass", "192.0.2.11": "pass", "192.0.2.65": "fail"},
		"v=spf1 a:example.org -all":           {"192.0.2.10": "fail", "192.0.2.140": "fail"}, // it has no address
		"v=spf1 mx -all":                      {"192.0.2.129": "pass", "192.0.2.130": "pass", "192.0.2.10": "fail"},
		"v=spf1 mx:example.org -all":          {"192.0.2.140": "pass", "192.0.2.129": "fail"},
		"v=spf1 mx mx:example.org -all":       {"192.0.2.129": "pass", "192.0.2.130": "pass", "192.0.2.140": "pass"},
		"v=spf1 mx/30 mx:example.org/30 -all": {"192.0.2.131": "pass", "192.0.2.143": "pass", "192.0.2.132": "fail"},
		"v=spf1 ptr -all":                     {"192.0.2.65": "pass", "192.0.2.140": "fail", "10.0.0.4": "fail"},
		"v=spf1 ip4:192.0.2.128/28 -all":      {"192.0.2.65": "fail", "192.0.2.129": "pass"},
		"v=spf1 include:nowhere.test -all":    {"192.0.2.65": "permerror"}, // §5.2
		"v=spf1 ip4:192.0.2.65 ?all":          {"192.0.2.65": "pass", "192.0.2.66": "neutral"},
		"v=spf1 redirect=mail-a.example.com":  {"192.0.2.65": "permerror"}, // §6.1: no policy there
		"v=spf1 exists:%{ir}.%{v}.arpa -all":  {"192.0.2.65": "fail"},      // §7: there is a PTR, but no A record
		"v=spf1 a:amy.example.com ~all":       {"192.0.2.65": "pass", "192.0.2.66": "softfail"},
		"v=spf1 unknown -all":                 {"192.0.2.65": "permerror"},
		"v=spf1 a a a a a a a a a a a -all":   {"192.0.2.99": "permerror"}, // §4.6.4
		"nothing at all":                      {"192.0.2.65": "none"},
	} {
		r := world(t, rfc7208+"example.com. TXT \""+policy+"\"\n")
		for ip, result := range want {
			if got, err := CheckSPF(context.Background(), r, netip.MustParseAddr(ip), "helo.test", "user@example.com"); got != result {
				t.Errorf("%s for %s: got %s (%v), want %s", policy, ip, got, err, result)
			}
		}
	}
}

// TestTerms: what a policy must not have (RFC 7208 §4.6.1, §5, §6, §12), and what nobody looks at.
func TestTerms(t *testing.T) {
	for terms, want := range map[string]string{
		"a mx ptr:x.test exists:%{i}.x include:x.test ip4:192.0.2.1 ip4:192.0.2.0/24 ip6:2001:db8::/32 redirect=x.test": "warn ptr:x.test is not",
		"+a ?mx/24//64 -a:x.test//0 ~a:x.test/0 a:%{d1r/}.x exp=x.test other=1 ALL":                                     "",
		"ipv4:192.0.2.1 -all":       "bad ipv4:192.0.2.1: no such mechanism",
		"ip4:192.0.2.300 -all":      "bad ip4:192.0.2.300: not an address of ip4",
		"ip4:192.0.2.0/33 -all":     "bad ip4:192.0.2.0/33: no length",
		"ip4:192.0.2.0/024 -all":    "bad ip4:192.0.2.0/024: no length",
		"ip4:192.0.2.0/ -all":       "bad ip4:192.0.2.0/: no length",
		"ip4:2001:db8::1 -all":      "bad ip4:2001:db8::1: not an address of ip4",
		"ip6:192.0.2.1 -all":        "bad ip6:192.0.2.1: not an address of ip6",
		"ip6:2001:db8::/129 -all":   "bad ip6:2001:db8::/129: no length",
		"ip4=192.0.2.1 -all":        "", // an unknown modifier, which is ignored
		"ip4 -all":                  "bad ip4: not an address",
		"a: -all":                   "bad a:: no domain",
		"a/33 -all":                 "bad a/33: no length",
		"mx//129 -all":              "bad mx//129: no length",
		"include -all":              "bad include: no domain",
		"exists: -all":              "bad exists:: no domain",
		"redirect=":                 "bad redirect=: no domain",
		"-redirect=x.test":          "bad -redirect=x.test: not a modifier",
		"all:x":                     "bad all:x: all takes nothing",
		"-all a":                    "warn a comes after all",
		"-all redirect=x.test":      "warn redirect stands beside all",
		"redirect=x redirect=x":     "bad redirect stands there 2 times",
		"v=spf1 -all":               "", // a modifier named v
		"192.0.2.1 -all":            "bad 192.0.2.1: no such mechanism",
		"a,mx -all":                 "bad a,mx: no such mechanism",
		"include:x.test, -all":      "",
		"+ -all":                    "bad +: no such mechanism",
		"exp=x.test exp=y.test all": "bad exp stands there 2 times",
	} {
		k := &check{Checker: &Checker{}, report: &Report{}}
		k.checkTerms("v=spf1 " + terms)
		var got []string
		for _, f := range k.report.Findings {
			got = append(got, string(f.Level)+" "+f.Text)
		}
		if want == "" && len(got) > 0 || want != "" && !slices.ContainsFunc(got, func(g string) bool { return strings.HasPrefix(g, want) }) {
			t.Errorf("%s: got %q, want %q", terms, got, want)
		}
	}
}

// TestMacros are the expansions of RFC 7208 §7.4: a name that only the right expansion leads to exists.
func TestMacros(t *testing.T) {
	for macro, want := range map[string]string{
		"%{o}": "email.example.com", "%{d}": "email.example.com", "%{d4}": "email.example.com", "%{d3}": "email.example.com",
		"%{d2}": "example.com", "%{d1}": "com", "%{dr}": "com.example.email", "%{d2r}": "example.email",
		"%{l}": "strong-bad", "%{l-}": "strong.bad", "%{lr}": "strong-bad", "%{lr-}": "bad.strong", "%{l1r-}": "strong",
		"%{ir}.%{v}._spf.%{d2}":             "3.2.0.192.in-addr._spf.example.com",
		"%{lr-}.lp._spf.%{d2}":              "bad.strong.lp._spf.example.com",
		"%{lr-}.lp.%{ir}.%{v}._spf.%{d2}":   "bad.strong.lp.3.2.0.192.in-addr._spf.example.com",
		"%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}":  "3.2.0.192.in-addr.strong.lp._spf.example.com",
		"%{d2}.trusted-domains.example.net": "example.com.trusted-domains.example.net",
	} {
		zone := "email.example.com. TXT \"v=spf1 exists:" + macro + ".x.test -all\"\n" + want + ".x.test. A 127.0.0.2\n"
		got, err := CheckSPF(context.Background(), world(t, zone), netip.MustParseAddr("192.0.2.3"), "helo.test", "strong-bad@email.example.com")
		if got != "pass" {
			t.Errorf("%s is not %s: %s (%v)", macro, want, got, err)
		}
	}
	zone := "email.example.com. TXT \"v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all\"\n" +
		"1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com. A 127.0.0.2\n"
	got, err := CheckSPF(context.Background(), world(t, zone), netip.MustParseAddr("2001:DB8::CB01"), "helo.test", "strong-bad@email.example.com")
	if got != "pass" {
		t.Errorf("IPv6: %s (%v)", got, err)
	}
}

// TestRFC7208Others is Appendix A.2 to A.4: a policy of several domains, in the style of a DNS block list, and of
// several requirements.
func TestRFC7208Others(t *testing.T) {
	zone := rfc7208 + `
example.org. TXT "v=spf1 include:example.com include:example.net -all"
la.example.org. TXT "v=spf1 redirect=example.org"
example.com. TXT "v=spf1 mx -all"
example.net. TXT "v=spf1 ip4:198.51.100.7 -all"
test. MX 1 mail-a.example.com.
mary.mobile-users._spf.test. A 127.0.0.2
fred.mobile-users._spf.test. A 127.0.0.2
15.15.168.192.joel.remote-users._spf.test. A 127.0.0.2
16.15.168.192.joel.remote-users._spf.test. A 127.0.0.2
test. TXT "v=spf1 mx include:mobile-users._spf.%{d} include:remote-users._spf.%{d} -all"
mobile-users._spf.test. TXT "v=spf1 exists:%{l1r+}.%{d}"
remote-users._spf.test. TXT "v=spf1 exists:%{ir}.%{l1r+}.%{d}"
both.test. TXT "v=spf1 -include:ip4._spf.%{d} -include:ptr._spf.%{d} +all"
ip4._spf.both.test. TXT "v=spf1 -ip4:192.0.2.0/24 +all"
ptr._spf.both.test. TXT "v=spf1 -ptr:example.com +all"
`
	r := world(t, zone)
	for _, c := range []struct{ sender, ip, want string }{
		{"a@example.org", "192.0.2.129", "pass"},
		{"a@example.org", "198.51.100.7", "pass"},
		{"a@example.org", "192.0.2.140", "fail"},
		{"a@la.example.org", "192.0.2.130", "pass"},
		{"a@la.example.org", "203.0.113.1", "fail"},
		{"mary@test", "203.0.113.1", "pass"},
		{"mary+list@test", "203.0.113.1", "pass"},
		{"joel@test", "192.168.15.15", "pass"},
		{"joel@test", "203.0.113.1", "fail"},
		{"ann@test", "203.0.113.1", "fail"},
		{"a@both.test", "192.0.2.65", "pass"},
		{"a@both.test", "203.0.113.1", "fail"},
		{"a@both.test", "192.0.2.99", "fail"},
	} {
		if got, err := CheckSPF(context.Background(), r, netip.MustParseAddr(c.ip), "helo.test", c.sender); got != c.want {
			t.Errorf("%s from %s: %s (%v), want %s", c.sender, c.ip, got, err, c.want)
		}
	}
}

// FuzzTerms: any policy can be read, and what is found wrong with it can be shown.
func FuzzTerms(f *testing.F) {
	f.Add("v=spf1 a:%{d}/24//64 ip4:192.0.2.0/24 exists:%{ir}.x include:y redirect=z -all")
	f.Add("v=spf1 //// :::: ==== +-~? ip6:: a/ mx// all:")
	f.Fuzz(func(t *testing.T, record string) {
		if len(strings.Fields(record)) == 0 {
			return
		}
		k := &check{Checker: &Checker{}, report: &Report{}}
		k.checkTerms(record)
		k.checkAll(record)
		for _, f := range k.report.Findings {
			if f.Text == "" || f.Ref == "" {
				t.Errorf("%q: %+v", record, f)
			}
		}
	})
}
