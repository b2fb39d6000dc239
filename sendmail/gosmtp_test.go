package sendmail

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"posta/internal/dialer"
)

// backend keeps what go-smtp's server was given.
type backend struct {
	mu   sync.Mutex
	from []string
	opts []smtp.MailOptions
	to   []string
	rcpt []smtp.RcptOptions
	text []string
}

func (b *backend) NewSession(*smtp.Conn) (smtp.Session, error) { return b, nil }
func (b *backend) Reset()                                      {}
func (b *backend) Logout() error                               { return nil }

func (b *backend) Mail(from string, opts *smtp.MailOptions) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.from, b.opts = append(b.from, from), append(b.opts, *opts)
	return nil
}

func (b *backend) Rcpt(to string, opts *smtp.RcptOptions) error {
	if strings.HasPrefix(to, "bad") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.to, b.rcpt = append(b.to, to), append(b.rcpt, *opts)
	return nil
}

func (b *backend) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = append(b.text, string(text))
	return err
}

// goSMTP runs go-smtp's server, which knows nothing of this package.
func goSMTP(t *testing.T, network string, lmtp bool) (*backend, dialer.Config) {
	t.Helper()
	b := new(backend)
	s := smtp.NewServer(b)
	s.Domain, s.LMTP = "test.example", lmtp
	s.EnableSMTPUTF8, s.EnableDSN, s.EnableBINARYMIME = true, true, true
	addr := "127.0.0.1:0"
	if network == "unix" {
		addr = filepath.Join(t.TempDir(), "s")
	}
	l, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return b, dialer.Config{Network: network, Address: l.Addr().String(), Timeout: 5 * time.Second}
}

func TestGoSMTP(t *testing.T) {
	b, cfg := goSMTP(t, "tcp", false)
	c, err := Dial(context.Background(), Config{Dialer: cfg, LocalName: "client.example"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	env := &Envelope{
		From: "é@example.org", To: []Recipient{{"bad@x", smtp.RcptOptions{}}, {"good@x", smtp.RcptOptions{
			Notify: []smtp.DSNNotify{smtp.DSNNotifySuccess}, OriginalRecipient: "orig+1@x", OriginalRecipientType: smtp.DSNAddressTypeRFC822,
		}}},
		Options: smtp.MailOptions{EnvelopeID: "id+1", Return: smtp.DSNReturnHeaders},
	}
	res, err := c.Send(context.Background(), env, letter(t, "A: \xc3\xa9\n\n.\n..\nx"))
	if err != nil || res.Status != Partial || res.Refused[0].Err.Code != 550 {
		t.Fatalf("%v %+v", err, res)
	}
	if o := b.opts[0]; b.from[0] != "é@example.org" || !o.UTF8 || o.Body != smtp.Body8BitMIME || o.EnvelopeID != "id+1" || o.Return != smtp.DSNReturnHeaders || o.Size != res.Size {
		t.Errorf("%+v", o)
	}
	if r := b.rcpt[0]; r.OriginalRecipient != "orig+1@x" || len(r.Notify) != 1 {
		t.Errorf("%+v", r)
	}
	binary := "A: b\r\n\r\n\x00\r\r\n"
	if _, err := c.SendAndQuit(context.Background(), &Envelope{From: "a@b.example", To: To("good@x")}, letter(t, binary)); err != nil {
		t.Fatal(err)
	}
	if want := []string{"A: é\r\n\r\n.\r\n..\r\nx\r\n", binary}; !slices.Equal(b.text, want) {
		t.Errorf("%q", b.text)
	}
}

func TestGoSMTPLMTP(t *testing.T) {
	b, cfg := goSMTP(t, "unix", true)
	c, err := Dial(context.Background(), Config{Dialer: cfg, LMTP: true, LocalName: "client.example"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	res, err := c.Send(context.Background(), &Envelope{From: "a@b.example", To: To("one@x", "bad@x", "two@x")}, letter(t, "A: b\n\n.\n"))
	if err != nil || res.Status != Partial || len(res.Accepted) != 2 || len(res.Deliveries) != 2 {
		t.Fatalf("%v %+v", err, res)
	}
	var e *Error
	if _, err = c.Send(context.Background(), &Envelope{To: To("bad@x")}, letter(t, "A: b\n\n.\n")); !errors.As(err, &e) || e.Code != 550 {
		t.Error(err)
	}
	var fault *LetterError
	if _, err = c.Send(context.Background(), &Envelope{To: To("one@x")}, letter(t, "A: b\n\n\x00")); !errors.As(err, &fault) {
		t.Errorf("a NUL through DATA: %v", err)
	}
	if !slices.Equal(b.text, []string{"A: b\r\n\r\n.\r\n"}) {
		t.Errorf("%q", b.text)
	}
}
