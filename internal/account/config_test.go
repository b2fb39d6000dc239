package account

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"posta/internal/dialer"
)

// source is a Source with a folder of its own in place of /etc and of the user's, and these variables.
func source(t *testing.T, env map[string]string) Source {
	t.Helper()
	dir := t.TempDir()
	get := func(name string) string {
		if v, ok := env[name]; ok {
			return v
		}
		if name == "HOME" || name == "USERPROFILE" {
			return dir
		}
		return ""
	}
	return Source{Getenv: get, System: filepath.Join(dir, "etc.toml")}
}

func write(t *testing.T, path, text string, mode os.FileMode) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFilesInTheirOrder(t *testing.T) {
	last := write(t, filepath.Join(t.TempDir(), "last.toml"), "default = 'c'\n[account.c]\nsmtp = 'smtp://c'\n", 0o644)
	env := map[string]string{}
	s := source(t, env)
	write(t, s.System, "default = 'a'\nqueue = '/q'\n[account.a]\nsmtp = 'smtp://a'\nfrom = 'a@a'\n[account.b]\nsmtp = 'smtp://b'\n", 0o644)
	wantHost(t, s, "", "a")
	write(t, s.UserFile(), "default = 'b'\naliases = '/al'\n[account.a]\nsmtp = 'smtp://own'\n", 0o644)
	wantHost(t, s, "", "b")
	wantHost(t, s, "a", "own")
	a, err := s.Account("a")
	if err != nil || a.From != "" {
		t.Errorf("an account is replaced as a whole: got from %q, %v", a.From, err)
	}
	env["POSTA_CONFIG"] = last
	wantHost(t, s, "", "c")
	wantHost(t, s, "b", "b")
	env["POSTA_ACCOUNT"] = "a"
	wantHost(t, s, "", "own")
	env["POSTA_ACCOUNT"] = "smtp://url"
	wantHost(t, s, "", "url")
	c, err := s.Load()
	if err != nil || c.Queue != "/q" || c.Aliases != "/al" || strings.Join(c.Names(), " ") != "a b c" {
		t.Errorf("got %+v, %v", c, err)
	}
	write(t, last, "root = true\n[account.c]\nsmtp = 'smtp://c'\n", 0o644)
	if c, err = s.Load(); err != nil || c.Queue != "" || strings.Join(c.Names(), " ") != "c" {
		t.Errorf("root = true: got %+v, %v", c, err)
	}
}

func wantHost(t *testing.T, s Source, name, host string) {
	t.Helper()
	a, err := s.Account(name)
	if err != nil {
		t.Fatalf("account %q: %v", name, err)
	}
	if srv, err := a.Server(SMTP); err != nil || srv.Host != host {
		t.Errorf("account %q: got %v, %v, want host %s", name, srv, err, host)
	}
}

func TestURLReadsNoFile(t *testing.T) {
	s := source(t, map[string]string{"POSTA_CONFIG": "/nowhere/at/all"})
	write(t, s.UserFile(), "this is not TOML", 0o644)
	wantHost(t, s, "smtp://127.0.0.1:25", "127.0.0.1")
	if _, err := s.Account("work"); err == nil {
		t.Error("POSTA_CONFIG that is not there: no error")
	}
}

func TestNoHome(t *testing.T) {
	s := Source{Getenv: func(string) string { return "" }}
	if s.UserFile() != "" {
		t.Errorf("got %q", s.UserFile())
	}
	_, err := s.Account("")
	wantError(t, err, "/etc/posta/config.toml")
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	var want *Error
	if !errors.As(err, &want) {
		t.Errorf("got %v, want an *Error with %q", err, parts)
		return
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("%q is not in %q", p, err)
		}
	}
}

