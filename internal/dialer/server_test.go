package dialer

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"testing"
	"time"
)

// authority issues certificates. Their keys are Ed25519, whose signatures are of one size: so are the handshakes.
type authority struct {
	cert *x509.Certificate
	key  ed25519.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	a := &authority{pool: x509.NewCertPool()}
	a.cert, a.key = a.issue(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "test authority"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign,
	})
	a.pool.AddCert(a.cert)
	return a
}

// issue signs a certificate, by itself while there is no authority yet. It is valid for an hour unless it says else.
func (a *authority) issue(t testing.TB, template *x509.Certificate) (*x509.Certificate, ed25519.PrivateKey) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	if template.NotAfter.IsZero() {
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}
	parent, signer := template, key
	if a != nil && a.cert != nil {
		parent, signer = a.cert, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// server is a certificate for tls.Config, for these names and addresses.
func (a *authority) server(t testing.TB, names ...string) tls.Certificate {
	t.Helper()
	return a.pair(t, serverTemplate(names...))
}

func (a *authority) pair(t testing.TB, template *x509.Certificate) tls.Certificate {
	t.Helper()
	cert, key := a.issue(t, template)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert}
}

func serverTemplate(names ...string) *x509.Certificate {
	template := &x509.Certificate{Subject: pkix.Name{CommonName: "test server"}}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	return template
}

// serve listens on address and hands the first connections to f, each in a goroutine. All ends with the test.
func serve(t testing.TB, network, address string, f func(net.Conn)) net.Addr {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	conns := make(chan net.Conn, 100)
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns <- c
			go func() {
				defer c.Close()
				f(c)
			}()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
		close(conns)
		for c := range conns {
			c.Close()
		}
	})
	return l.Addr()
}

// hang is a server that says nothing.
func hang(c net.Conn) { io.Copy(io.Discard, c) }

// echo is a server that says hello and sends back what it gets.
func echo(c net.Conn) {
	io.WriteString(c, "hello\r\n")
	io.Copy(c, c)
}

// overTLS makes a server speak TLS from the start.
func overTLS(config *tls.Config, f func(net.Conn)) func(net.Conn) {
	return func(c net.Conn) {
		conn := tls.Server(c, config)
		defer conn.Close()
		f(conn)
	}
}
