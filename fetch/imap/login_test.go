package imap

import (
	"errors"
	"strings"
	"testing"

	"posta/internal/dialer"
	"posta/internal/sasl"
)

func startTLS(c *Config) { c.Dialer.Security = dialer.StartTLS }

// TestRefusedDial are sessions that must not come to be, and what is never said in them is what is not in the script.
func TestRefusedDial(t *testing.T) {
	for _, x := range []struct {
		name      string
		d         dialogue
		change    func(*Config)
		is        error
		tls       bool // the error is TLSRefused
		temporary bool
		login     bool
	}{
		{name: "BYE", d: "S: * BYE [UNAVAILABLE] come back\n", temporary: true},
		{name: "BYE, too many", d: "S: * BYE Too many connections\n", temporary: true},
		{name: "no greeting", d: "S: HTTP/1.1 400 Bad Request\n", is: ErrProtocol},
		{name: "PREAUTH before STARTTLS", d: "S: * PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hi\n", change: startTLS, tls: true},
		{name: "no STARTTLS", d: "S: * OK [CAPABILITY IMAP4rev1] hi\n", change: startTLS, tls: true},
		{name: "STARTTLS refused", d: "S: * OK hi\nC: p1 STARTTLS\nS: p1 NO not today\n", change: startTLS, tls: true},
		{name: "STARTTLS unknown", d: "S: * OK hi\nC: p1 STARTTLS\nS: p1 BAD what?\n", change: startTLS, tls: true},
		{name: "injected", d: "S: * OK hi\nC: p1 STARTTLS\nS< p1 OK go\\r\\n* PREAUTH evil\\r\\n\n", change: startTLS, is: dialer.ErrInjected},
		{name: "LOGINDISABLED", d: "S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hi\n", is: sasl.ErrNoMechanism},
		{
			name: "refused", d: "S: * OK [CAPABILITY IMAP4rev1] hi\nC: p1 LOGIN \"u\" \"p\"\nS: p1 NO [AUTHENTICATIONFAILED] wrong\n", login: true,
		},
		{name: "refused without a code", d: "S: * OK [CAPABILITY IMAP4rev1] hi\nC: p1 LOGIN \"u\" \"p\"\nS: p1 NO wrong\n", login: true},
		{name: "expired", d: "S: * OK [CAPABILITY IMAP4rev1] hi\nC: p1 LOGIN \"u\" \"p\"\nS: p1 NO [EXPIRED] renew\n", login: true},
		{name: "unavailable", d: "S: * OK [CAPABILITY IMAP4rev1] hi\nC: p1 LOGIN \"u\" \"p\"\nS: p1 NO [UNAVAILABLE] wait\n", temporary: true},
		{
			name: "throttled, as Gmail does", temporary: true,
			d: "S: * OK [CAPABILITY IMAP4rev1] hi\nC: p1 LOGIN \"u\" \"p\"\nS: p1 NO [ALERT] Too many simultaneous connections. (Failure)\n",
		},
		{
			name: "BYE instead of a reply", temporary: true,
			d: "S: * OK [CAPABILITY IMAP4rev1] hi\nC: p1 LOGIN \"u\" \"p\"\nS: * BYE [INUSE] locked\n",
		},
		{
			name: "cancelled", is: sasl.ErrChallenge, login: true,
			d: "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=SCRAM-SHA-256] hi\nC: p1 AUTHENTICATE SCRAM-SHA-256 RESPONSE\nS: + eHl6\nC: *\nS: p1 BAD cancelled\n",
		},
		{
			name: "challenges without end", is: ErrProtocol,
			d: "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi\nC: p1 AUTHENTICATE PLAIN AHUAcA==\nS: + !\nC: *\nS: + x\n",
		},
		{name: "OK without proof", is: sasl.ErrServer, d: "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=SCRAM-SHA-1] hi\nC: p1 AUTHENTICATE SCRAM-SHA-1 RESPONSE\nS: p1 OK in\n"},
	} {
		t.Run(x.name, func(t *testing.T) {
			err := refusedDial(t, x.d, x.change)
			var conn *dialer.Error
			if tls := errors.As(err, &conn) && conn.Kind == dialer.TLSRefused; tls != x.tls {
				t.Errorf("TLS refused: %v: %v", tls, err)
			}
			if x.is != nil && !errors.Is(err, x.is) {
				t.Errorf("%v is not %v", err, x.is)
			}
			var e *Error
			if errors.As(err, &e) && (e.Temporary() != x.temporary || e.Login() != x.login) {
				t.Errorf("temporary %v, login %v: %v", e.Temporary(), e.Login(), err)
			}
			if strings.Contains(err.Error(), "AHUAcA") {
				t.Errorf("the secret is told: %v", err)
			}
		})
	}
}

// TestLogin are the ways in, each in as few turns as there can be.
func TestLogin(t *testing.T) {
	for _, x := range []struct {
		name  string
		d     dialogue
		turns int
		mech  string
	}{
		{"SASL-IR", with("", ""), 2, "PLAIN"},
		{"PREAUTH", "S: * PREAUTH [CAPABILITY IMAP4rev1] hi\n", 1, ""},
		{"nothing told", "S: * OK hi\nC: p1 CAPABILITY\nS: * CAPABILITY IMAP4rev1 auth=plain sasl-ir\nS: p1 OK\nC: p2 AUTHENTICATE PLAIN AHUAcA==\nS: p2 OK\nC: p3 CAPABILITY\nS: * CAPABILITY IMAP4rev1\nS: p3 OK\n", 4, "PLAIN"},
		{"no SASL-IR", "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\nC: p1 AUTHENTICATE PLAIN\nS: + \nC: AHUAcA==\nS: * CAPABILITY IMAP4rev1\nS: p1 OK\n", 3, "PLAIN"},
		{"LOGIN", "S: * OK [CAPABILITY IMAP4rev1 AUTH=GSSAPI] hi\nC: p1 LOGIN \"u\" \"p\"\nS: p1 OK [CAPABILITY IMAP4rev1] in\n", 2, "LOGIN"},
	} {
		t.Run(x.name, func(t *testing.T) {
			if n := x.d.turns(); n != x.turns {
				t.Errorf("%d turns", n)
			}
			play(t, x.d, func(c *Client) {
				if c.Mechanism() != x.mech || !c.Caps().Has("IMAP4rev1") {
					t.Errorf("%s %v", c.Mechanism(), c.Caps())
				}
			})
		})
	}
}
