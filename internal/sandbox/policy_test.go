package sandbox

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// TestValidated: AD for who asks with AD or DO (RFC 6840 §5.7), but not where a fault takes it away.
func TestValidated(t *testing.T) {
	sb := start(t, Options{})
	if err := sb.Fail(Fault{Protocol: "dns", Stage: "query", Match: "*.insecure.test", Reply: "INSECURE"}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		domain string
		ad, do bool
		want   bool
	}{
		"not asked": {"example.org.", false, false, false},
		"AD":        {"example.org.", true, false, true},
		"DO":        {"example.org.", false, true, true},
		"a fault":   {"x.insecure.test.", true, true, false},
	} {
		q := new(dns.Msg).SetQuestion(c.domain, dns.TypeMX)
		q.AuthenticatedData = c.ad
		q.SetEdns0(1232, c.do)
		m, _, err := (&dns.Client{Timeout: 20 * time.Second}).Exchange(q, sb.DNSAddr())
		if err != nil || m.AuthenticatedData != c.want || len(m.Answer) != 1 {
			t.Errorf("%s: AD %v, %d records, %v", name, m.AuthenticatedData, len(m.Answer), err)
		}
	}
}

// TestTLSA: the record is that of the key which every port shows, under whatever name (RFC 7671 §5.1).
func TestTLSA(t *testing.T) {
	sb := start(t, Options{DANE: true})
	conn, err := tls.Dial("tcp", sb.SMTPSAddr(), &tls.Config{ServerName: "any.example.org", InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	sum := sha256.Sum256(conn.ConnectionState().PeerCertificates[0].RawSubjectPublicKeyInfo)
	want := "NOERROR 3 1 1 " + hex.EncodeToString(sum[:])
	for _, name := range []string{"_25._tcp.mx.sandbox.test.", "_465._tcp.MX.sandbox.test."} {
		if got := ask(t, sb, "udp", name, dns.TypeTLSA); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	for _, name := range []string{"_25._tcp.example.org.", "mx.sandbox.test.", "_25._udp.mx.sandbox.test."} {
		if got := ask(t, sb, "udp", name, dns.TypeTLSA); got != "NOERROR" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := ask(t, start(t, Options{}), "udp", "_25._tcp.mx.sandbox.test.", dns.TypeTLSA); got != "NOERROR" {
		t.Errorf("not asked for: %s", got)
	}
}

// TestPolicy: announced and served for every domain (RFC 8461 §3).
func TestPolicy(t *testing.T) {
	policy := MTASTSPolicy("enforce", "mx.sandbox.test")
	sb := start(t, Options{MTASTS: policy})
	if got := ask(t, sb, "udp", "_mta-sts.example.org.", dns.TypeTXT); !strings.HasPrefix(got, `NOERROR "v=STSv1; id=`) {
		t.Errorf("TXT: %s", got)
	}
	if got := ask(t, sb, "udp", "mta-sts.example.org.", dns.TypeA); got != "NOERROR 127.0.0.1" {
		t.Errorf("A: %s", got)
	}
	ca, err := os.ReadFile(sb.CAFile())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: roots},
		DisableKeepAlives: true,
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return net.Dial("tcp", sb.Addr("https")) },
	}}
	for path, want := range map[string]string{"/.well-known/mta-sts.txt": "200 text/plain " + policy, "/": "404 text/plain "} {
		resp, err := client.Get("https://mta-sts.example.org" + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if got := resp.Status[:4] + resp.Header.Get("Content-Type") + " " + string(body); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if none := start(t, Options{}); none.Addr("https") != "" || ask(t, none, "udp", "_mta-sts.example.org.", dns.TypeTXT) != "NOERROR" {
		t.Error("there is a policy that nobody asked for")
	}
}