func TestConfigErrors(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"defualt = 'x'", []string{"config.toml", `unknown key "defualt"`, `nearest: "default"`}},
		{"[account.w]\npasword = 'x'", []string{`unknown key "account.w.pasword"`, `nearest: "password"`}},
		{"[account.w]\ntls = { sertname = 'x' }", []string{`unknown key "account.w.tls.sertname"`}},
		{"[account.w]\ntls.pni = 'x'", []string{`nearest: "pin"`}},
		{"[acount.w]\nsmtp = 'smtp://h'", []string{`nearest: "account"`}},
		{"[account.w]\npassword = { comand = ['x'] }", []string{"password", `unknown key "comand"`, `nearest: "command"`}},
		{"[account.w]\npassword = { file = 'x', env = 'y' }", []string{"one key"}},
		{"[account.w]\npassword = { command = 'pass mail' }", []string{"command", "wrong kind"}},
		{"[account.w]\ndkim = { domain = 'd', selector = 's', kee = 'k' }", []string{"account.w.dkim", `unknown key "kee"`, `nearest: "key"`}},
		{"[account.w]\ndkim = { domain = 'd', key = 'k' }", []string{"account.w.dkim", "selector"}},
		{"[account.w]\ndkim = [{ domain = 'd', selector = 's', key = 3 }]", []string{"account.w.dkim", "key = \"FILE\""}},
		{"[account.w]\ndkim = ['x']", []string{"account.w.dkim"}},
		{"[account.w]\ndkim = []", []string{"account.w.dkim"}},
		{"[account.w]\ndkim = 'x'", []string{"account.w.dkim"}},
		{"[account.w]\npassword = 3", []string{"password", "text in quotes"}},
		{"[account.w]\nsmtp = 3", []string{"config.toml"}},
		{"[account.w", []string{"config.toml:1"}},
		{"[account.w]\nsmtp = 'imap://h'", []string{"account.w", "smtp", "imap"}},
		{"[account.w]\nsmtp = 'mail.example.org'", []string{"account.w", "smtp", "scheme"}},
		{"[account.w]\nimap = 'imap://h'", []string{"account.w", "smtp is missing"}},
		{"[account.w]\nsmtp = 'smtp://h'\nsource = 'eth0'", []string{"source", "eth0"}},
		{"[account.w]\nsmtp = 'smtp://h'\nproxy = 'http://h:1'", []string{"proxy", "socks5"}},
		{"[account.w]\nsmtp = 'smtp://h'\nhello = \"a\\r\\nb\"", []string{"one line"}},
		{"[account.v]\nsmtp = 'smtp://h'\n[account.u]", []string{"no account was named", "u, v"}},
		{"[account.v]\nsmtp = 'smtp://h'\n[account.u]\n[account.w2]", []string{"no account was named"}},
		{"default = 'wrok'\n[account.work]", []string{`no account "wrok"`, `nearest: "work"`}},
	} {
		s := source(t, nil)
		write(t, s.UserFile(), c.text, 0o600)
		a, err := s.Account("")
		if err == nil {
			_, err = a.Server(SMTP)
		}
		t.Run(c.text, func(t *testing.T) { wantError(t, err, c.want...) })
	}
}

func TestErrorsShowNoSecret(t *testing.T) {
	for _, text := range []string{
		"password = hunter2", "password = 12.34.hunter2", "password = \"hunter2", "password = { file = hunter2 }",
		"password = { hunter2 = 'x' , y = 1 }", "smtp = 'smtp://u:hunter2@h:x'", "password = 'hunter2'\npassword = 'hunter2'",
		"password = 'hunter2' x", "token = 'hunter2'\nmechanism = 1hunter2", "password = ['hunter2']", "password = 'a\\nhunter2\"",
		"proxy = 'socks5://u:hunter2@h'", "password = \"\"\"\nhunter2\"",
	} {
		s := source(t, nil)
		write(t, s.UserFile(), "[account.w]\nsmtp = 'smtp://h'\n"+text+"\n", 0o600)
		_, err := s.Account("")
		if err == nil {
			t.Errorf("%s: no error", text)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error shows it: %v", text, err)
		}
	}
}

func TestWithoutConfigurationSaysWhatToWrite(t *testing.T) {
	s := source(t, nil)
	_, err := s.Account("")
	wantError(t, err, s.UserFile(), "[account.work]", "smtp = ", "-a smtp://")
}

func TestSecretsArePrivate(t *testing.T) {
	for _, c := range []struct {
		text string
		mode os.FileMode
		ok   bool
	}{
		{"smtp = 'smtp://h'\npassword = 'x'", 0o644, false},
		{"smtp = 'smtp://h'\npassword = 'x'", 0o604, false},
		{"smtp = 'smtp://h'\npassword = 'x'", 0o640, true}, // a file of root's for a group
		{"smtp = 'smtp://h'\npassword = 'x'", 0o600, true},
		{"smtp = 'smtp://u:x@h'", 0o644, false},
		{"smtp = 'smtp://h'\ntoken = 'x'", 0o644, false},
		{"smtp = 'smtp://u@h'\npassword = { env = 'x' }", 0o644, true},
	} {
		s := source(t, nil)
		write(t, s.UserFile(), "[account.w]\n"+c.text, c.mode)
		if _, err := s.Account(""); (err == nil) != c.ok {
			t.Errorf("%q, mode %o: got %v", c.text, c.mode, err)
		}
	}
}

