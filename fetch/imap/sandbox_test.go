package imap_test

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net/smtp"
	"os"
	"strings"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
	"posta/fetch/query"
	"posta/internal/dialer"
	"posta/internal/sandbox"
	"posta/internal/sasl"
)

// TestSandbox: a letter is sent, found by posta's own query over STARTTLS, and fetched as it was.
func TestSandbox(t *testing.T) {
	sb, err := sandbox.Start(context.Background(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer sb.Close()
	const letter = "From: ann@example.org\r\nSubject: monthly report\r\n\r\nhello\r\n"
	send(t, sb, letter)
	pem, err := os.ReadFile(sb.CAFile())
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	cfg := imap.Config{
		Dialer: dialer.Config{Address: sb.Addr("imap"), Security: dialer.StartTLS, ServerName: sb.Host(), RootCAs: pool, Timeout: 20 * time.Second},
		Auth:   &sasl.Credentials{Username: "bob@example.net", Password: "any"},
	}
	c, err := imap.Dial(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.TLSState() == nil {
		t.Error("no TLS")
	}
	q, err := query.Parse("from ann (subject 'monthly report' or seen) since 1d not larger 1M", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	c.Select("INBOX", imap.SelectOptions{ReadOnly: true})
	found, err := c.Search(q, imap.SearchOptions{}).Wait()
	if err != nil || len(found.All.(goimap.UIDSet)) != 1 {
		t.Fatalf("%v %v", found, err)
	}
	f := c.Fetch(found.All, imap.FetchOptions{FetchOptions: goimap.FetchOptions{BodySection: []*goimap.FetchItemBodySection{{Peek: true}}}})
	for m, err := range f.Messages() {
		if err != nil {
			t.Fatal(err)
		}
		l, err := m.Next()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(l)
		if err != nil || !strings.HasSuffix(string(got), letter) {
			t.Errorf("%q %v", got, err)
		}
	}
	cfg.Dialer.RootCAs = x509.NewCertPool()
	var refused *dialer.Error
	if _, err := imap.Dial(context.Background(), cfg); !errors.As(err, &refused) || refused.Kind != dialer.TLSRefused {
		t.Errorf("an unknown certificate: %v", err)
	}
}

// send sends in plain text, for the sandbox's certificate is nobody's.
func send(t *testing.T, sb *sandbox.Sandbox, letter string) {
	t.Helper()
	c, err := smtp.Dial(sb.SMTPAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := errors.Join(c.Mail("ann@example.org"), c.Rcpt("bob@example.net")); err != nil {
		t.Fatal(err)
	}
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, letter)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}
