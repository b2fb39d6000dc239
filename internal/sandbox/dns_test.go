package sandbox

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// ask asks the sandbox and returns the code and the records, without TTL.
func ask(t *testing.T, sb *Sandbox, network, name string, kind uint16) string {
	t.Helper()
	c := dns.Client{Net: network, Timeout: 20 * time.Second}
	m, _, err := c.Exchange(new(dns.Msg).SetQuestion(name, kind), sb.DNSAddr())
	if err != nil {
		t.Fatal(err)
	}
	words := []string{dns.RcodeToString[m.Rcode]}
	if m.Truncated {
		words = append(words, "TC")
	}
	for _, rr := range m.Answer {
		words = append(words, strings.TrimPrefix(rr.String(), rr.Header().String()))
	}
	return strings.Join(words, " ")
}

func TestDNS(t *testing.T) {
	sb := start(t, Options{})
	_, port, _ := net.SplitHostPort(sb.SMTPAddr())
	_, imaps, _ := net.SplitHostPort(sb.Addr("imaps"))
	for _, network := range []string{"udp", "tcp"} {
		for _, tc := range []struct {
			name string
			kind uint16
			want string
		}{
			{"example.org.", dns.TypeMX, "NOERROR 10 mx.sandbox.test."},
			{"any.where.example.", dns.TypeMX, "NOERROR 10 mx.sandbox.test."},
			{"MX.sandbox.test.", dns.TypeA, "NOERROR 127.0.0.1"},
			{"mx.sandbox.test.", dns.TypeMX, "NOERROR"},
			{"example.org.", dns.TypeA, "NOERROR"},
			{"_dmarc.example.org.", dns.TypeTXT, "NOERROR"},
			{"_submission._tcp.example.org.", dns.TypeSRV, "NOERROR 0 0 " + port + " mx.sandbox.test."},
			{"_imaps._tcp.example.org.", dns.TypeSRV, "NOERROR 0 0 " + imaps + " mx.sandbox.test."},
			{"_iMAPs._TcP.eXample.Org.", dns.TypeSRV, "NOERROR 0 0 " + imaps + " mx.sandbox.test."},
			{"_http._tcp.example.org.", dns.TypeSRV, "NOERROR"},
		} {
			if got := ask(t, sb, network, tc.name, tc.kind); got != tc.want {
				t.Errorf("%s %s %s: %s, want %s", network, tc.name, dns.TypeToString[tc.kind], got, tc.want)
			}
		}
	}
}

const zoneFile = `
$ORIGIN example.org.
@       300 IN SOA ns hostmaster 1 2 3 4 5
        MX 5 mail
        MX 10 mx.sandbox.test.
mail    A 127.0.0.2
www     CNAME mail
deep.er TXT "x"
*.wild  MX 0 .
loop    CNAME loop
$ORIGIN .
null.example IN MX 0 .
`

// TestZone: a zone file overrides, for its names; below its SOA it alone is true.
func TestZone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "zone")
	if err := os.WriteFile(file, []byte(zoneFile), 0o600); err != nil {
		t.Fatal(err)
	}
	sb := start(t, Options{Zone: file})
	for _, tc := range []struct {
		name string
		kind uint16
		want string
	}{
		{"Example.org.", dns.TypeMX, "NOERROR 5 mail.example.org. 10 mx.sandbox.test."},
		{"example.org.", dns.TypeTXT, "NOERROR"},
		{"mail.example.org.", dns.TypeA, "NOERROR 127.0.0.2"},
		{"www.example.org.", dns.TypeA, "NOERROR mail.example.org. 127.0.0.2"},
		{"www.example.org.", dns.TypeCNAME, "NOERROR mail.example.org."},
		{"none.example.org.", dns.TypeMX, "NXDOMAIN"},
		{"er.example.org.", dns.TypeMX, "NOERROR"}, // RFC 8020: an empty non-terminal
		{"a.b.wild.example.org.", dns.TypeMX, "NOERROR 0 ."},
		{"null.example.", dns.TypeMX, "NOERROR 0 ."},
		{"null.example.", dns.TypeA, "NOERROR"},
		{"mx.sandbox.test.", dns.TypeA, "NOERROR 127.0.0.1"},
		{"elsewhere.example.", dns.TypeMX, "NOERROR 10 mx.sandbox.test."},
	} {
		if got := ask(t, sb, "udp", tc.name, tc.kind); got != tc.want {
			t.Errorf("%s %s: %s, want %s", tc.name, dns.TypeToString[tc.kind], got, tc.want)
		}
	}
	if got := ask(t, sb, "tcp", "loop.example.org.", dns.TypeA); strings.Count(got, "loop") > maxAliases {
		t.Errorf("a loop: %s", got)
	}
	if _, err := Start(t.Context(), Options{Zone: file + "x"}); !os.IsNotExist(err) && !strings.Contains(err.Error(), "no such file") {
		t.Errorf("no zone file: %v", err)
	}
}

// TestDNSFaults: a name server can fail, too.
func TestDNSFaults(t *testing.T) {
	sb := start(t, Options{})
	for _, f := range []Fault{
		{Match: "servfail.*", Reply: "servfail"},
		{Match: "none.*", Reply: "NXDOMAIN"},
		{Match: "big.*", Reply: "TRUNCATED"},
		{Match: "lost.*", Drop: true, Times: 1},
	} {
		f.Protocol, f.Stage = "dns", "query"
		if err := sb.Fail(f); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"servfail.example.": "SERVFAIL", "none.example.": "NXDOMAIN", "big.example.": "NOERROR TC",
		"fine.example.": "NOERROR 10 mx.sandbox.test.",
	} {
		if got := ask(t, sb, "udp", name, dns.TypeMX); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if got := ask(t, sb, "tcp", "big.example.", dns.TypeMX); got != "NOERROR 10 mx.sandbox.test." {
		t.Errorf("by TCP: %s", got)
	}
	c := dns.Client{Timeout: 50 * time.Millisecond}
	if m, _, err := c.Exchange(new(dns.Msg).SetQuestion("lost.example.", dns.TypeMX), sb.DNSAddr()); err == nil {
		t.Errorf("a lost question was answered: %v", m)
	}
	if got := ask(t, sb, "udp", "lost.example.", dns.TypeMX); got != "NOERROR 10 mx.sandbox.test." {
		t.Errorf("asked again: %s", got)
	}
	if err := sb.Fail(Fault{Protocol: "dns", Stage: "query", Reply: "451 later"}); err == nil {
		t.Error("a code that is none was taken")
	}
}
