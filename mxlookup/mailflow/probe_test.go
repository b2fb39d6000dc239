package mailflow

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"posta/internal/dialer"
	"posta/internal/sandbox"
)

// TestServer talks to a real server: with DANE right and wrong, a certificate that verifies and one that does not.
func TestServer(t *testing.T) {
	sb, err := sandbox.Start(context.Background(), sandbox.Options{Host: "mx.example.org"})
	if err != nil {
		t.Fatal(err)
	}
	defer sb.Close()
	_, text, _ := net.SplitHostPort(sb.SMTPAddr())
	port, _ := strconv.Atoi(text)
	ca, err := os.ReadFile(sb.CAFile())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	block, _ := pem.Decode(ca)
	digest := sha256.Sum256(block.Bytes)
	zone := "example.org. MX 1 mx.example.org.\nmx.example.org. A 127.0.0.1\n"
	tlsa := "_" + text + "._tcp.mx.example.org. TLSA 2 0 1 "
	right, wrong := zone+tlsa+hex.EncodeToString(digest[:])+"\n", zone+tlsa+strings.Repeat("00", 32)+"\n"
	c := &Checker{Port: port, Private: true, RootCAs: roots, LocalName: "client.test", Timeout: 20 * time.Second}
	got := findings(t, c, zone)
	has(t, "verified", got, "ok mx.example.org: 127.0.0.1 answers", "ok mx.example.org: banner: ", "ok mx.example.org: EHLO: ",
		"ok mx.example.org: STARTTLS: ", "ok mx.example.org: TLS 1.3", "ok mx.example.org: certificate of", "info mx.example.org: no TLSA records")
	has(t, "DANE", findings(t, c, right), "ok mx.example.org: the certificate matches TLSA 2 0 1")
	has(t, "DANE wrong", findings(t, c, wrong), "bad mx.example.org: certificate does not match the TLSA records")
	c.RootCAs = x509.NewCertPool()
	has(t, "unknown authority", findings(t, c, zone), "info mx.example.org: certificate: x509: certificate signed by unknown authority")
	sb.Close()
	has(t, "closed", findings(t, c, zone), "bad mx.example.org: ")
}

// TestAutoconfig fetches the configuration for mail programs, from public addresses alone.
func TestAutoconfig(t *testing.T) {
	answers := map[string]string{"<?xml version=\"1.0\"?><clientConfig version=\"1.1\">": "ok autoconfig: https://autoconfig.example.org/mail", "hello": "warn autoconfig: https://autoconfig.example.org/mail/config-v1.1.xml: not a configuration"}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), DNSNames: []string{"autoconfig.example.org"},
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, _ := x509.ParseCertificate(der)
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	for body, want := range answers {
		srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/mail/config-v1.1.xml" {
				io.WriteString(w, body)
			}
		}))
		srv.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
		srv.StartTLS()
		c := &Checker{PolicyPort: srv.Listener.Addr().(*net.TCPAddr).Port, RootCAs: roots, Private: true, Timeout: 20 * time.Second}
		has(t, body, findings(t, c, "autoconfig.example.org. A 127.0.0.1\n"), want)
		c.Private = false
		has(t, "not public", findings(t, c, "autoconfig.example.org. A 127.0.0.1\n"), "warn autoconfig: Get \"https://autoconfig.example.org/mail/config-v1.1.xml\": its addresses are not public")
		srv.Close()
	}
}

// TestNoWay: what keeps connections from here is not the domain's fault; when it keeps all, nothing is known.
func TestNoWay(t *testing.T) {
	addr := netip.MustParseAddr("2001:4860::1")
	for err, want := range map[error]Level{
		&dialer.Error{Err: syscall.ENETUNREACH}:                                 Info,
		&dialer.Error{Err: os.NewSyscallError("connect", syscall.EHOSTUNREACH)}: Info,
		&dialer.Error{Err: os.ErrDeadlineExceeded, Kind: dialer.Timeout}:        Unknown,
		&dialer.Error{Err: syscall.ECONNREFUSED}:                                Bad,
	} {
		k := &check{Checker: &Checker{}, report: &Report{}, tried: 2, blocked: 1}
		k.refused("mx.example.org", addr, err)
		k.checkBlocked()
		got := k.report.Findings
		if got[0].Level != want || (len(got) == 2 && got[1].Subject == "network") != (want != Bad) {
			t.Errorf("%v: %+v", err, got)
		}
	}
}

// TestStrangeServers: what breaks the protocol is a finding.
func TestStrangeServers(t *testing.T) {
	for name, c := range map[string]struct{ greeting, hello, want string }{
		"not SMTP":      {"SSH-2.0\r\n", "", "bad mx.example.org: banner: reply"},
		"refused":       {"554 go away\r\n", "", "bad mx.example.org: banner: 554 go away"},
		"later":         {"421 busy\r\n", "", "unknown mx.example.org: banner: 421 busy"},
		"no STARTTLS":   {"220 hi\r\n", "250-hi\r\n250 SIZE\r\n", "warn mx.example.org: no STARTTLS"},
		"hangs up":      {"220 hi\r\n", "", "bad mx.example.org: EHLO: "},
		"endless":       {"220 hi\r\n", strings.Repeat("250-x\r\n", 500), "bad mx.example.org: EHLO: a reply of more than"},
		"two of a kind": {"220-hi\r\n250 ho\r\n", "", "bad mx.example.org: banner: reply"},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			conn.Write([]byte(c.greeting))
			if buf := make([]byte, 512); c.hello != "" {
				conn.Read(buf)
				conn.Write([]byte(c.hello))
				conn.Read(buf)
			}
		}()
		_, text, _ := net.SplitHostPort(l.Addr().String())
		port, _ := strconv.Atoi(text)
		zone := "example.org. MX 1 mx.example.org.\nmx.example.org. A 127.0.0.1\n"
		has(t, name, findings(t, &Checker{Port: port, Private: true, Timeout: 10 * time.Second}, zone), c.want)
		l.Close()
	}
}
