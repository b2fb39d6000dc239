package dialer

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"posta/internal/transcript"
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

// A name leads to whichever of its addresses answers (RFC 8305), of both families where it has both.
func TestNameOfSeveralAddresses(t *testing.T) {
	hosts, err := net.LookupHost("localhost")
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range hosts {
		_, port, _ := net.SplitHostPort(serve(t, "tcp", net.JoinHostPort(host, "0"), echo).String())
		c := dial(t, Config{Address: net.JoinHostPort("localhost", port)})
		greets(t, c)
		if got := c.RemoteAddr().(*net.TCPAddr).IP.String(); got != host || !c.Loopback() {
			t.Errorf("localhost led to %s, want %s", got, host)
		}
	}
}

func TestOneFamily(t *testing.T) {
	for network, address := range map[string]string{"tcp4": "[::1]:0", "tcp6": "127.0.0.1:0"} {
		addr := serve(t, "tcp", address, echo)
		if c, err := Dial(t.Context(), Config{Network: network, Address: addr.String()}); err == nil {
			c.Close()
			t.Errorf("%s leads to %v", network, addr)
		}
	}
}

func TestImplicitTLS(t *testing.T) {
	ca := newAuthority(t)
	config := &tls.Config{Certificates: []tls.Certificate{ca.server(t, "127.0.0.1", "::1")}}
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		addr := serve(t, "tcp", address, overTLS(config, echo))
		c := dial(t, Config{Address: addr.String(), Security: TLS, RootCAs: ca.pool})
		greets(t, c)
		if !c.Secure() || c.TLSState().Version != tls.VersionTLS13 {
			t.Errorf("%v: secure %v, %+v", addr, c.Secure(), c.TLSState())
		}
	}
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lmtp")
	serve(t, "unix", path, echo)
	c := dial(t, Config{Network: "unix", Address: path})
	greets(t, c)
	if !c.Loopback() || !c.MaySendSecrets() {
		t.Error("a Unix socket is not taken for this machine")
	}
	_, err := Dial(t.Context(), Config{Network: "unix", Address: path + "x"})
	kindIs(t, err, Network)
}

func TestSourceAddress(t *testing.T) {
	source := "127.0.0.1"
	if runtime.GOOS == "linux" || runtime.GOOS == "windows" {
		source = "127.0.0.2" // elsewhere the interface has one address only
	}
	from := make(chan string, 10)
	addr := serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) { from <- c.RemoteAddr().(*net.TCPAddr).IP.String() })
	for _, local := range []string{source, source + ":0"} {
		dial(t, Config{Address: addr.String(), LocalAddr: local})
		if got := <-from; got != source {
			t.Errorf("source %s gave %s", local, got)
		}
	}
	_, err := Dial(t.Context(), Config{Address: addr.String(), LocalAddr: "192.0.2.1"})
	kindIs(t, err, Network)
}

func TestBadConfig(t *testing.T) {
	for _, cfg := range []Config{
		{Address: "mail.example.org"},
		{Address: ":25"},
		{Address: "mail.example.org:"},
		{Address: "bü cher.example:25"},
		{Address: "127.0.0.1:25", LocalAddr: "eth0"},
		{Address: "127.0.0.1:25", Proxy: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}},
		{Address: "127.0.0.1:25", Proxy: &url.URL{Scheme: "socks5"}},
	} {
		_, err := Dial(t.Context(), cfg)
		kindIs(t, err, BadConfig)
	}
}

func TestRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	_, err = Dial(t.Context(), Config{Address: l.Addr().String()})
	kindIs(t, err, Network)
	if !errors.Is(err, syscall.ECONNREFUSED) && runtime.GOOS != "windows" {
		t.Errorf("the cause is lost: %#v", err)
	}
	if want := "connect to " + l.Addr().String() + ": connection refused"; err.Error() != want && runtime.GOOS != "windows" {
		t.Errorf("%q, want %q", err, want)
	}
}

func TestIsLoopback(t *testing.T) {
	for ip, want := range map[string]bool{
		"127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true,
		"192.0.2.1": false, "10.0.0.1": false, "::": false, "fe80::1": false, "0.0.0.0": false,
	} {
		if got := isLoopback(&net.TCPAddr{IP: net.ParseIP(ip)}); got != want {
			t.Errorf("%s: %v", ip, got)
		}
	}
	if !isLoopback(&net.UnixAddr{}) || isLoopback(&net.IPAddr{}) {
		t.Error("a Unix socket is this machine, an address of an unknown kind is not")
	}
}

func TestTranscriptNotes(t *testing.T) {
	ca := newAuthority(t)
	config := &tls.Config{Certificates: []tls.Certificate{ca.server(t, "127.0.0.1")}}
	addr := serve(t, "tcp", "127.0.0.1:0", overTLS(config, echo))
	var b bytes.Buffer
	dial(t, Config{Address: addr.String(), Security: TLS, RootCAs: ca.pool, Log: transcript.New(&b)})
	for _, want := range []string{"connected to " + addr.String(), "TLS 1.3, TLS_", "CN=test server"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in %q", want, b.String())
		}
	}
}
