package dialer

import (
	"crypto/tls"
	"io"
	"net"
	"testing"
	"time"
)

// dial connects, or fails the test.
func dial(t testing.TB, cfg Config) *Conn {
	t.Helper()
	c, err := Dial(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// greets fails the test unless the server says hello and echoes.
func greets(t testing.TB, c *Conn) {
	t.Helper()
	if line, err := c.ReadLine(100); err != nil || string(line) != "hello" {
		t.Fatalf("greeting %q, %v", line, err)
	}
	if _, err := io.WriteString(c, "a line\r\n"); err != nil {
		t.Fatal(err)
	}
	if line, err := c.ReadLine(100); err != nil || string(line) != "a line" {
		t.Fatalf("echo %q, %v", line, err)
	}
}

func TestPlainLoopback(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		addr := serve(t, "tcp", address, echo)
		c := dial(t, Config{Address: addr.String()})
		greets(t, c)
		if c.Secure() || !c.Loopback() || !c.MaySendSecrets() || c.TLSState() != nil {
			t.Errorf("%v: secure %v, loopback %v, secrets %v", addr, c.Secure(), c.Loopback(), c.MaySendSecrets())
		}
	}
}

func TestImplicitTLS(t *testing.T) {
	ca := newAuthority(t)
	addr := serve(t, "tcp", "127.0.0.1:0", overTLS(&tls.Config{Certificates: []tls.Certificate{ca.server(t, "127.0.0.1")}}, echo))
	c := dial(t, Config{Address: addr.String(), Security: TLS, RootCAs: ca.pool})
	greets(t, c)
	if !c.Secure() || c.TLSState().Version != tls.VersionTLS13 {
		t.Errorf("secure %v, %+v", c.Secure(), c.TLSState())
	}
}

func TestStartTLS(t *testing.T) {
	ca := newAuthority(t)
	config := &tls.Config{Certificates: []tls.Certificate{ca.server(t, "mail.example.org")}}
	addr := serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) {
		io.ReadFull(c, make([]byte, len("STARTTLS\r\n")))
		io.WriteString(c, "220 go\r\n")
		overTLS(config, echo)(c)
	})
	c := dial(t, Config{Address: addr.String(), Security: StartTLS, ServerName: "mail.example.org", RootCAs: ca.pool, Timeout: 5 * time.Second})
	io.WriteString(c, "STARTTLS\r\n")
	if line, err := c.ReadLine(100); string(line) != "220 go" {
		t.Fatal(line, err)
	}
	if err := c.StartTLS(t.Context()); err != nil {
		t.Fatal(err)
	}
	greets(t, c)
}
