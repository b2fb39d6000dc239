package dialer

import (
	"crypto/tls"
	"io"
	"net"
	"testing"
)

const chunk = 256 << 10

// benchmarkSecurities runs f with plain text and with TLS, against a peer that does peer.
func benchmarkSecurities(b *testing.B, peer func(net.Conn), f func(b *testing.B, c *Conn)) {
	ca := newAuthority(b)
	config := &tls.Config{Certificates: []tls.Certificate{ca.server(b, "127.0.0.1")}}
	b.Run("plain", func(b *testing.B) {
		f(b, dial(b, Config{Address: serve(b, "tcp", "127.0.0.1:0", peer).String()}))
	})
	b.Run("tls", func(b *testing.B) {
		addr := serve(b, "tcp", "127.0.0.1:0", overTLS(config, peer))
		f(b, dial(b, Config{Address: addr.String(), Security: TLS, RootCAs: ca.pool}))
	})
}

func pour(c net.Conn) {
	p := make([]byte, chunk)
	for {
		if _, err := c.Write(p); err != nil {
			return
		}
	}
}

func drain(c net.Conn) {
	p := make([]byte, chunk)
	for {
		if _, err := c.Read(p); err != nil {
			return
		}
	}
}

func BenchmarkRead(b *testing.B) {
	benchmarkSecurities(b, pour, func(b *testing.B, c *Conn) {
		p := make([]byte, chunk)
		b.SetBytes(chunk)
		for b.Loop() {
			if _, err := io.ReadFull(c, p); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	benchmarkSecurities(b, drain, func(b *testing.B, c *Conn) {
		p := make([]byte, chunk)
		b.SetBytes(chunk)
		for b.Loop() {
			if _, err := c.Write(p); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkReadLine reads lines of 76 octets, as of base64.
func BenchmarkReadLine(b *testing.B) {
	lines := make([]byte, 0, chunk)
	for len(lines)+78 <= chunk {
		lines = append(lines, "VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZyBhbmQgcnVucyBhd2F5\r\n"...)
	}
	peer := func(c net.Conn) {
		for {
			if _, err := c.Write(lines); err != nil {
				return
			}
		}
	}
	c := dial(b, Config{Address: serve(b, "tcp", "127.0.0.1:0", peer).String()})
	b.SetBytes(78)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.ReadLine(1000); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTurn is a command and its reply.
func BenchmarkTurn(b *testing.B) {
	c := dial(b, Config{Address: serve(b, "tcp", "127.0.0.1:0", echo).String()})
	c.ReadLine(100)
	command := []byte("NOOP\r\n")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Write(command); err != nil {
			b.Fatal(err)
		}
		if _, err := c.ReadLine(100); err != nil {
			b.Fatal(err)
		}
	}
}
