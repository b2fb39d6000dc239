package sandbox

import (
	"strings"
	"testing"

	gosasl "github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"posta/internal/sasl"
)

// TestAuth logs in by each mechanism, by posta's own clients and go-sasl's: anybody where no users are known, else only
// who knows the password.
func TestAuth(t *testing.T) {
	known := map[string]string{"ann": "pässword", "x=y,z": "p"}
	for _, tc := range []struct {
		mechanism      string
		users          map[string]string
		user, password string
		right          bool
	}{
		{"PLAIN", nil, "ann", "any", true},
		{"LOGIN", nil, "ann", "any", true},
		{"CRAM-MD5", nil, "ann", "any", true},
		{"XOAUTH2", nil, "ann", "any", true},
		{"OAUTHBEARER", nil, "ann", "any", true},
		{"SCRAM-SHA-256", nil, "ann", "any", false}, // it needs to know the password
		{"PLAIN", known, "ann", "pässword", true},
		{"PLAIN", known, "ann", "wrong", false},
		{"PLAIN", known, "bob", "", false},
		{"LOGIN", known, "ann", "pässword", true},
		{"LOGIN", known, "ann", "wrong", false},
		{"CRAM-MD5", known, "ann", "pässword", true},
		{"CRAM-MD5", known, "ann", "wrong", false},
		{"CRAM-MD5", known, "bob", "wrong", false},
		{"XOAUTH2", known, "ann", "pässword", true},
		{"XOAUTH2", known, "ann", "wrong", false},
		{"OAUTHBEARER", known, "ann", "pässword", true},
		{"OAUTHBEARER", known, "ann", "wrong", false},
		{"SCRAM-SHA-256", known, "ann", "pässword", true},
		{"SCRAM-SHA-256", known, "x=y,z", "p", true},
		{"SCRAM-SHA-256", known, "ann", "wrong", false},
		{"SCRAM-SHA-1", known, "ann", "pässword", true},
		{"SCRAM-SHA-1", known, "bob", "pässword", false},
		{"EXTERNAL", nil, "ann", "", false}, // there is no certificate
	} {
		sb := start(t, Options{Users: tc.users, RequireAuth: true})
		c, err := smtp.DialStartTLS(sb.SMTPAddr(), clientTLS(t, sb))
		if err != nil {
			t.Fatal(err)
		}
		var client gosasl.Client = gosasl.NewExternalClient("")
		if tc.mechanism != "EXTERNAL" {
			cred := sasl.Credentials{Username: tc.user, Password: tc.password}
			if strings.Contains(tc.mechanism, "AUTH") {
				cred = sasl.Credentials{Username: tc.user, Token: tc.password}
			}
			if client, err = sasl.Select([]string{tc.mechanism}, cred, true, ""); err != nil && tc.password != "" {
				t.Fatal(err)
			} else if err != nil {
				client = gosasl.NewPlainClient("", tc.user, tc.password)
			}
		}
		if err := c.Auth(client); (err == nil) != tc.right {
			t.Errorf("%s %q %q, users %v: %v", tc.mechanism, tc.user, tc.password, tc.users, err)
		}
		if proof, ok := client.(sasl.Client); ok && tc.right && proof.Done() != nil {
			t.Errorf("%s: %v", tc.mechanism, proof.Done())
		}
		if err := c.SendMail("a@x", []string{"b@x"}, strings.NewReader("\r\n")); (err == nil) != tc.right {
			t.Errorf("MAIL after %s %q: %v", tc.mechanism, tc.user, err)
		}
		if tc.right {
			if s := wait(t, sb, Match{}, 1)[0].Session; s.User != tc.user || s.Mechanism != tc.mechanism || s.Protocol != "ESMTPSA" {
				t.Errorf("session %+v", s)
			}
		}
		c.Close()
	}
}
