package dialer

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

// startTLS is a server that answers the first line with reply, then goes on as f.
func startTLS(reply string, f func(net.Conn)) func(net.Conn) {
	return func(c net.Conn) {
		io.ReadFull(c, make([]byte, len("STARTTLS\r\n")))
		io.WriteString(c, reply)
		f(c)
	}
}

// upgrade is the client's side: it returns what StartTLS does.
func upgrade(t *testing.T, cfg Config) (*Conn, error) {
	t.Helper()
	cfg.Security = StartTLS
	c := dial(t, cfg)
	io.WriteString(c, "STARTTLS\r\n")
	if line, err := c.ReadLine(100); err != nil || string(line) != "220 go" {
		t.Fatalf("%q, %v", line, err)
	}
	return c, c.StartTLS(t.Context())
}

func TestStartTLS(t *testing.T) {
	ca := newAuthority(t)
	config := &tls.Config{Certificates: []tls.Certificate{ca.server(t, "mail.example.org")}}
	addr := serve(t, "tcp", "127.0.0.1:0", startTLS("220 go\r\n", overTLS(config, echo)))
	c, err := upgrade(t, Config{Address: addr.String(), ServerName: "mail.example.org", RootCAs: ca.pool})
	if err != nil {
		t.Fatal(err)
	}
	greets(t, c)
	if !c.Secure() || c.TLSState().ServerName != "mail.example.org" {
		t.Errorf("%+v", c.TLSState())
	}
	kindIs(t, c.StartTLS(t.Context()), BadConfig)

	_, err = upgrade(t, Config{Address: addr.String(), ServerName: "mail.example.com", RootCAs: ca.pool})
	kindIs(t, err, TLSRefused)
}

// CVE-2011-0411: what stands behind the reply in plain text would be taken for the server's, under TLS.
func TestInjectedReply(t *testing.T) {
	ca := newAuthority(t)
	config := &tls.Config{Certificates: []tls.Certificate{ca.server(t, "127.0.0.1")}}
	for _, injected := range []string{"250 AUTH PLAIN\r\n", "x", "\n"} {
		addr := serve(t, "tcp", "127.0.0.1:0", startTLS("220 go\r\n"+injected, overTLS(config, echo)))
		_, err := upgrade(t, Config{Address: addr.String(), RootCAs: ca.pool})
		kindIs(t, err, Protocol)
		if !errors.Is(err, ErrInjected) {
			t.Errorf("%q: %v", injected, err)
		}
	}
	t.Run("later", func(t *testing.T) {
		addr := serve(t, "tcp", "127.0.0.1:0", startTLS("220 go\r\n", then(wait(20*time.Millisecond), say("250 AUTH PLAIN\r\n"), overTLS(config, echo))))
		_, err := upgrade(t, Config{Address: addr.String(), RootCAs: ca.pool})
		kindIs(t, err, Protocol)
	})
}

func TestStartTLSStalls(t *testing.T) {
	addr := serve(t, "tcp", "127.0.0.1:0", startTLS("220 go\r\n", hang))
	_, err := upgrade(t, Config{Address: addr.String(), Timeout: time.Second})
	kindIs(t, err, Timeout)
	addr = serve(t, "tcp", "127.0.0.1:0", startTLS("220 go\r\n", func(c net.Conn) { c.Close() }))
	_, err = upgrade(t, Config{Address: addr.String()})
	kindIs(t, err, Network)
}

// The farewell of TLS to a peer that reads nothing is not waited for.
func TestCloseUnderTLS(t *testing.T) {
	ca := newAuthority(t)
	config := &tls.Config{Certificates: []tls.Certificate{ca.server(t, "pipe")}}
	peer := func(c net.Conn) {
		tls.Server(c, config).Handshake()
		silent(c)
	}
	took := peerTest(t, peer, func(t *testing.T, c *Conn) {
		c.cfg.ServerName, c.cfg.RootCAs = "pipe", nil
		c.cfg.Pin = fingerprint(config.Certificates[0])
		if err := c.StartTLS(t.Context()); err != nil {
			t.Error(err)
		}
		c.Close()
	})
	if took != closing {
		t.Errorf("took %v, want %v", took, closing)
	}
}
