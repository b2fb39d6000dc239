package dialer

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

// kindIs fails the test unless err is an *Error of this kind.
func kindIs(t *testing.T, err error, kind Kind) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Kind != kind {
		t.Errorf("got %v, want one of kind %v", err, kind)
	}
}

func fingerprint(c tls.Certificate) []byte {
	sum := sha256.Sum256(c.Certificate[0])
	return sum[:]
}

func TestCertificates(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	var nobody *authority
	good := ca.server(t, "mail.example.org")
	expired := serverTemplate("mail.example.org")
	expired.NotBefore, expired.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
	early := serverTemplate("mail.example.org")
	early.NotBefore, early.NotAfter = time.Now().Add(time.Hour), time.Now().Add(2*time.Hour)
	self := nobody.pair(t, serverTemplate("mail.example.org"))
	client := serverTemplate("mail.example.org")
	client.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}

	for _, c := range []struct {
		name   string
		cert   tls.Certificate
		server string
		pin    []byte
		ok     bool
	}{
		{"right", good, "mail.example.org", nil, true},
		{"right, in capitals, with the root's dot", good, "MAIL.example.org.", nil, true},
		{"wildcard, RFC 9525 §6.3", ca.server(t, "*.example.org"), "mail.example.org", nil, true},
		{"wildcard for two labels", ca.server(t, "*.example.org"), "mail.eu.example.org", nil, false},
		{"IPv4 address", ca.server(t, "192.0.2.1"), "192.0.2.1", nil, true},
		{"IPv6 address", ca.server(t, "2001:db8::1"), "2001:db8::1", nil, true},
		{"IPv6 address with a zone", ca.server(t, "fe80::1"), "fe80::1%eth0", nil, true},
		{"another IP address", ca.server(t, "192.0.2.1"), "192.0.2.2", nil, false},
		{"IP address as a name", ca.server(t, "example.org"), "192.0.2.1", nil, false},
		{"internationalized name", ca.server(t, "xn--bcher-kva.example"), "bücher.example", nil, true},
		{"another name", good, "mail.example.com", nil, false},
		{"only a common name", ca.server(t), "test server", nil, false},
		{"expired", ca.pair(t, expired), "mail.example.org", nil, false},
		{"not yet valid", ca.pair(t, early), "mail.example.org", nil, false},
		{"self-signed", self, "mail.example.org", nil, false},
		{"of another authority", other.server(t, "mail.example.org"), "mail.example.org", nil, false},
		{"a client's", ca.pair(t, client), "mail.example.org", nil, false},
		{"pinned", good, "mail.example.org", fingerprint(good), true},
		{"pinned, self-signed, another name", self, "mail.example.com", fingerprint(self), true},
		{"pin of another", good, "mail.example.org", fingerprint(self), false},
		{"half a pin", good, "mail.example.org", fingerprint(good)[:16], false},
		{"empty pin", good, "mail.example.org", []byte{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			addr := serve(t, "tcp", "127.0.0.1:0", overTLS(&tls.Config{Certificates: []tls.Certificate{c.cert}}, echo))
			conn, err := Dial(t.Context(), Config{Address: addr.String(), Security: TLS, ServerName: c.server, RootCAs: ca.pool, Pin: c.pin})
			if err == nil {
				defer conn.Close()
			}
			switch {
			case !c.ok:
				kindIs(t, err, TLSRefused)
			case err != nil:
				t.Error(err)
			case !conn.Secure() || !conn.MaySendSecrets():
				t.Error("verified, but not secure")
			default:
				greets(t, conn)
			}
		})
	}
}

func TestTLSVersions(t *testing.T) {
	ca := newAuthority(t)
	for version, ok := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		config := &tls.Config{Certificates: []tls.Certificate{ca.server(t, "127.0.0.1")}, MinVersion: tls.VersionTLS10, MaxVersion: version}
		addr := serve(t, "tcp", "127.0.0.1:0", overTLS(config, echo))
		c, err := Dial(t.Context(), Config{Address: addr.String(), Security: TLS, RootCAs: ca.pool})
		if ok && err == nil {
			greets(t, c)
			c.Close()
			continue
		}
		if ok {
			t.Errorf("%s: %v", tls.VersionName(version), err)
			continue
		}
		kindIs(t, err, TLSRefused)
	}
}

// TLS 1.2 refuses the client within the handshake, TLS 1.3 after it.
func TestClientCertificate(t *testing.T) {
	ca := newAuthority(t)
	client := serverTemplate("client")
	client.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	cert := ca.pair(t, client)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		config := &tls.Config{
			Certificates: []tls.Certificate{ca.server(t, "127.0.0.1")}, MaxVersion: version,
			ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.pool,
		}
		addr := serve(t, "tcp", "127.0.0.1:0", overTLS(config, echo))
		cfg := Config{Address: addr.String(), Security: TLS, RootCAs: ca.pool}
		c, err := Dial(t.Context(), cfg)
		if err == nil {
			_, err = c.ReadLine(100)
			c.Close()
		}
		kindIs(t, err, TLSRefused)
		cfg.Certificates = []tls.Certificate{cert}
		greets(t, dial(t, cfg))
	}
}

