package mailflow

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"posta/internal/sandbox"
	"posta/mxlookup"
)

// world is a resolver for the records in a zone, and there are no others. "NAME TXT SERVFAIL" makes the server fail there.
// All its answers are validated.
func world(t testing.TB, zone string) *mxlookup.Resolver {
	t.Helper()
	sb, err := sandbox.Start(context.Background(), sandbox.Options{ZoneText: "$TTL 60\n. SOA a. b. 1 2 3 4 5\n" + zone})
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(zone) {
		if name, ok := strings.CutSuffix(line, ". TXT SERVFAIL\n"); ok {
			sb.Fail(sandbox.Fault{Protocol: "dns", Stage: "query", Match: name, Reply: "SERVFAIL"})
		}
	}
	r, err := mxlookup.New(mxlookup.Config{Servers: []string{sb.DNSAddr()}, DNSSEC: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.Close()
		sb.Close()
	})
	return r
}

// findings checks example.org in a world of this zone and returns the findings as "level subject: text".
func findings(t *testing.T, c *Checker, zone string) []string {
	t.Helper()
	c.Resolver = world(t, zone)
	report, err := c.Check(context.Background(), "example.org")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range report.Findings {
		out = append(out, string(f.Level)+" "+f.Subject+": "+f.Text)
		if (f.Level == Bad || f.Level == Warn) && f.Ref == "" && f.Advice == "" {
			t.Errorf("neither a section nor advice: %+v", f)
		}
	}
	return out
}

// has fails unless a finding begins with each of want.
func has(t *testing.T, name string, got []string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !slices.ContainsFunc(got, func(g string) bool { return strings.HasPrefix(g, w) }) {
			t.Errorf("%s: no %q in\n%s", name, w, strings.Join(got, "\n"))
		}
	}
}

