package sandbox

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// start starts a sandbox that ends with the test.
func start(t *testing.T, opt Options) *Sandbox {
	t.Helper()
	sb, err := Start(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sb.Close(); err != nil {
			t.Error(err)
		}
	})
	return sb
}

// clientTLS trusts the sandbox.
func clientTLS(t *testing.T, sb *Sandbox) *tls.Config {
	t.Helper()
	pem, err := os.ReadFile(sb.CAFile())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		t.Fatal("no certificate in the CA file")
	}
	return &tls.Config{RootCAs: roots, ServerName: "127.0.0.1"}
}

// wait returns the letters that match when there are count.
func wait(t *testing.T, sb *Sandbox, match Match, count int) []*Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	found, err := sb.Wait(ctx, match, count)
	if err != nil {
		t.Fatalf("%v (%d letters instead of %d)", err, len(found), count)
	}
	return found
}

func mustBytes(t *testing.T, m *Message) string {
	t.Helper()
	b, err := m.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestSMTP sends by go-smtp's client, which is not what the sandbox's own clients are made of.
func TestSMTP(t *testing.T) {
	for _, tc := range []struct {
		name string
		dial func(*Sandbox, *tls.Config) (*smtp.Client, error)
		want string // Session.Protocol
	}{
		{"plain", func(sb *Sandbox, _ *tls.Config) (*smtp.Client, error) { return smtp.Dial(sb.SMTPAddr()) }, "ESMTPA"},
		{"STARTTLS", func(sb *Sandbox, c *tls.Config) (*smtp.Client, error) { return smtp.DialStartTLS(sb.SMTPAddr(), c) }, "ESMTPSA"},
		{"implicit TLS", func(sb *Sandbox, c *tls.Config) (*smtp.Client, error) { return smtp.DialTLS(sb.SMTPSAddr(), c) }, "ESMTPSA"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sb := start(t, Options{})
			c, err := tc.dial(sb, clientTLS(t, sb))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if err := c.Auth(sasl.NewPlainClient("", "ann", "whatever")); err != nil {
				t.Fatal(err)
			}
			letter := "Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\n from home\r\n\r\n.one\r\n..\r\n"
			if err := c.SendMail("ann@example.org", []string{"bob@example.org", "eve@example.net"}, strings.NewReader(letter)); err != nil {
				t.Fatal(err)
			}
			if err := c.Quit(); err != nil {
				t.Fatal(err)
			}
			m := wait(t, sb, Match{}, 1)[0]
			if got := mustBytes(t, m); got != letter {
				t.Errorf("letter %q, want %q", got, letter)
			}
			if m.From != "ann@example.org" || fmt.Sprint(m.To) != "[bob@example.org eve@example.net]" {
				t.Errorf("envelope %q → %q", m.From, m.To)
			}
			if m.Subject != "grüße from home" || m.Session.User != "ann" || m.Session.Protocol != tc.want {
				t.Errorf("subject %q, session %+v", m.Subject, m.Session)
			}
		})
	}
}

// TestOctets holds letters of every kind against what is kept, by DATA with raw dots (RFC 5321 §4.5.2) and by BDAT
// (RFC 3030).
func TestOctets(t *testing.T) {
	binary := make([]byte, 200_000)
	r := rand.NewChaCha8([32]byte{1})
	r.Read(binary)
	for _, tc := range []struct{ name, letter string }{
		{"empty", ""},
		{"dots", ".\r\n..\r\n.a\r\n.\rb\r\n"},
		{"bare CR before a line end", "a\r\r\n"},
		{"bare LF around a dot", "a\n.\nb\r\n"},
		{"long line", strings.Repeat("x", 100_000) + "\r\n"},
		{"line ends at the buffer's edge", strings.Repeat("x", maxLine-1) + "\r\n.y\r\n"},
		{"NUL and 8 bit", "a\x00\xff\x80\r\n"},
		{"random", string(bytes.ReplaceAll(binary, []byte("\r\n.\r\n"), nil)) + "\r\n"},
		{"larger than memory", strings.Repeat("0123456789\r\n", inMemory/10)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sb := start(t, Options{})
			c := dialRaw(t, sb.SMTPAddr())
			c.want("220")
			c.say("EHLO me", "250 ")
			stuffed := strings.ReplaceAll("\r\n"+tc.letter, "\r\n.", "\r\n..")[2:]
			c.say("MAIL FROM:<a@x>", "250")
			c.say("RCPT TO:<b@x>", "250")
			c.say("DATA", "354")
			c.say(stuffed+".", "250")
			c.write("MAIL FROM:<a@x> BODY=BINARYMIME\r\nRCPT TO:<c@x>\r\n")
			half := len(tc.letter) / 2
			c.write(fmt.Sprintf("BDAT %d\r\n%s", half, tc.letter[:half]))
			c.write(fmt.Sprintf("BDAT %d LAST\r\n%s", len(tc.letter)-half, tc.letter[half:]))
			c.write("QUIT\r\n")
			c.want("250 2.0.0 Roger")
			c.want("250 2.0.0 I'll")
			c.want("250 2.0.0 Continue")
			c.want("250 2.0.0 OK")
			c.want("221")
			for i, m := range wait(t, sb, Match{}, 2) {
				if got := mustBytes(t, m); got != tc.letter {
					t.Errorf("letter %d has %d octets %.100q, want %d %.100q", i+1, len(got), got, len(tc.letter), tc.letter)
				}
				if m.Session.Chunked != (i == 1) || m.Size != int64(len(tc.letter)) {
					t.Errorf("letter %d: %+v", i+1, m)
				}
			}
		})
	}
}

// TestCutShort cuts the connection at each octet of a transaction's end: no part of a letter is ever kept for whole.
func TestCutShort(t *testing.T) {
	for _, flight := range []string{
		"DATA\r\nSubject: x\r\n\r\nbody\r\n.\r\n",
		"BDAT 10\r\nSubject: xBDAT 10 LAST\r\n\r\n\r\n0123\r\n",
	} {
		sb := start(t, Options{})
		for cut := range len(flight) {
			c := dialRaw(t, sb.SMTPAddr())
			c.write("EHLO me\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\n" + flight[:cut])
			c.hangUp()
		}
		c := dialRaw(t, sb.SMTPAddr())
		c.write("EHLO me\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\n" + flight + "QUIT\r\n")
		c.until("221")
		if found := wait(t, sb, Match{}, 1); len(found) != 1 {
			t.Errorf("%q: %d letters were kept", flight, len(found))
		}
	}
}
