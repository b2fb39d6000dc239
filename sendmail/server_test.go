package sendmail

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"posta/internal/dialer"
)

// everything is what the test server offers unless told otherwise.
var everything = []string{
	"PIPELINING", "8BITMIME", "SIZE 100000000", "CHUNKING", "BINARYMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES",
}

// server is a strict little SMTP server. A command out of order is answered as RFC 5321 §4.1.4 says, and noted.
type server struct {
	ext    []string
	lmtp   bool
	tls    *tls.Config                      // offers STARTTLS
	auth   string                           // mechanisms, offered under TLS or where there is none
	on     func(line string) (reply string) // "" leaves it to the server; "-" closes the connection
	onData func(l *caught) string           // reply to the letter's end
	addr   string
	stop   func()

	mu sync.Mutex
	record
}

// record is what a server saw.
type record struct {
	lines   []string // every command
	letters []*caught
	wrong   []string // commands out of order
	turns   int      // times that the client spoke after the server had
}

// seen is a copy of what the server saw until now.
func (s *server) seen() record {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.record
	r.lines, r.letters, r.wrong = slices.Clone(r.lines), slices.Clone(r.letters), slices.Clone(r.wrong)
	return r
}

// forget forgets it.
func (s *server) forget() {
	s.mu.Lock()
	s.record = record{}
	s.mu.Unlock()
}

// caught is a letter that the server took.
type caught struct {
	from string
	to   []string
	body string
	bdat bool
	mail string // the whole MAIL command
}

func (s *server) start(t testing.TB) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[c] = true
			mu.Unlock()
			all.Go(func() { s.serve(c); c.Close() })
		}
	})
	s.stop = func() { // lets the sessions come to their end
		l.Close()
		all.Wait()
	}
	t.Cleanup(func() {
		mu.Lock()
		for c := range open {
			c.Close()
		}
		mu.Unlock()
		s.stop()
	})
	s.addr = l.Addr().String()
	if s.ext == nil {
		s.ext = everything
	}
	return s
}

// counted counts turns below TLS.
type counted struct {
	net.Conn
	s     *server
	spoke bool
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.s.mu.Lock()
		if c.spoke {
			c.s.turns++
		}
		c.s.mu.Unlock()
		c.spoke = false
	}
	return n, err
}

func (c *counted) Write(p []byte) (int, error) {
	c.spoke = true
	return c.Conn.Write(p)
}

// session is one connection.
type session struct {
	*server
	nc     net.Conn
	r      *bufio.Reader
	w      *bufio.Writer
	secure bool
	hello  bool
	mail   string
	from   string
	to     []string
	open   bool
	chunks strings.Builder
}

func (s *server) serve(nc net.Conn) {
	c := &session{server: s, nc: &counted{Conn: nc, s: s}}
	c.r, c.w = bufio.NewReaderSize(c.nc, 64<<10), bufio.NewWriterSize(c.nc, 64<<10)
	c.say("220 test ESMTP")
	for {
		line, err := c.r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSuffix(line, "\r\n")
		s.mu.Lock()
		s.lines = append(s.lines, line)
		s.mu.Unlock()
		if !c.command(line) {
			c.w.Flush()
			return
		}
	}
}

// client dials the server.
func (s *server) client(t testing.TB, change func(*Config)) *Client {
	t.Helper()
	cfg := Config{Dialer: dialer.Config{Address: s.addr, Timeout: 5 * time.Second}, LMTP: s.lmtp, LocalName: "client.example"}
	if change != nil {
		change(&cfg)
	}
	c, err := Dial(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// verbs is the commands that the server saw, their first words alone.
func (s *server) verbs() string {
	var verbs []string
	for _, l := range s.seen().lines {
		verb, _, _ := strings.Cut(l, " ")
		verbs = append(verbs, verb)
	}
	return strings.Join(verbs, " ")
}

// letter is a letter made of text.
func letter(t testing.TB, text string) *Letter {
	t.Helper()
	l, err := ReadLetter(strings.NewReader(text), LetterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// certificate is for localhost, and the pool that knows it.
func certificate(t testing.TB) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, _ := x509.ParseCertificate(der)
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	// Without tickets the server says nothing between the handshake and EHLO, so that turns can be counted.
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, SessionTicketsDisabled: true}, pool
}