// TestRecords: what the DNS alone says.
func TestRecords(t *testing.T) {
	for name, c := range map[string]struct {
		zone string
		want []string
	}{
		"nothing":     {"org. TXT x\n", []string{"bad mx: the domain does not exist", "warn spf: no policy", "warn dmarc: no policy", "info mta-sts: no policy"}},
		"null MX":     {"example.org. MX 0 .\n", []string{"bad mx: the domain says that it takes no mail"}},
		"no mail":     {"example.org. TXT x\n", []string{"bad mx: neither MX nor address"}},
		"implicit":    {"example.org. A 8.8.8.8\n", []string{"warn mx: no MX record", "warn example.org: 8.8.8.8 has no reverse name"}},
		"loopback":    {"example.org. MX 1 mx.example.org.\nmx.example.org. A 127.0.0.1\n", []string{"ok mx: mx.example.org", "bad mx.example.org: 127.0.0.1 is not a public address"}},
		"private":     {"example.org. MX 1 mx.example.org.\nmx.example.org. A 10.0.0.1\nmx.example.org. AAAA fd00::1\n", []string{"bad mx.example.org: 10.0.0.1", "bad mx.example.org: fd00::1"}},
		"no address":  {"example.org. MX 1 mx.example.org.\n", []string{"bad mx.example.org: the host has no address"}},
		"alias":       {"example.org. MX 1 mx.example.org.\nmx.example.org. CNAME real.example.org.\nreal.example.org. A 8.8.8.8\n", []string{"warn mx.example.org: the host is an alias of real.example.org"}},
		"an address":  {"example.org. MX 1 192.0.2.1.\n", []string{"bad 192.0.2.1: the MX is an address"}},
		"names agree": {"example.org. MX 1 mx.example.org.\nmx.example.org. A 8.8.8.8\n8.8.8.8.in-addr.arpa. PTR mx.example.org.\n", []string{"ok mx.example.org: 8.8.8.8 is mx.example.org and back"}},
		"they do not": {"example.org. MX 1 mx.example.org.\nmx.example.org. A 8.8.8.8\n8.8.8.8.in-addr.arpa. PTR else.example.org.\nelse.example.org. A 1.1.1.1\n", []string{"warn mx.example.org: 8.8.8.8 has the reverse name else.example.org, which"}},
		"SERVFAIL":    {"example.org. TXT SERVFAIL\n", []string{"unknown mx: ", "unknown spf: "}},

		"SPF":                {"example.org. TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n", []string{"ok spf: v=spf1", "ok spf: 0 look-ups"}},
		"SPF for all":        {"example.org. TXT \"v=spf1 +all\"\n", []string{"bad spf: everyone"}},
		"SPF for none":       {"example.org. TXT \"v=spf1 a\"\n", []string{"warn spf: it says nothing", "ok spf: 1 look-ups"}},
		"SPF neutral":        {"example.org. TXT \"v=spf1 ?all\"\n", []string{"warn spf: ?all"}},
		"SPF twice":          {"example.org. TXT \"v=spf1 a -all\"\nexample.org. TXT \"v=spf1 -all\"\n", []string{"bad spf: 2 policies"}},
		"SPF circle":         {"example.org. TXT \"v=spf1 include:a.test -all\"\na.test. TXT \"v=spf1 include:example.org -all\"\n", []string{"bad spf: example.org includes itself"}},
		"SPF includes none":  {"example.org. TXT \"v=spf1 include:a.test -all\"\n", []string{"bad spf: include:a.test: there is no policy"}},
		"SPF of eleven":      {"example.org. TXT \"v=spf1 a mx ptr exists:a.test include:b.test redirect=c.test\"\nb.test. TXT \"v=spf1 a mx a:x a:y -all\"\nc.test. TXT \"v=spf1 a -all\"\n", []string{"bad spf: 11 look-ups"}},
		"SPF of ten":         {"example.org. TXT \"v=spf1 a mx ptr exists:a.test include:b.test a/24 -all\"\nb.test. TXT \"v=spf1 a mx a:x a:y -all\"\n", []string{"ok spf: 10 look-ups"}},
		"SPF of a macro":     {"example.org. TXT \"v=spf1 include:%{d}.test exists:%{i}.x.test -all\"\n", []string{"ok spf: 2 look-ups"}},
		"SPF of two void":    {"example.org. TXT \"v=spf1 a:x.test mx:y.test ip4:192.0.2.1 -all\"\n", []string{"warn spf: finds nothing: a:x.test mx:y.test"}},
		"SPF of three void":  {"example.org. TXT \"v=spf1 a:x.test include:b.test -all\"\nb.test. TXT \"v=spf1 exists:z.test mx/24 -all\"\nb.test. A 8.8.8.8\n", []string{"bad spf: 3 look-ups find nothing, two are allowed: receivers answer permerror: a:x.test exists:z.test mx/24"}},
		"SPF of no void":     {"example.org. TXT \"v=spf1 a:%{d}.x a:b.test -all\"\nb.test. AAAA 2001:db8::1\n", []string{"ok spf: 2 look-ups of ten"}},
		"SPF includes two":   {"example.org. TXT \"v=spf1 include:a.test -all\"\na.test. TXT \"v=spf1 -all\"\na.test. TXT \"v=spf1 a -all\"\n", []string{"bad spf: include:a.test: there are 2 policies"}},
		"SPF of many hosts":  {"example.org. TXT \"v=spf1 mx -all\"\n" + manyHosts(11), []string{"bad spf: mx: 11 hosts, ten are allowed"}},
		"SPF of ten hosts":   {"example.org. TXT \"v=spf1 mx -all\"\n" + manyHosts(10), []string{"ok spf: 1 look-ups"}},
		"SPF of another tag": {"example.org. TXT \"v=spf10 a\"\n", []string{"warn spf: no policy"}},

		"DMARC":                {"_dmarc.example.org. TXT \"v=DMARC1; p=reject; adkim=s\"\n", []string{"ok dmarc: p=reject, alignment of SPF relaxed and DKIM strict", "info dmarc: no reports"}},
		"DMARC none":           {"_dmarc.example.org. TXT \"v=DMARC1; p=none; pct=50; rua=mailto:a@example.org\"\n", []string{"warn dmarc: p=none", "warn dmarc: the policy is for 50 %"}},
		"DMARC below":          {"_dmarc.example.org. TXT \"v=DMARC1; p=reject; sp=none; ruf=mailto:a@reports.test\"\n", []string{"warn dmarc: sp=none", "warn dmarc: reports.test has not agreed"}},
		"RFC 7489 B.2.1":       {"_dmarc.example.org. TXT \"v=DMARC1; p=none; \" \"rua=mailto:dmarc-feedback@example.org\"\n", []string{"warn dmarc: p=none: forged mail is delivered"}},
		"RFC 7489 B.2.3":       {"_dmarc.example.org. TXT \"v=DMARC1; p=none; rua=mailto:d@example.org; ruf=mailto:auth-reports@thirdparty.example.net\"\nexample.org._report._dmarc.thirdparty.example.net. TXT \"v=DMARC1\"\n", []string{"warn dmarc: p=none: forged mail is delivered"}},
		"RFC 7489 B.2.4":       {"_dmarc.example.org. TXT \"v=DMARC1; p=quarantine; rua=mailto:d@example.org,mailto:tld-test@thirdparty.example.net!10m; pct=25\"\n", []string{"ok dmarc: p=quarantine", "warn dmarc: the policy is for 25 %", "warn dmarc: thirdparty.example.net has not agreed"}},
		"DMARC wrong":          {"_dmarc.example.org. TXT \"v=DMARC1; p=maybe\"\n", []string{"bad dmarc: v=DMARC1; p=maybe: no valid p"}},
		"DMARC twice":          {"_dmarc.example.org. TXT \"v=DMARC1; p=none\"\n_dmarc.example.org. TXT \"v=DMARC1; p=reject\"\n", []string{"bad dmarc: 2 records: there must be one"}},
		"DMARC reports refuse": {"_dmarc.example.org. TXT \"v=DMARC1; p=reject; rua=mailto:a@reports.test\"\n", []string{"warn dmarc: reports.test has not agreed"}},

		"key":            {"s1._domainkey.example.org. TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n", []string{"ok dkim s1: an Ed25519 key"}},
		"key for SHA-1":  {"s1._domainkey.example.org. TXT \"v=DKIM1; h=sha1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n", []string{"bad dkim s1: h=sha1"}},
		"key for others": {"s1._domainkey.example.org. TXT \"v=DKIM1; s=other; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n", []string{"bad dkim s1: s=other"}},
		"testing key":    {"s1._domainkey.example.org. TXT \"v=DKIM1; t=y; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n", []string{"warn dkim s1: the key is being tested"}},
		"revoked key":    {"s1._domainkey.example.org. TXT \"v=DKIM1; p=\"\n", []string{"info dkim s1: the key is revoked"}},
		"no key":         {"s1._domainkey.example.org. TXT \"v=DKIM1; p=hello\"\n", []string{"bad dkim s1: "}},
		"no keys":        {"", []string{"info dkim: no key"}},

		"TLS reports":      {"_smtp._tls.example.org. TXT \"v=TLSRPTv1; rua=mailto:a@example.org\"\n", []string{"ok tls-rpt: mailto:a@example.org"}},
		"TLS reports lost": {"_smtp._tls.example.org. TXT \"v=TLSRPTv1; rua=ftp:x\"\n", []string{"bad tls-rpt: rua=ftp:x"}},
		"logo":             {"default._bimi.example.org. TXT \"v=BIMI1; l=https://x/y.svg\"\n", []string{"warn bimi: a logo that nobody shows"}},
		"services":         {"_imaps._tcp.example.org. SRV 0 1 993 imap.example.org.\n_pop3._tcp.example.org. SRV 0 0 0 .\n", []string{"ok srv: imaps at imap.example.org"}},
		"autoconfig":       {"autoconfig.example.org. A 127.0.0.1\n", []string{"info autoconfig: autoconfig.example.org has the address 127.0.0.1"}},
		"STS at loopback":  {"_mta-sts.example.org. TXT \"v=STSv1; id=1\"\nmta-sts.example.org. A 127.0.0.1\n", []string{"bad mta-sts: MTA-STS policy cannot be fetched: Get \"https://mta-sts.example.org/.well-known/mta-sts.txt\": its addresses are not public"}},
		"bad STS":          {"_mta-sts.example.org. TXT \"v=STSv1\"\n", []string{"bad mta-sts: malformed MTA-STS record"}},
		"no STS policy":    {"_mta-sts.example.org. TXT \"v=STSv1; id=1\"\n", []string{"bad mta-sts: MTA-STS policy cannot be fetched"}},
	} {
		has(t, name, findings(t, &Checker{DNSOnly: true, Timeout: time.Second}, c.zone), c.want...)
	}
}

