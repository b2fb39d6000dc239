package account

import (
	"errors"
	"strings"
	"testing"
)

func TestParseURL(t *testing.T) {
	for _, c := range []struct {
		url  string
		want Server
	}{
		{"smtp://mail.example.org", Server{Protocol: SMTP, Host: "mail.example.org", Port: 587}},
		{"smtp://mail.example.org/", Server{Protocol: SMTP, Host: "mail.example.org", Port: 587}},
		{"smtps://mail.example.org", Server{Protocol: SMTP, Host: "mail.example.org", Port: 465}},
		{"lmtp://mail.example.org", Server{Protocol: SMTP, Host: "mail.example.org", Port: 24, LMTP: true}},
		{"lmtp+unix:///run/lmtp", Server{Protocol: SMTP, Socket: "/run/lmtp", LMTP: true}},
		{"lmtp+unix:/run/lmtp", Server{Protocol: SMTP, Socket: "/run/lmtp", LMTP: true}},
		{"lmtp:///run/lmtp", Server{Protocol: SMTP, Socket: "/run/lmtp", LMTP: true}},
		{"imap://u@h", Server{Protocol: IMAP, Host: "h", Port: 143, User: "u"}},
		{"imaps://u@h", Server{Protocol: IMAP, Host: "h", Port: 993, User: "u"}},
		{"pop3://u@h", Server{Protocol: POP3, Host: "h", Port: 110, User: "u"}},
		{"pop3s://u@h:1995", Server{Protocol: POP3, Host: "h", Port: 1995, User: "u"}},
		{"smtp://u@[::1]:2525", Server{Protocol: SMTP, Host: "::1", Port: 2525, User: "u"}},
		{"smtp://a%40b.example:p%3Aw@h", Server{Protocol: SMTP, Host: "h", Port: 587, User: "a@b.example", password: "p:w"}},
		{"smtp://a@b.example@h", Server{Protocol: SMTP, Host: "h", Port: 587, User: "a@b.example"}},
		{"imap://u;AUTH=PLAIN@h", Server{Protocol: IMAP, Host: "h", Port: 143, User: "u", Mechanism: "PLAIN"}}, // RFC 5092 §3.2
		{"imap://u;AUTH=*@h", Server{Protocol: IMAP, Host: "h", Port: 143, User: "u"}},
		{"smtp://u@h?tls=none&auth=login", Server{Protocol: SMTP, Host: "h", Port: 587, User: "u", Mode: "none", Mechanism: "LOGIN"}},
		{"smtp://bücher.example", Server{Protocol: SMTP, Host: "xn--bcher-kva.example", Port: 587}},
	} {
		got, err := ParseURL(c.url)
		if err != nil {
			t.Errorf("%s: %v", c.url, err)
			continue
		}
		got.scheme = ""
		if *got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.url, *got, c.want)
		}
	}
}

func TestParseURLRefuses(t *testing.T) {
	for _, u := range []string{
		"", "mail.example.org", "http://h", "smtp://", "smtp:///path", "smtp://h/INBOX", "smtp://h:0", "smtp://h:65536",
		"smtp://h:x", "smtp://u@h#x", "smtps://h?tls=none", "smtps://h?tls=starttls", "smtp://h?tls=maybe", "smtp://h?x=1",
		"smtp://a%0Ab@h", "smtp://a%00b@h", "smtp://%zz@h", "lmtp+unix://run/lmtp", "lmtp+unix:run", "lmtp://", "smtp://h h",
		"smtp://a%0d%0ab", "smtp://h%0a", "smtp://-\u202e.example",
	} {
		var want *URLError
		if s, err := ParseURL(u); !errors.As(err, &want) {
			t.Errorf("%q: got %+v, %v", u, s, err)
		}
	}
}

func TestURLErrorsShowNoPassword(t *testing.T) {
	for _, u := range []string{
		"smtp://u:hunter2@h:x", "smtp://u:hunter2/@h", "http://u:hunter2@h", "smtp://u:%zzhunter2@h", "smtp://u:hun#hunter2@h",
		"smtp:u:hunter2@h", "smtp://u:hunter2@h/x", "smtp://u:hunter2?x@h", "smtp://u:a@hunter2@h:x",
	} {
		_, err := ParseURL(u)
		if err == nil {
			t.Errorf("%s: no error", u)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
	s, err := ParseURL("smtp://u:hunter2@h")
	if err != nil || s.String() != "smtp://u@h:587" {
		t.Errorf("got %v, %v", s, err)
	}
}

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1": true, "127.1.2.3": true, "[::1]": true, "[::ffff:127.0.0.1]": true, "localhost": true, "LOCALHOST.": true,
		"mail.localhost": true, "10.0.0.1": false, "localhost.example.org": false, "[::2]": false, "127.0.0.1.example": false,
	} {
		s, err := ParseURL("smtp://" + host)
		if err != nil {
			t.Fatal(err)
		}
		if s.Loopback() != want {
			t.Errorf("%s: Loopback() = %v", host, !want)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	for _, s := range []string{
		"smtp://u:p@h:25?tls=none", "imaps://u;AUTH=X@[::1]:993/", "lmtp+unix:///a", "pop3://%40@h", "smtp://bücher.example", "lmtp:/x",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseURL(text)
		if err != nil {
			return
		}
		if strings.ContainsAny(s.User+s.Host+s.password+s.Socket, "\x00") || strings.ContainsAny(s.User+s.Host, "\r\n") {
			t.Errorf("%q: control characters in %+v", text, s)
		}
		again, err := ParseURL(s.String())
		if err != nil {
			t.Fatalf("%q: its own form %q: %v", text, s, err)
		}
		if again.Address() != s.Address() || again.Protocol != s.Protocol {
			t.Errorf("%q: got %+v, then %+v", text, s, again)
		}
	})
}