func TestSecurity(t *testing.T) {
	for _, c := range []struct {
		url        string
		tls        TLS
		want       dialer.Security
		allowPlain bool
	}{
		{"smtp://mail.example.org", TLS{}, dialer.StartTLS, false},
		{"smtp://mail.example.org", TLS{Mode: "none"}, dialer.Plain, true},
		{"smtp://mail.example.org?tls=none", TLS{}, dialer.Plain, true},
		{"smtp://mail.example.org", TLS{Mode: "implicit"}, dialer.TLS, false},
		{"smtps://mail.example.org", TLS{}, dialer.TLS, false},
		{"imap://mail.example.org", TLS{}, dialer.StartTLS, false},
		{"pop3s://mail.example.org", TLS{}, dialer.TLS, false},
		{"smtp://127.0.0.1", TLS{}, dialer.Plain, false},
		{"smtp://localhost", TLS{}, dialer.Plain, false},
		{"smtp://localhost", TLS{Mode: "starttls"}, dialer.StartTLS, false},
		{"smtp://localhost?tls=starttls", TLS{}, dialer.StartTLS, false},
		{"smtp://localhost", TLS{ServerName: "mail.example.org"}, dialer.StartTLS, false},
		{"smtps://localhost", TLS{}, dialer.TLS, false},
		{"lmtp+unix:///run/x", TLS{}, dialer.Plain, false},
		{"lmtp://mail.example.org", TLS{}, dialer.StartTLS, false},
	} {
		s, err := ParseURL(c.url)
		if err != nil {
			t.Fatal(err)
		}
		a := &Account{TLS: c.tls}
		cfg, err := a.Dialer(s)
		if err != nil || cfg.Security != c.want || cfg.AllowPlain != c.allowPlain || cfg.Address != s.Address() {
			t.Errorf("%s %+v: got %+v, %v", c.url, c.tls, cfg, err)
		}
	}
	s, _ := ParseURL("smtps://h")
	if _, err := (&Account{TLS: TLS{Mode: "none"}}).Dialer(s); err == nil {
		t.Error("smtps with mode none: no error")
	}
}

func TestCertificateFiles(t *testing.T) {
	s, _ := ParseURL("smtps://h")
	empty := write(t, filepath.Join(t.TempDir(), "empty.pem"), "nothing\n", 0o644)
	for _, tls := range []TLS{{CA: "/nowhere"}, {CA: empty}, {Pin: "12"}, {Cert: "x"}, {Key: "x"}, {Cert: empty, Key: empty}} {
		if _, err := (&Account{TLS: tls}).Dialer(s); err == nil {
			t.Errorf("%+v: no error", tls)
		}
	}
}

func TestParsePin(t *testing.T) {
	hex := strings.Repeat("ab", 32)
	for _, s := range []string{
		hex, strings.ToUpper(hex), "sha256:" + hex, "SHA256=" + strings.TrimSuffix(strings.Repeat("AB:", 32), ":"),
		"sha256/q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=",
	} {
		if got, err := ParsePin(s); err != nil || got[0] != 0xab || len(got) != 32 {
			t.Errorf("%s: got %x, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "ab", hex + "ab", "sha1:" + hex[:40]} {
		if _, err := ParsePin(s); err == nil {
			t.Errorf("%q: no error", s)
		}
	}
}

func FuzzConfig(f *testing.F) {
	for _, s := range []string{
		"default = 'w'\n[account.w]\nsmtp = 'smtp://u@h:25'\npassword = { command = ['pass', 'x'] }\ntls = { ca = 'x', mode = 'none' }\n",
		"root = true\nqueue = '/q'\n[account.'a b']\nimap = 'imaps://h'\ntoken = { env = 'X' }\n", "[account.w]\npassword = { netrc = true }\n[account]\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		out, err := parse(text, "config.toml")
		if err != nil {
			return
		}
		c := &Config{source: Source{Getenv: func(string) string { return "" }}}
		c.addBelow("config.toml", out)
		for _, name := range c.Names() {
			if a, err := c.Account(name); err == nil && a.Name != name && name != "" && !IsURL(name) {
				t.Errorf("account %q is called %q", name, a.Name)
			}
		}
	})
}

// TestOptional: a command that needs no server takes the account that is named, or the default, or none.
// TestCompress: an account says whether IMAP4 is compressed.
func TestCompress(t *testing.T) {
	s := source(t, nil)
	for config, want := range map[string]bool{"": false, "compress = true": true, "compress = false": false} {
		write(t, s.UserFile(), "[account.a]\nimap = 'imaps://u@h'\n"+config, 0o600)
		if a, err := s.Optional("a"); err != nil || a.Compress != want {
			t.Errorf("%s: %v, %v", config, a, err)
		}
	}
}

func TestOptional(t *testing.T) {
	env := map[string]string{"POSTA_FROM": "me@here"}
	s := source(t, env)
	for _, c := range []struct{ config, name, want string }{
		{"", "", ""},
		{"[account.a]\nhello = 'ha'", "", "ha"},
		{"[account.a]\nhello = 'ha'\n[account.b]\nhello = 'hb'", "", ""},
		{"[account.a]\nhello = 'ha'\n[account.b]\nhello = 'hb'", "b", "hb"},
		{"default = 'a'\n[account.a]\nhello = 'ha'\n[account.b]\nhello = 'hb'", "", "ha"},
	} {
		write(t, s.UserFile(), c.config, 0o600)
		a, err := s.Optional(c.name)
		if err != nil || a.Hello != c.want || a.From != "me@here" {
			t.Errorf("%s, %q: %+v, %v", c.config, c.name, a, err)
		}
	}
	env["POSTA_ACCOUNT"] = "c"
	_, err := s.Optional("")
	wantError(t, err, `no account "c"`)
	write(t, s.UserFile(), "[account.a]\nhelo = 'x'", 0o600)
	_, err = s.Optional("a")
	wantError(t, err, "hello")
}
