package sendmail_test

import (
	"errors"
	"testing"
	"time"

	"posta/internal/dialer"
	"posta/internal/sasl"
	"posta/sendmail"
)

// startTLSMode logs in under STARTTLS. What the server offers before that is bait.
func startTLSMode() mode {
	return mode{tls: dialer.StartTLS, auth: sasl.Plain, ext: []string{"PIPELINING", "AUTH PLAIN LOGIN", "STARTTLS"}}
}

// untold fails the test if the client said more than it may to one that cannot be trusted.
func untold(t *testing.T, f *faultServer, a attempt, kind dialer.Kind) {
	t.Helper()
	var conn *dialer.Error
	if !errors.As(a.err, &conn) || conn.Kind != kind {
		t.Errorf("%v, want one of kind %v", a.err, kind)
	}
	for _, command := range []string{"AUTH", "MAIL", "RCPT", "DATA", "BDAT"} {
		if f.saw(command) {
			t.Errorf("the client said %s\n%s", command, a.log)
		}
	}
	secret(t, f, a)
}

// RFC 3207 §6: STARTTLS that is missing or refused is the end, not plain text.
func TestSTARTTLSStripped(t *testing.T) {
	for name, strip := range map[string]func(*faultServer){
		"not offered":       func(f *faultServer) { f.ext = []string{"PIPELINING", "AUTH PLAIN"} },
		"offered otherwise": func(f *faultServer) { f.ext = []string{"XXXXXXXA", "AUTH PLAIN"} },
		"EHLO refused":      func(f *faultServer) { f.at[sendmail.StageEHLO] = says("502 5.5.1 what?") },
		"refused for now":   func(f *faultServer) { f.at[sendmail.StageSTARTTLS] = says("454 4.7.0 not now") },
		"refused":           func(f *faultServer) { f.at[sendmail.StageSTARTTLS] = says("502 5.5.1 what?") },
	} {
		t.Run(name, func(t *testing.T) {
			m := startTLSMode()
			f := m.server()
			strip(f)
			untold(t, f, m.try(t, f, nil), dialer.TLSRefused)
		})
	}
}

// CVE-2011-0411: what comes in plain text behind the reply to STARTTLS is nobody's.
func TestSTARTTLSInjected(t *testing.T) {
	for name, inject := range map[string]fault{
		"behind the reply": func(s *session, u string) { s.raw(u + "\r\n250-evil\r\n250 AUTH PLAIN\r\n") },
		"a half line":      func(s *session, u string) { s.raw(u + "\r\n2") },
		"later": func(s *session, u string) {
			s.raw(u + "\r\n")
			time.Sleep(10 * time.Millisecond)
			s.raw("250-evil\r\n250 AUTH PLAIN\r\n")
		},
		"another reply": func(s *session, _ string) { s.say("250 ok") },
	} {
		t.Run(name, func(t *testing.T) {
			m := startTLSMode()
			f := m.server()
			f.at[sendmail.StageSTARTTLS] = inject
			a := m.try(t, f, nil)
			if name == "another reply" {
				if !errors.Is(a.err, sendmail.ErrProtocol) || f.saw("AUTH") || f.saw("MAIL") {
					t.Errorf("%v", a.err)
				}
				return
			}
			untold(t, f, a, dialer.Protocol)
		})
	}
}

// RFC 3207 §4.2: what was offered in plain text is forgotten.
func TestOffersBeforeTLSAreForgotten(t *testing.T) {
	m := startTLSMode()
	f := m.server()
	f.tlsExt = []string{"PIPELINING"}
	a := m.try(t, f, nil)
	if !errors.Is(a.err, sasl.ErrNoMechanism) || f.saw("AUTH") || f.saw("MAIL") {
		t.Errorf("%v\n%s", a.err, a.log)
	}
	secret(t, f, a)
}

func TestCertificatesOfServers(t *testing.T) {
	for name, serve := range map[string]func(*faultServer){
		"another name": func(f *faultServer) { f.tls = serverTLS("other.example", time.Hour) },
		"expired":      func(f *faultServer) { f.tls = serverTLS("fault.example", -time.Hour) },
	} {
		for _, security := range []dialer.Security{dialer.StartTLS, dialer.TLS} {
			m := startTLSMode()
			m.tls = security
			f := m.server()
			serve(f)
			a := m.try(t, f, nil)
			untold(t, f, a, dialer.TLSRefused)
			if t.Failed() {
				t.Fatalf("%s", name)
			}
		}
	}
	t.Run("unknown authority", func(t *testing.T) {
		m := startTLSMode()
		f := m.server()
		a := m.try(t, f, func(cfg *sendmail.Config) { cfg.Dialer.RootCAs = otherAuthority() })
		untold(t, f, a, dialer.TLSRefused)
	})
}
