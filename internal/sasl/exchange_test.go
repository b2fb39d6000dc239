package sasl

import (
	"errors"
	"testing"
)

func TestExchanges(t *testing.T) {
	joe := Credentials{Username: "joe", Password: "secret"}
	tim := Credentials{Username: "tim", Password: "tanstaaftanstaaf"}
	token := Credentials{Username: "user@example.com", Token: "vF9dft4qmT", Host: "server.example.com", Port: 143}
	const none = "(none)" // no initial response: the server speaks first
	for _, c := range []struct {
		name    string
		mech    string
		cred    Credentials
		initial string
		server  []string
		client  []string
		done    bool
		reason  string
	}{
		{"PLAIN, RFC 4616 §4", Plain, tim, "\x00tim\x00tanstaaftanstaaf", nil, nil, true, ""},
		{"PLAIN for another", Plain, Credentials{Authzid: "Ursel", Username: "Kurt", Password: "xipj3plmq"}, "Ursel\x00Kurt\x00xipj3plmq", nil, nil, true, ""},
		{"LOGIN", Login, joe, none, []string{"Username:", "Password:"}, []string{"joe", "secret"}, true, ""},
		{"LOGIN with other prompts", Login, joe, none, []string{"User Name\x00", ""}, []string{"joe", "secret"}, true, ""},
		{"CRAM-MD5, RFC 2195 §2", CramMD5, tim, none, []string{"<1896.697170952@postoffice.reston.mci.net>"}, []string{"tim b913a602c7eda7a495b4e6e7334d3890"}, true, ""},
		{"EXTERNAL", External, Credentials{External: true}, "", nil, nil, true, ""},
		{"EXTERNAL for another", External, Credentials{External: true, Authzid: "joe"}, "joe", nil, nil, true, ""},
		{"OAUTHBEARER, RFC 7628 §4.1", OAuthBearer, token, "n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=Bearer vF9dft4qmT\x01\x01", nil, nil, true, ""},
		{"OAUTHBEARER refused, RFC 7628 §4.3", OAuthBearer, token, "n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=Bearer vF9dft4qmT\x01\x01", []string{`{"status":"invalid_token","scope":"example_scope"}`}, []string{"\x01"}, false, "invalid_token, scope example_scope"},
		{"OAUTHBEARER escapes the name", OAuthBearer, Credentials{Username: "a,b=c", Token: "t"}, "n,a=a=2Cb=3Dc,\x01auth=Bearer t\x01\x01", nil, nil, true, ""},
		{"XOAUTH2", XOAuth2, token, "user=user@example.com\x01auth=Bearer vF9dft4qmT\x01\x01", nil, nil, true, ""},
		{"XOAUTH2 refused", XOAuth2, token, "user=user@example.com\x01auth=Bearer vF9dft4qmT\x01\x01", []string{`{"status":"401","schemes":"bearer"}`}, []string{""}, false, "401"},
		{"XOAUTH2 refused without JSON", XOAuth2, token, "user=user@example.com\x01auth=Bearer vF9dft4qmT\x01\x01", []string{"no"}, []string{""}, false, "no"},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, err := Select([]string{c.mech}, c.cred, true, c.mech)
			if err != nil {
				t.Fatal(err)
			}
			mech, ir, err := client.Start()
			if mech != c.mech || err != nil || (ir == nil) != (c.initial == none) || ir != nil && string(ir) != c.initial {
				t.Errorf("Start = %q, %q, %v; want %q", mech, ir, err, c.initial)
			}
			for i, challenge := range c.server {
				answer, err := client.Next([]byte(challenge))
				if err != nil || answer == nil || string(answer) != c.client[i] {
					t.Errorf("Next(%q) = %q, %v; want %q", challenge, answer, err, c.client[i])
				}
			}
			if err := client.Done(); (err == nil) != c.done {
				t.Errorf("Done: %v", err)
			}
			if got := Reason(client); got != c.reason {
				t.Errorf("reason %q, want %q", got, c.reason)
			}
			if _, err := client.Next([]byte("more")); len(c.server) > 0 && !errors.Is(err, ErrChallenge) {
				t.Errorf("a challenge too many: %v", err)
			}
		})
	}
}
