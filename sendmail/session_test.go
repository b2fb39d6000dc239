package sendmail

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"posta/internal/dialer"
	"posta/internal/sasl"
	"posta/internal/transcript"
)

// dial is a Dial that may fail.
func (s *server) dial(change func(*Config)) (*Client, error) {
	cfg := Config{Dialer: dialer.Config{Address: s.addr, Timeout: 5 * time.Second}, LocalName: "client.example"}
	if change != nil {
		change(&cfg)
	}
	return Dial(context.Background(), cfg)
}

func TestHello(t *testing.T) {
	hello := func(ehlo, helo string) func(string) string {
		return func(line string) string {
			switch line {
			case "EHLO client.example":
				return ehlo
			case "HELO client.example":
				return helo
			}
			return ""
		}
	}
	for _, test := range []struct {
		name, ehlo, helo string
		code             int
		temporary, broke bool
	}{
		{name: "EHLO unknown, RFC 5321 §3.2", ehlo: "500 what?", helo: "250 hi"},
		{name: "EHLO refused, HELO too", ehlo: "550 no", helo: "550 no", code: 550},
		{name: "EHLO refused for now", ehlo: "450 later", code: 450, temporary: true},
		{name: "EHLO: 354", ehlo: "354 go", broke: true},
		{name: "EHLO: 421", ehlo: "421 bye", code: 421, temporary: true},
	} {
		c, err := (&server{on: hello(test.ehlo, test.helo)}).start(t).dial(nil)
		var e *Error
		switch {
		case test.code == 0 && !test.broke:
			if err != nil || len(c.Extensions().Keywords) > 0 {
				t.Errorf("%s: %v", test.name, err)
			}
			c.Close()
		case !errors.As(err, &e) || e.Stage != StageEHLO || e.Code != test.code || e.Temporary() != test.temporary || errors.Is(err, ErrProtocol) != test.broke:
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// TestNoSTARTTLS: RFC 3207; where it is missing or refused there is no fallback, and nothing more is said.
func TestNoSTARTTLS(t *testing.T) {
	for name, on := range map[string]func(string) string{
		"not offered": nil,
		"refused": func(line string) string {
			if line == "STARTTLS" {
				return "454 4.7.0 not now"
			}
			if strings.HasPrefix(line, "EHLO") {
				return "250-x\n250 STARTTLS"
			}
			return ""
		},
	} {
		s := (&server{on: on}).start(t)
		_, err := s.dial(func(cfg *Config) {
			cfg.Dialer.Security = dialer.StartTLS
			cfg.Auth = &sasl.Credentials{Username: "u", Password: "secret"}
		})
		var e *dialer.Error
		if !errors.As(err, &e) || e.Kind != dialer.TLSRefused {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(s.verbs(), "AUTH") {
			t.Errorf("%s: %s", name, s.verbs())
		}
	}
}

// TestStartTLSInjection: what was put behind the reply to STARTTLS is never taken for the server's (CVE-2011-0411).
func TestStartTLSInjection(t *testing.T) {
	config, pool := certificate(t)
	s := &server{tls: config}
	s.on = func(line string) string {
		if line == "STARTTLS" {
			return "220 go\n250 AUTH PLAIN"
		}
		return ""
	}
	_, err := s.start(t).dial(func(cfg *Config) { cfg.Dialer.Security, cfg.Dialer.RootCAs = dialer.StartTLS, pool })
	if !errors.Is(err, dialer.ErrInjected) {
		t.Error(err)
	}
}

func TestAuth(t *testing.T) {
	for _, test := range []struct {
		name, offered, want, password string
		on                            func(string) string
		ok                            bool
		code                          int
	}{
		{name: "PLAIN", offered: "PLAIN LOGIN", password: "secret", ok: true},
		{name: "LOGIN forced", offered: "PLAIN LOGIN", want: "LOGIN", password: "secret", ok: true},
		{name: "wrong password", offered: "PLAIN", password: "other", code: 535},
		{name: "too long for a line, RFC 4954 §4", offered: "PLAIN", password: strings.Repeat("x", 500) + "secret", ok: true},
		{name: "initial response not understood", offered: "PLAIN", password: "secret", ok: true, on: func(line string) string {
			if strings.HasPrefix(line, "AUTH PLAIN ") {
				return "501 5.5.4 syntax"
			}
			return ""
		}},
		{name: "nothing in common", offered: "GSSAPI", password: "secret"},
		{name: "challenge that is no base64", offered: "PLAIN", password: "secret", on: func(line string) string {
			if strings.HasPrefix(line, "AUTH") {
				return "334 !!!"
			}
			if line == "*" {
				return "501 cancelled"
			}
			return ""
		}},
		{name: "challenges without end", offered: "LOGIN", password: "secret", on: func(line string) string {
			if !strings.HasPrefix(line, "EHLO") {
				return "334 VXNlcm5hbWU6"
			}
			return ""
		}},
	} {
		s := (&server{auth: test.offered, on: test.on}).start(t)
		var log bytes.Buffer
		c, err := s.dial(func(cfg *Config) {
			cfg.Auth = &sasl.Credentials{Username: "u", Password: test.password}
			cfg.Mechanism = test.want
			cfg.Dialer.Log = transcript.New(&log)
		})
		var e *Error
		if test.ok != (err == nil) || err != nil && (!errors.As(err, &e) || e.Stage != StageAUTH || e.Code != test.code) {
			t.Errorf("%s: %v", test.name, err)
		}
		if err == nil {
			c.Close()
		}
		for _, secret := range []string{test.password, base64.StdEncoding.EncodeToString([]byte("\x00u\x00" + test.password)), base64.StdEncoding.EncodeToString([]byte(test.password))} {
			if strings.Contains(log.String(), secret) {
				t.Errorf("%s: the transcript shows the secret:\n%s", test.name, &log)
			}
		}
		for _, line := range s.seen().lines {
			if len(line) > maxCommand && strings.HasPrefix(line, "AUTH") {
				t.Errorf("%s: a line of %d octets", test.name, len(line))
			}
		}
	}
}

// TestMailParameters is MAIL and RCPT as the envelope and the letter ask for them.
func TestMailParameters(t *testing.T) {
	config, pool := certificate(t)
	ext := append(without(), "REQUIRETLS", "FUTURERELEASE 86400 2030-01-01T00:00:00Z", "DELIVERBY 60", "MT-PRIORITY", "RRVS", "AUTH PLAIN")
	s := (&server{ext: ext, tls: config}).start(t)
	c := s.client(t, func(cfg *Config) { cfg.Dialer.Security, cfg.Dialer.RootCAs = dialer.StartTLS, pool })
	three, nobody := 3, ""
	hold := time.Date(2029, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, test := range []struct {
		env        Envelope
		letter     string
		mail, rcpt string // what must be in them; "" for mail: refused here
	}{
		{Envelope{From: "a@b", To: To("c@d")}, "A: b\n\nx\n", "MAIL FROM:<a@b> SIZE=11", "RCPT TO:<c@d>"},
		{Envelope{To: To("c@d")}, "A: b\n\n\xff\n", "MAIL FROM:<> SIZE=11 BODY=8BITMIME", ""},
		{Envelope{To: To("c@d")}, "A: b\n\n\x00\n", "MAIL FROM:<> SIZE=10 BODY=BINARYMIME", ""},
		{Envelope{To: To("c@d")}, "A: é\n\nx\n", "MAIL FROM:<> SIZE=12 BODY=8BITMIME SMTPUTF8", ""},
		{Envelope{To: To("é@d")}, "A: b\n\nx\n", "MAIL FROM:<> SIZE=11 SMTPUTF8", "RCPT TO:<é@d>"},
		{Envelope{From: "é@d", To: To("c@d")}, "A: b\n\nx\n", "MAIL FROM:<é@d> SIZE=11 SMTPUTF8", ""},
		{Envelope{To: To("c@d"), Options: smtp.MailOptions{Return: smtp.DSNReturnHeaders, EnvelopeID: "a+b=c d"}}, "A: b\n\n", " RET=HDRS ENVID=a+2Bb+3Dc+20d", ""},
		{Envelope{To: To("c@d"), Options: smtp.MailOptions{RequireTLS: true, Auth: &nobody}}, "A: b\n\n", " AUTH=<> REQUIRETLS", ""},
		{Envelope{To: To("c@d"), HoldFor: time.Hour}, "A: b\n\n", " HOLDFOR=3600", ""},
		{Envelope{To: To("c@d"), HoldUntil: hold}, "A: b\n\n", " HOLDUNTIL=2029-01-02T03:04:05Z", ""},
		{Envelope{To: To("c@d"), HoldFor: 48 * time.Hour}, "A: b\n\n", "", ""},
		{Envelope{To: To("c@d"), HoldUntil: hold.AddDate(2, 0, 0)}, "A: b\n\n", "", ""},
		{Envelope{To: To("c@d"), DeliverBy: &smtp.DeliverByOptions{Time: 2 * time.Minute, Mode: smtp.DeliverByReturn, Trace: true}}, "A: b\n\n", " BY=120;RT", ""},
		{Envelope{To: To("c@d"), DeliverBy: &smtp.DeliverByOptions{Time: -time.Minute, Mode: smtp.DeliverByNotify}}, "A: b\n\n", " BY=-60;N", ""},
		{Envelope{To: To("c@d"), DeliverBy: &smtp.DeliverByOptions{Time: time.Second, Mode: smtp.DeliverByReturn}}, "A: b\n\n", "", ""},
		{Envelope{To: To("c@d"), Priority: &three}, "A: b\n\n", " MT-PRIORITY=3", ""},
		{Envelope{To: []Recipient{{"c@d", smtp.RcptOptions{Notify: []smtp.DSNNotify{smtp.DSNNotifySuccess, smtp.DSNNotifyFailure}, OriginalRecipient: "x+y@z"}}}}, "A: b\n\n", "MAIL", "RCPT TO:<c@d> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;x+2By@z"},
		{Envelope{To: []Recipient{{"c@d", smtp.RcptOptions{OriginalRecipient: "é@z"}}}}, "A: b\n\n", "MAIL", `RCPT TO:<c@d> ORCPT=utf-8;\x{E9}@z`},
		{Envelope{To: []Recipient{{"c@d", smtp.RcptOptions{RequireRecipientValidSince: hold}}}}, "A: b\n\n", "MAIL", "RCPT TO:<c@d> RRVS=2029-01-02T03:04:05Z"},
		{Envelope{To: []Recipient{{"c@d", smtp.RcptOptions{Notify: []smtp.DSNNotify{"NEVER", "DELAY"}}}}}, "A: b\n\n", "", ""},
		{Envelope{To: []Recipient{{"c@d", smtp.RcptOptions{MTPriority: &three}}}}, "A: b\n\n", "", ""},
		{Envelope{To: To("c@d"), Options: smtp.MailOptions{EnvelopeID: "a\r\nb"}}, "A: b\n\n", "", ""},
		{Envelope{}, "A: b\n\n", "", ""},
	} {
		s.forget()
		res, err := c.Send(context.Background(), &test.env, letter(t, test.letter))
		lines := strings.Join(s.seen().lines, "\n") + "\n"
		switch {
		case test.mail == "":
			if err == nil || len(s.seen().lines) > 0 || res.Status != Refused {
				t.Errorf("%+v: %v, %q", test.env, err, lines)
			}
		case err != nil, !strings.Contains(lines, test.mail+"\n") && test.mail != "MAIL", !strings.Contains(lines, test.rcpt+"\n") && test.rcpt != "":
			t.Errorf("%+v: %v, %q", test.env, err, lines)
		}
	}
}

// TestNotOffered: what is asked for and not offered is refused here, before anything is sent.
func TestNotOffered(t *testing.T) {
	s := (&server{ext: []string{"SIZE 5"}}).start(t)
	c := s.client(t, nil)
	one := 1
	for _, test := range []struct {
		extension string
		env       Envelope
		letter    string
	}{
		{"SIZE", Envelope{}, "A: b\n\n"},
		{"DSN", Envelope{Options: smtp.MailOptions{EnvelopeID: "x"}}, "x"},
		{"DSN", Envelope{To: []Recipient{{"a@b", smtp.RcptOptions{Notify: []smtp.DSNNotify{smtp.DSNNotifyNever}}}}}, "x"},
		{"REQUIRETLS", Envelope{Options: smtp.MailOptions{RequireTLS: true}}, "x"},
		{"SMTPUTF8", Envelope{Options: smtp.MailOptions{UTF8: true}}, "x"},
		{"SMTPUTF8", Envelope{To: To("é@b")}, "x"},
		{"SMTPUTF8", Envelope{From: "é@b"}, "x"},
		{"8BITMIME", Envelope{Options: smtp.MailOptions{Body: smtp.Body8BitMIME}}, "x"},
		{"BINARYMIME", Envelope{Options: smtp.MailOptions{Body: smtp.BodyBinaryMIME}}, "x"},
		{"FUTURERELEASE", Envelope{HoldFor: time.Second}, "x"},
		{"DELIVERBY", Envelope{DeliverBy: &smtp.DeliverByOptions{Time: time.Second, Mode: smtp.DeliverByNotify}}, "x"},
		{"MT-PRIORITY", Envelope{Priority: &one}, "x"},
	} {
		if test.env.To == nil {
			test.env.To = To("a@b")
		}
		res, err := c.Send(context.Background(), &test.env, letter(t, test.letter))
		var e *UnsupportedError
		if !errors.As(err, &e) || e.Extension != test.extension || !IsPermanent(err) || res.Status != Refused {
			t.Errorf("%s: %v", test.extension, err)
		}
	}
	if got := s.verbs(); got != "EHLO" {
		t.Errorf("said %s", got)
	}
}

// TestCommands: one line each, whatever is asked.
func TestCommands(t *testing.T) {
	s := (&server{on: func(line string) string {
		switch line {
		case "VRFY bob":
			return "252 2.0.0 cannot say"
		case "EXPN é SMTPUTF8":
			return "250-a@b\n250 c@d"
		case "HELP", "HELP MAIL":
			return "214 " + line
		case "ETRN example.org":
			return "458 4.5.0 no"
		}
		return ""
	}}).start(t)
	c := s.client(t, nil)
	ctx := context.Background()
	if r, err := c.Verify(ctx, "bob"); err != nil || r.Code != 252 {
		t.Error(r, err)
	}
	if r, err := c.Expand(ctx, "é"); err != nil || r.Text != "a@b\nc@d" {
		t.Error(r, err)
	}
	if r, err := c.Help(ctx, ""); err != nil || r.Text != "HELP" {
		t.Error(r, err)
	}
	if r, err := c.Help(ctx, "MAIL"); err != nil || r.Text != "HELP MAIL" {
		t.Error(r, err)
	}
	var e *Error
	if _, err := c.Turn(ctx, "example.org"); !errors.As(err, &e) || e.Stage != "etrn" || !e.Temporary() {
		t.Error(err)
	}
	for _, bad := range []string{"bob\r\nRSET", "bob\n", "b\x00b"} {
		if _, err := c.Verify(ctx, bad); err == nil {
			t.Errorf("%q was said", bad)
		}
	}
	if c.Reset(ctx) != nil || c.Noop(ctx) != nil {
		t.Error("RSET or NOOP failed")
	}
	if r, err := c.Quit(ctx); err != nil || r.Code != 221 {
		t.Error(r, err)
	}
	if err := c.Noop(ctx); err == nil {
		t.Error("a command after QUIT")
	}
	if got := s.verbs(); got != "EHLO VRFY EXPN HELP HELP ETRN RSET NOOP QUIT" {
		t.Error(got)
	}
}

// TestUnverifiedCertificate: no letter and no secret without it.
func TestUnverifiedCertificate(t *testing.T) {
	config, _ := certificate(t)
	_, other := certificate(t)
	s := (&server{tls: config, auth: "PLAIN"}).start(t)
	_, err := s.dial(func(cfg *Config) {
		cfg.Dialer.Security, cfg.Dialer.RootCAs = dialer.StartTLS, other
		cfg.Auth = &sasl.Credentials{Username: "u", Password: "secret"}
	})
	var e *dialer.Error
	var unknown *tls.CertificateVerificationError
	if !errors.As(err, &e) || e.Kind != dialer.TLSRefused || !errors.As(err, &unknown) {
		t.Error(err)
	}
	if got := s.verbs(); got != "EHLO STARTTLS" {
		t.Error(got)
	}
}
