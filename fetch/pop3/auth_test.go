package pop3

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"posta/internal/sasl"
)

// TestAuth is RFC 5034 §4: what is said in the exchange, and how it ends.
func TestAuth(t *testing.T) {
	long := strings.Repeat("t", 300)
	cases := []struct {
		name  string
		sasl  string
		token string
		auth  func(t *testing.T, line string, say func(string) string)
		code  string
		err   error
	}{
		{
			name: "initial response", sasl: "PLAIN LOGIN",
			auth: func(t *testing.T, line string, say func(string) string) {
				if want := "AUTH PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00u\x00p")); line != want {
					t.Errorf("%q, want %q", line, want)
				}
				say("+OK")
			},
		},
		{
			name: "initial response too long for the line", sasl: "XOAUTH2", token: long,
			auth: func(t *testing.T, line string, say func(string) string) {
				if line != "AUTH XOAUTH2" {
					t.Errorf("%q", line)
				}
				if got, _ := base64.StdEncoding.DecodeString(say("+ ")); !strings.Contains(string(got), long) {
					t.Errorf("%q", got)
				}
				say("+OK")
			},
		},
		{
			name: "refused", sasl: "PLAIN", code: CodeAuth,
			auth: func(_ *testing.T, _ string, say func(string) string) { say("-ERR [AUTH] no") },
		},
		{
			name: "not base64", sasl: "CRAM-MD5", err: ErrProtocol,
			auth: func(_ *testing.T, _ string, say func(string) string) { say("+ %%%") },
		},
		{
			name: "challenges without end", sasl: "CRAM-MD5", err: sasl.ErrChallenge,
			auth: func(t *testing.T, _ string, say func(string) string) {
				for range 100 {
					if say("+ PDEuMkBob3N0Pg==") == "*" {
						say("-ERR cancelled")
						return
					}
				}
				t.Error("it never gave up")
			},
		},
		{
			name: "an impostor", sasl: "SCRAM-SHA-256", err: sasl.ErrServer,
			auth: func(_ *testing.T, _ string, say func(string) string) { say("+OK come in") },
		},
		{
			name: "another protocol", sasl: "PLAIN", err: ErrProtocol,
			auth: func(_ *testing.T, _ string, say func(string) string) { say("235 ok") },
		},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			s := newServer()
			s.capa = []string{"SASL " + tc.sasl, "PIPELINING", "UTF8"}
			s.auth = func(line string, say func(string) string) { tc.auth(t, line, say) }
			cfg := config(s.start(t))
			if tc.token != "" {
				cfg.Auth = &sasl.Credentials{Username: "u", Token: tc.token}
			}
			c, err := Dial(context.Background(), cfg)
			if c != nil {
				defer c.Close()
			}
			var e *Error
			switch {
			case tc.code != "":
				if !errors.As(err, &e) || e.Code != tc.code || !e.Login {
					t.Errorf("%v", err)
				}
			case tc.err != nil:
				if !errors.Is(err, tc.err) {
					t.Errorf("%v, want %v", err, tc.err)
				}
			case err != nil:
				t.Error(err)
			}
		})
	}
}