func TestSessions(t *testing.T) {
	ca := newAuthority(t)
	cert := ca.server(t, "127.0.0.1")
	// Two servers of one name, as of SMTP and IMAP4, that share no ticket keys.
	addr := serve(t, "tcp", "127.0.0.1:0", overTLS(&tls.Config{Certificates: []tls.Certificate{cert}}, echo))
	other := serve(t, "tcp", "127.0.0.1:0", overTLS(&tls.Config{Certificates: []tls.Certificate{cert}}, echo))
	cfg := Config{Address: addr.String(), Security: TLS, RootCAs: ca.pool, Sessions: tls.NewLRUClientSessionCache(10)}
	resumed := func(cfg Config) bool {
		c := dial(t, cfg)
		greets(t, c)
		return c.TLSState().DidResume
	}
	if resumed(cfg) || !resumed(cfg) {
		t.Error("the second connection does not resume the first")
	}
	elsewhere := cfg
	elsewhere.Address = other.String()
	if resumed(elsewhere) || !resumed(cfg) || !resumed(elsewhere) {
		t.Error("the servers of one name displace each other's sessions")
	}
	pinned := cfg
	pinned.Pin = fingerprint(newAuthority(t).server(t, "127.0.0.1"))
	_, err := Dial(t.Context(), pinned)
	kindIs(t, err, TLSRefused)
}

func TestNoTLSThere(t *testing.T) {
	addr := serve(t, "tcp", "127.0.0.1:0", echo)
	_, err := Dial(t.Context(), Config{Address: addr.String(), Security: TLS})
	kindIs(t, err, TLSRefused)
}

// cutter lets a server write so many octets, then does something else.
type cutter struct {
	net.Conn
	left int
	then func(net.Conn)
}

func (c *cutter) Write(p []byte) (int, error) {
	if len(p) <= c.left {
		c.left -= len(p)
		return c.Conn.Write(p)
	}
	c.Conn.Write(p[:c.left])
	c.left = 0
	c.then(c.Conn)
	return 0, io.ErrClosedPipe
}

// Wherever a handshake is cut, stalls or turns to garbage, it ends, and there is no connection.
func TestHandshakeFaults(t *testing.T) {
	ca := newAuthority(t)
	config := &tls.Config{Certificates: []tls.Certificate{ca.server(t, "127.0.0.1")}, MaxVersion: tls.VersionTLS12}
	whole := handshakeSize(t, config, ca)
	for _, c := range []struct {
		name    string
		then    func(net.Conn)
		kinds   map[Kind]bool
		every   int
		timeout time.Duration
	}{
		{"cut", func(c net.Conn) { c.Close() }, map[Kind]bool{Network: true}, 1, time.Minute},
		{"garbage", func(c net.Conn) {
			io.WriteString(c, "500 what?\r\n500 what?\r\n")
			c.(*net.TCPConn).CloseWrite()
			hang(c)
		}, map[Kind]bool{Network: true, TLSRefused: true}, 7, time.Minute},
		{"stalled", hang, map[Kind]bool{Timeout: true}, 97, 50 * time.Millisecond},
		{"dripped", drip("\x16", 1, time.Millisecond), map[Kind]bool{Timeout: true, TLSRefused: true}, 97, 50 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			for n := 0; n < whole; n += c.every {
				faulty := func(nc net.Conn) { overTLS(config, echo)(&cutter{nc, n, c.then}) }
				addr := serve(t, "tcp", "127.0.0.1:0", faulty)
				_, err := Dial(t.Context(), Config{Address: addr.String(), Security: TLS, RootCAs: ca.pool, Timeout: c.timeout})
				var e *Error
				if !errors.As(err, &e) || !c.kinds[e.Kind] {
					t.Errorf("after %d of %d octets: %v", n, whole, err)
				}
			}
		})
	}
}

// handshakeSize is how many octets the server writes in a handshake.
func handshakeSize(t *testing.T, config *tls.Config, ca *authority) int {
	size := make(chan int, 1)
	addr := serve(t, "tcp", "127.0.0.1:0", func(nc net.Conn) {
		c := &cutter{Conn: nc, left: 1 << 20}
		tls.Server(c, config).Handshake()
		size <- 1<<20 - c.left
	})
	dial(t, Config{Address: addr.String(), Security: TLS, RootCAs: ca.pool})
	return <-size
}

// Dripping valid records of a handshake does not stretch its time.
func TestHandshakeDripped(t *testing.T) {
	ca := newAuthority(t)
	config := &tls.Config{Certificates: []tls.Certificate{ca.server(t, "127.0.0.1")}}
	addr := serve(t, "tcp", "127.0.0.1:0", func(nc net.Conn) { overTLS(config, echo)(dripper{nc}) })
	_, err := Dial(t.Context(), Config{Address: addr.String(), Security: TLS, RootCAs: ca.pool, Timeout: 200 * time.Millisecond})
	kindIs(t, err, Timeout)
}

type dripper struct{ net.Conn }

func (d dripper) Write(p []byte) (int, error) {
	for i := range p {
		time.Sleep(50 * time.Millisecond)
		if _, err := d.Conn.Write(p[i : i+1]); err != nil {
			return i, err
		}
	}
	return len(p), nil
}