func manyHosts(n int) string {
	var zone strings.Builder
	for i := range n {
		fmt.Fprintf(&zone, "example.org. MX 1 mx%d.example.org.\n", i)
	}
	return zone.String()
}

// TestFlood: a domain cannot have more looked at than an honest one needs.
func TestFlood(t *testing.T) {
	var zone, include strings.Builder
	for i := range 25 {
		fmt.Fprintf(&zone, "example.org. MX 1 mx%d.example.org.\nmx0.example.org. A 8.8.8.%d\n", i+10, i)
		fmt.Fprintf(&zone, "mx%d.example.org. A 8.8.4.4\n", i+10)
		fmt.Fprintf(&zone, "mx10.example.org. A 9.9.9.%d\n", i)
	}
	for i := range 130 {
		fmt.Fprintf(&include, " \"include:i%d.test \"", i)
	}
	got := findings(t, &Checker{DNSOnly: true}, zone.String()+"example.org. TXT \"v=spf1 \" "+include.String()+"\n")
	has(t, "flood", got, "warn mx: 25 hosts, of which the first 20 are checked", "warn mx10.example.org: 26 addresses, of which the first 16", "bad spf: 101 look-ups")
	got = append(got, findings(t, &Checker{DNSOnly: true}, "example.org. TXT \"v=spf1 \" "+strings.Repeat(" \"x y z \"", 150)+"\n")...)
	if len(got) > 200 {
		t.Errorf("%d findings", len(got))
	}
}

