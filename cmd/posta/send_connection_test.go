package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// postWith is post with an environment.
func postWith(vars map[string]string, letter string, args ...string) (status int, complaint string) {
	var complaints bytes.Buffer
	e := &env{
		stdin: strings.NewReader(letter), stdout: io.Discard, stderr: &complaints,
		getenv: func(name string) string { return vars[name] }, now: time.Now,
	}
	e.out = newOutput(e)
	status = run(context.Background(), e, append([]string{"posta", "send"}, args...))
	return status, complaints.String()
}

// socksProxy is a SOCKS5 proxy (RFC 1928) that connects every host to one server. It tells which was asked for.
func socksProxy(t *testing.T, server string) (url string, asked <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	hosts := make(chan string, 8)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				host := make([]byte, 255)
				io.ReadFull(c, host[:3]) // version, one method: none
				c.Write([]byte{5, 0})
				io.ReadFull(c, host[:5]) // version, CONNECT, reserved, a name, its length
				n := int(host[4])
				io.ReadFull(c, host[:n+2])
				hosts <- string(host[:n])
				c.Write([]byte{5, 0, 0, 1, 127, 0, 0, 1, 0, 25})
				to, err := net.Dial("tcp", server)
				if err != nil {
					return
				}
				defer to.Close()
				go io.Copy(to, c)
				io.Copy(c, to)
			}()
		}
	}()
	return "socks5://" + l.Addr().String(), hosts
}

// A proxy on loopback does not make the server behind it one: no password goes to that in plain text.
func TestSendThroughProxy(t *testing.T) {
	server := strings.TrimPrefix(faultyServer(t, "nothing", ""), "smtp://")
	proxy, asked := socksProxy(t, server)
	const letter = "From: a@example.org\nTo: b@example.org\n\nhello\n"
	if status, complaint := postWith(nil, letter, "-a", "smtp://mail.example.org?tls=none", "--proxy", proxy); status != exitOK {
		t.Errorf("status %d: %s", status, complaint)
	}
	if host := <-asked; host != "mail.example.org" {
		t.Errorf("the proxy was asked for %q", host)
	}
	vars := map[string]string{"POSTA_PASSWORD": "secret-word", "POSTA_PROXY": proxy}
	status, complaint := postWith(vars, letter, "-a", "smtp://u@mail.example.org?tls=none", "--debug")
	if status != exitNoPerm || strings.Contains(complaint, "C: AUTH") {
		t.Errorf("status %d, want 77 and no AUTH: %s", status, complaint)
	}
	if status, complaint := postWith(vars, letter, "-a", "smtp://u@mail.example.org"); status != exitNoPerm {
		t.Errorf("without STARTTLS: status %d: %s", status, complaint)
	}
}

// selfSigned makes a certificate that no authority knows, and its files.
func selfSigned(t *testing.T, dir, name string) (cert tls.Certificate, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{name}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, name+".crt"), filepath.Join(dir, name+".key")
	for path, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, certFile, keyFile
}

// A pinned certificate, and the client's own, from the configuration and from flags.
func TestSendCertificates(t *testing.T) {
	dir := t.TempDir()
	server, _, _ := selfSigned(t, dir, "server")
	client, certFile, keyFile := selfSigned(t, dir, "client")
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{server}, ClientAuth: tls.RequireAnyClientCert})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	shown := make(chan []byte, 8)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if conn := c.(*tls.Conn); conn.Handshake() == nil {
					shown <- conn.ConnectionState().PeerCertificates[0].Raw
					serveFaulty(c, "nothing", "")
				}
			}()
		}
	}()
	sum := sha256.Sum256(server.Certificate[0])
	config := filepath.Join(dir, "config.toml")
	text := fmt.Sprintf("[account.a]\nsmtp = \"smtps://%s\"\ntls = { cert = %q, key = %q }\n", l.Addr(), certFile, keyFile)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	vars := map[string]string{"POSTA_CONFIG": config}
	const letter = "From: a@example.org\nTo: b@example.org\n\nhello\n"
	if status, complaint := postWith(vars, letter); status != exitNoPerm {
		t.Errorf("not pinned: status %d, %s", status, complaint)
	}
	if status, complaint := postWith(vars, letter, "--pin", hex.EncodeToString(sum[:])); status != exitOK {
		t.Fatalf("pinned: status %d, %s", status, complaint)
	}
	if got := <-shown; !bytes.Equal(got, client.Certificate[0]) {
		t.Error("the server was shown another certificate")
	}
}
