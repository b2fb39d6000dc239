package mailflow

import (
	"context"
	"net/netip"
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
