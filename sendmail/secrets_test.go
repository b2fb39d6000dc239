package sendmail

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"

	"posta/internal/dialer"
	"posta/internal/sasl"
)

// TestNoLoginOverPlainText: an account may allow plain text to another machine, a login never goes over it, nor does
// a challenge and its response. Behind a proxy every server is another machine.
func TestNoLoginOverPlainText(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	heard := make(chan string, 1)
	go func() { heard <- plainServerBehindProxy(l) }()
	_, err = Dial(context.Background(), Config{
		Dialer: dialer.Config{
			Address: "mail.example.org:587", AllowPlain: true,
			Proxy: &url.URL{Scheme: "socks5", Host: l.Addr().String()},
		},
		Auth: &sasl.Credentials{Username: "joe", Password: "secret"},
	})
	if !errors.Is(err, sasl.ErrInsecure) {
		t.Errorf("error %v, want ErrInsecure", err)
	}
	if said := <-heard; !strings.Contains(said, "EHLO") || strings.Contains(said, "AUTH") {
		t.Errorf("the server heard %q", said)
	}
}

// plainServerBehindProxy plays both for one connection and returns what the server heard.
func plainServerBehindProxy(l net.Listener) string {
	conn, err := l.Accept()
	if err != nil {
		return err.Error()
	}
	defer conn.Close()
	request := make([]byte, 3+5+len("mail.example.org")+2) // RFC 1928 §3 and §4
	io.ReadFull(conn, request[:3])
	conn.Write([]byte{5, 0})
	io.ReadFull(conn, request[3:])
	conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	conn.Write([]byte("220 hello\r\n"))
	var all strings.Builder
	buf := make([]byte, 4096)
	for {
		n, err := conn.Read(buf)
		all.Write(buf[:n])
		if err != nil {
			return all.String()
		}
		conn.Write([]byte("250-hello\r\n250 AUTH SCRAM-SHA-256 CRAM-MD5 PLAIN\r\n"))
	}
}
