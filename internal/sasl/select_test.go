package sasl

import (
	"errors"
	"strings"
	"testing"
)

func TestSelect(t *testing.T) {
	all := []string{"login", "PLAIN", "CRAM-MD5", "SCRAM-SHA-1", "scram-sha-256", "XOAUTH2", "OAUTHBEARER", "EXTERNAL", "GSSAPI"}
	password := Credentials{Username: "joe", Password: "hunter2"}
	token := Credentials{Username: "joe", Token: "hunter2"}
	certificate := Credentials{External: true}
	for _, c := range []struct {
		name    string
		offered []string
		cred    Credentials
		secure  bool
		want    string
		mech    string
		err     error
	}{
		{"strongest", all, password, true, "", ScramSHA256, nil},
		{"strongest, without TLS", all, password, false, "", ScramSHA256, nil},
		{"SCRAM-SHA-1", []string{"PLAIN", "CRAM-MD5", "SCRAM-SHA-1"}, password, true, "", ScramSHA1, nil},
		{"CRAM-MD5 before PLAIN", []string{"PLAIN", "CRAM-MD5"}, password, true, "", CramMD5, nil},
		{"PLAIN before LOGIN", []string{"LOGIN", "PLAIN"}, password, true, "", Plain, nil},
		{"LOGIN", []string{"LOGIN"}, password, true, "", Login, nil},
		{"PLAIN without TLS", []string{"LOGIN", "PLAIN"}, password, false, "", "", ErrInsecure},
		{"forced", all, password, true, "plain", Plain, nil},
		{"forced without TLS", all, password, false, "PLAIN", "", ErrInsecure},
		{"forced, not offered", []string{"LOGIN"}, password, true, "PLAIN", "", ErrNoMechanism},
		{"forced, unknown", all, password, true, "GSSAPI", "", ErrNoMechanism},
		{"forced, other credentials", all, password, true, "XOAUTH2", "", ErrNoMechanism},
		{"token", all, token, true, "", OAuthBearer, nil},
		{"XOAUTH2", []string{"PLAIN", "XOAUTH2"}, token, true, "", XOAuth2, nil},
		{"token without TLS", all, token, false, "", "", ErrInsecure},
		{"token, no such mechanism", []string{"PLAIN"}, token, true, "", "", ErrNoMechanism},
		{"certificate", all, certificate, true, "", External, nil},
		{"certificate without TLS", all, certificate, false, "", "", ErrInsecure},
		{"nothing in common", []string{"GSSAPI", "NTLM"}, password, true, "", "", ErrNoMechanism},
		{"nothing offered", nil, password, true, "", "", ErrNoMechanism},
		{"no password", all, Credentials{Username: "joe"}, true, "", "", ErrNoMechanism},
		{"NUL in PLAIN", []string{"PLAIN"}, Credentials{Username: "joe\x00root", Password: "x"}, true, "", "", ErrCredentials},
		{"line end in the token", all, Credentials{Username: "joe", Token: "x\n"}, true, "", "", ErrCredentials},
		{"field end in the token", all, Credentials{Username: "joe", Token: "x\x01"}, true, "XOAUTH2", "", ErrCredentials},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, err := Select(c.offered, c.cred, c.secure, c.want)
			if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
				t.Fatalf("%v, want %v", err, c.err)
			}
			if err != nil {
				if strings.Contains(err.Error(), "hunter2") {
					t.Errorf("the secret is told: %v", err)
				}
				return
			}
			if mech, _, _ := client.Start(); mech != c.mech {
				t.Errorf("%s, want %s", mech, c.mech)
			}
		})
	}
}

func TestNoMechanismNamesWhatIsOffered(t *testing.T) {
	_, err := Select([]string{"GSSAPI", "NTLM"}, Credentials{Username: "joe", Password: "x"}, true, "")
	if err == nil || !strings.Contains(err.Error(), "GSSAPI NTLM") {
		t.Errorf("%v", err)
	}
}
