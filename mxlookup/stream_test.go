package mxlookup

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestHTTPS: RFC 8484.
func TestHTTPS(t *testing.T) {
	right := oneMX(t, "right.test")
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		q, err := io.ReadAll(req.Body)
		if err != nil || req.URL.Path != "/dns-query" || req.Header.Get("Content-Type") != dnsMessage || q[0] != 0 || q[1] != 0 {
			t.Errorf("question by %s %s of %s: %x", req.Method, req.URL, req.Header, q)
		}
		if strings.Contains(strings.ToLower(string(q)), "refused") {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", dnsMessage)
		w.Write(right(q, true)[0])
	}))
	srv.EnableHTTP2 = true
	srv.Config.ErrorLog = log.New(io.Discard, "", 0) // the stranger below hangs up
	srv.StartTLS()
	defer srv.Close()
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	r := newTestResolver(t, Config{Servers: []string{srv.URL}, RootCAs: roots})
	if got := show(r.MX(context.Background(), "example.test")); got != "10 right.test" {
		t.Errorf("got %s", got)
	}
	if _, err := r.MX(context.Background(), "refused.test"); !errors.Is(err, ErrNetwork) || !strings.Contains(err.Error(), "503") {
		t.Errorf("503: got %v", err)
	}
	stranger := newTestResolver(t, Config{Servers: []string{srv.URL}, RootCAs: x509.NewCertPool()})
	if _, err := stranger.MX(context.Background(), "example.test"); !errors.Is(err, ErrNetwork) {
		t.Errorf("a certificate that nobody vouches for: got %v", err)
	}
}

// TestTLS: RFC 7858.
func TestTLS(t *testing.T) {
	web := httptest.NewUnstartedServer(nil)
	web.StartTLS()
	defer web.Close()
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: web.TLS.Certificates})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var count, conns atomic.Int32
	right := oneMX(t, "right.test")
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns.Add(1)
			go serveStream(conn, &count, right)
		}
	}()
	r := newTestResolver(t, Config{Servers: []string{"tls://" + l.Addr().String()}, RootCAs: roots})
	for _, domain := range []string{"one.test", "two.test"} {
		if got := show(r.MX(context.Background(), domain)); got != "10 right.test" {
			t.Errorf("got %s", got)
		}
	}
	if count.Load() != 2 || conns.Load() != 1 {
		t.Errorf("%d questions over %d connections, want 2 over 1", count.Load(), conns.Load())
	}
	stranger := newTestResolver(t, Config{Servers: []string{"tls://" + l.Addr().String()}, RootCAs: x509.NewCertPool()})
	if _, err := stranger.MX(context.Background(), "example.test"); !errors.Is(err, ErrNetwork) {
		t.Errorf("a certificate that nobody vouches for: got %v", err)
	}
}

// TestDeadConnection: a connection on which nothing comes any more is given up, and the question asked again over another.
func TestDeadConnection(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var asked atomic.Int32
	right := oneMX(t, "right.test")
	go func() {
		for i := 0; ; i++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serveStream(conn, &asked, func(q []byte, overTCP bool) [][]byte {
				if i == 0 {
					return nil
				}
				return right(q, overTCP)
			})
		}
	}()
	r := newTestResolver(t, Config{Servers: []string{"tls://127.0.0.1"}})
	r.servers[0].stream = &stream{patience: 100 * time.Millisecond, dial: func(context.Context) (net.Conn, error) {
		return net.Dial("tcp", l.Addr().String())
	}}
	if got := show(r.MX(context.Background(), "example.test")); got != "10 right.test" || asked.Load() != 2 {
		t.Errorf("got %s after %d questions", got, asked.Load())
	}
}

// TestIDsAreReused: who is answered gives its id back, and does not take it from the next who has it.
func TestIDsAreReused(t *testing.T) {
	first, second := &pending{}, &pending{}
	p := &pipe{waiting: map[uint16]*pending{7: second}}
	p.drop(7, first)
	if p.waiting[7] != second {
		t.Error("the next one's wait is over")
	}
	if p.drop(7, second); len(p.waiting) != 0 {
		t.Error("it still waits")
	}
}

func TestServerNames(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.53":              "192.0.2.53:53",
		"192.0.2.53:5353":         "192.0.2.53:5353",
		"2001:db8::53":            "[2001:db8::53]:53",
		"[2001:db8::53]":          "[2001:db8::53]:53",
		"[2001:db8::53]:5353":     "[2001:db8::53]:5353",
		"fe80::1%lo":              "[fe80::1%lo]:53",
		"dns.example.org":         "", // a name would need another server to find it
		"":                        "",
		"ftp://192.0.2.53":        "",
		"https://":                "",
		"tls://":                  "",
		"tls://dns.example.org":   "-",
		"https://dns.example.org": "-",
	} {
		s, err := newServer(text, nil)
		switch {
		case (err == nil) != (want != ""):
			t.Errorf("%q: %v", text, err)
		case err == nil && want != "-" && s.udp.address != want:
			t.Errorf("%q: got %s, want %s", text, s.udp.address, want)
		case err != nil && !errors.Is(err, errBadServer):
			t.Errorf("%q: %v", text, err)
		}
	}
}
