package mtasts

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"posta/internal/sandbox"
	"posta/mxlookup"
)

func TestParseRecord(t *testing.T) {
	for text, want := range map[string]string{
		"v=STSv1; id=20160831085700Z;":           "20160831085700Z", // RFC 8461 §3.1's example
		"v=STSv1;id=1":                           "1",
		"v=spf1 -all\x00v=STSv1; id=2; x=y":      "2",
		"v=STSv1; id=1\x00v=STSv1; id=2":         ErrRecord.Error(),
		"v=STSv1;":                               ErrRecord.Error(),
		"v=STSv1; id=a b":                        ErrRecord.Error(),
		"v=STSv1; id=" + strings.Repeat("a", 33): ErrRecord.Error(),
		"v=STSv10; id=1":                         ErrNone.Error(),
		"id=1; v=STSv1":                          ErrNone.Error(),
		"":                                       ErrNone.Error(),
	} {
		id, err := ParseRecord(strings.Split(text, "\x00"))
		if err != nil && errors.Is(err, ErrRecord) {
			id = ErrRecord.Error()
		} else if err != nil {
			id = err.Error()
		}
		if id != want {
			t.Errorf("%q: got %q, want %q", text, id, want)
		}
	}
}

// example is RFC 8461 §3.2's.
const example = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmx: backupmx.example.com\r\nmax_age: 604800\r\n"

func TestParsePolicy(t *testing.T) {
	p, err := ParsePolicy(strings.NewReader(example))
	if err != nil || p.Mode != Enforce || p.MaxAge != 7*24*time.Hour || len(p.MX) != 3 {
		t.Errorf("the example: %+v, %v", p, err)
	}
	for text, ok := range map[string]bool{
		strings.ReplaceAll(example, "\r", ""):                       true,
		example + "future: thing\r\n\r\n":                           true, // unknown fields are ignored
		example + "mode: none\r\n":                                  true, // the first counts
		"version:STSv1\nmode:none\nmax_age:0\n":                     true, // RFC 8461 §3.2: mx only in the other modes
		strings.Replace(example, "STSv1", "STSv2", 1):               false,
		strings.Replace(example, "enforce", "ENFORCE", 1):           false,
		strings.Replace(example, "604800", "a week", 1):             false,
		strings.Replace(example, "604800", "-1", 1):                 false,
		"version: STSv1\nmode: enforce\nmax_age: 1\n":               false,
		"<html>not found</html>":                                    false,
		"":                                                          false,
		example + strings.Repeat("x", maxPolicy) + ": too much\r\n": false,
	} {
		if p, err := ParsePolicy(strings.NewReader(text)); (err == nil) != ok || err != nil && !errors.Is(err, ErrPolicy) {
			t.Errorf("%.80q: %+v, %v", text, p, err)
		}
	}
}

// TestMatch: RFC 8461 §4.1.
func TestMatch(t *testing.T) {
	p := &Policy{MX: []string{"mail.example.com", "*.example.net"}}
	for host, want := range map[string]bool{
		"mail.example.com": true, "MAIL.example.com.": true, "mx.example.com": false, "a.mail.example.com": false,
		"mx.example.net": true, "example.net": false, ".example.net": false, "a.b.example.net": false,
	} {
		if got := p.Match(host); got != want {
			t.Errorf("%s: got %v", host, got)
		}
	}
}

// TestLookup finds the record and the policy as in the world: by DNS and HTTPS.
func TestLookup(t *testing.T) {
	var answer http.HandlerFunc
	web := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Host != "mta-sts.example.com" || req.URL.Path != "/.well-known/mta-sts.txt" {
			t.Errorf("asked for %s of %s", req.URL, req.Host)
		}
		answer(w, req)
	}))
	web.Config.ErrorLog = log.New(io.Discard, "", 0)
	defer web.Close()
	_, port, _ := net.SplitHostPort(web.Listener.Addr().String())
	n, _ := strconv.Atoi(port)
	r := announcing(t)
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate()) // it is for example.com and the names below
	c := &Client{Resolver: r, RootCAs: roots, Port: n}
	for name, step := range map[string]struct {
		answer func(w http.ResponseWriter)
		want   error
	}{
		"right":      {func(w http.ResponseWriter) { fmt.Fprint(w, example) }, nil},
		"HTML":       {func(w http.ResponseWriter) { w.Header().Set("Content-Type", "text/html"); fmt.Fprint(w, example) }, ErrFetch},
		"redirected": {func(w http.ResponseWriter) { w.Header().Set("Location", "/x"); w.WriteHeader(301) }, ErrFetch},
		"gone":       {func(w http.ResponseWriter) { w.WriteHeader(404); fmt.Fprint(w, example) }, ErrFetch},
		"malformed":  {func(w http.ResponseWriter) { fmt.Fprint(w, "hello: world") }, ErrPolicy},
	} {
		answer = func(w http.ResponseWriter, _ *http.Request) { step.answer(w) }
		p, err := c.Lookup(context.Background(), "example.com")
		if !errors.Is(err, step.want) || step.want == nil && (p.ID != "7" || p.Mode != Enforce) {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	if _, err := c.Lookup(context.Background(), "none.com"); !errors.Is(err, ErrNone) {
		t.Errorf("a domain without a policy: %v", err)
	}
	if _, err := c.Lookup(context.Background(), "example.org"); !errors.Is(err, ErrFetch) {
		t.Errorf("a certificate for another domain: %v", err)
	}
	c.RootCAs = x509.NewCertPool()
	if _, err := c.Lookup(context.Background(), "example.com"); !errors.Is(err, ErrFetch) {
		t.Errorf("a certificate that nobody vouches for: %v", err)
	}
}

// announcing is a resolver for a world in which two domains announce a policy, served on loopback.
func announcing(t *testing.T) *mxlookup.Resolver {
	zone := "$TTL 60\n. SOA a. b. 1 2 3 4 5\n"
	for _, domain := range []string{"example.com", "example.org"} {
		zone += fmt.Sprintf("_mta-sts.%[1]s. TXT \"v=STSv1; id=7\"\nmta-sts.%[1]s. A 127.0.0.1\n", domain)
	}
	sb, err := sandbox.Start(context.Background(), sandbox.Options{ZoneText: zone})
	if err != nil {
		t.Fatal(err)
	}
	r, err := mxlookup.New(mxlookup.Config{Servers: []string{sb.DNSAddr()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.Close()
		sb.Close()
	})
	return r
}

// FuzzPolicy: a policy that parses is whole.
func FuzzPolicy(f *testing.F) {
	f.Add(example)
	f.Add("version:STSv1\nmode:none\nmax_age:0")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePolicy(strings.NewReader(text))
		if err == nil && (p.MaxAge < 0 || p.MaxAge > maxAge || p.Mode != None && len(p.MX) == 0) {
			t.Errorf("%q gives %+v", text, p)
		}
	})
}