// TestSender: RFC 7208 §2.6.
func TestSender(t *testing.T) {
	zone := "example.org. TXT \"v=spf1 include:a.test mx -all\"\na.test. TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\nexample.org. MX 1 mx.example.org.\nmx.example.org. A 198.51.100.7\n"
	for ip, want := range map[string]string{
		"192.0.2.9": "ok spf: pass", "198.51.100.7": "ok spf: pass", "203.0.113.1": "bad spf: fail",
	} {
		has(t, ip, findings(t, &Checker{DNSOnly: true, Sender: netip.MustParseAddr(ip)}, zone), want)
	}
}

// TestAligned: RFC 7489 §3.1, and the examples of its Appendix B.1.
func TestAligned(t *testing.T) {
	for _, c := range []struct {
		a, b            string
		relaxed, strict bool
	}{
		{"example.org", "EXAMPLE.org", true, true},
		{"mail.example.org", "example.org", true, false},
		{"a.example.co.uk", "b.example.co.uk", true, false},
		{"example.co.uk", "other.co.uk", false, false},
		{"example.org", "example.net", false, false},
		{"example.com", "example.com", true, true}, // B.1.1, examples 1 to 3
		{"child.example.com", "example.com", true, false},
		{"example.net", "child.example.com", false, false},
		{"example.com", "child.example.com", true, false}, // B.1.2, examples 2 and 3
		{"sample.net", "child.example.com", false, false},
	} {
		if Aligned(c.a, c.b, false) != c.relaxed || Aligned(c.a, c.b, true) != c.strict {
			t.Errorf("%s and %s", c.a, c.b)
		}
	}
}
