package pop3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"posta/internal/dialer"
	"posta/internal/sasl"
	"posta/internal/transcript"
)

func config(addr string) Config {
	return Config{
		Dialer: dialer.Config{Address: addr, Timeout: 10 * time.Second},
		Auth:   &sasl.Credentials{Username: "u", Password: "p"},
	}
}

func dial(t testing.TB, cfg Config) *Client {
	t.Helper()
	c, err := Dial(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// letters are awkward ones.
func letters() []string {
	return []string{
		"Subject: 1\r\n\r\nhello\r\n",
		".\r\n..\r\n...\r\n.x\r\n\r\n",
		"\r\n",
		"a\rb\nc\n.\nd\r\r\n\n.\r\n",
		"bare\n.\r\nLF before a dot\r\n",
		strings.Repeat("0123456789abcdef", 20<<10) + "\r\n",
		strings.Repeat(".\r\n", 10000),
		strings.Repeat("x", 65535) + "\r\n.\r\n",
		strings.Repeat("x", 65534) + "\r\n.\r\n",
		"\x00\xff\x80 8bit\r\n",
	}
}

// receive fetches all, and joins "refused"s where letters were refused.
func receive(c *Client, list iter.Seq[Letter]) (got []string, err error) {
	for m, e := range c.Retrieve(context.Background(), list) {
		var refused *Error
		switch {
		case m == nil:
			return got, e
		case errors.As(e, &refused):
			got = append(got, "refused: "+refused.Text)
			continue
		}
		var b strings.Builder
		if len(got)%2 == 0 {
			_, e = m.WriteTo(&b)
		} else {
			_, e = io.Copy(&b, struct{ io.Reader }{m})
		}
		if e == nil {
			got = append(got, b.String())
		}
	}
	return got, err
}

func TestOctets(t *testing.T) {
	for _, p := range []Pipelining{Always, Never} {
		s := newServer(letters()...)
		cfg := config(s.start(t))
		cfg.Pipelining = p
		c := dial(t, cfg)
		box, err := c.Mailbox(nil)
		if err != nil || !box.HasUIDs() || box.Len() != len(s.letters) || box.Letter(3).UID != "uid-4" {
			t.Fatalf("%v, %v", box, err)
		}
		got, err := receive(c, box.Letters())
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range s.letters {
			// RFC 1939 §3: a letter whose lines are not ended by CRLF cannot come as it is.
			if got[i] != want {
				t.Errorf("%d: %.60q, want %.60q", i, got[i], want)
			}
		}
		three := slices.Collect(box.Letters())[:3]
		if err := c.Quit(context.Background(), slices.Values(three), func(l Letter, err *Error) { t.Error(l, err) }); err != nil {
			t.Error(err)
		}
		if _, deleted := s.heard(); deleted != 3 {
			t.Errorf("deleted %d", deleted)
		}
	}
}

// TestRefusedLetter: one of many that the server cannot give does not keep the others from coming (RFC 1939 §5).
func TestRefusedLetter(t *testing.T) {
	var many []string
	for i := range 100 {
		many = append(many, fmt.Sprintf("Subject: %d\r\n\r\nx\r\n", i))
	}
	for _, p := range []Pipelining{Always, Never} {
		s := newServer(many...)
		s.refuse = map[string]string{"RETR 50": "-ERR [SYS/TEMP] disk on fire\r\n", "DELE 3": "-ERR not now\r\n"}
		cfg := config(s.start(t))
		cfg.Pipelining, cfg.Window = p, 7
		c := dial(t, cfg)
		box, err := c.Mailbox(nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := receive(c, box.Letters())
		if err != nil || len(got) != 100 || got[49] != "refused: [SYS/TEMP] disk on fire" || got[99] != many[99] {
			t.Errorf("%v, %d letters", err, len(got))
		}
		refused := map[int]*Error{}
		err = c.Quit(context.Background(), box.Letters(), func(l Letter, err *Error) { refused[l.Number] = err })
		if _, deleted := s.heard(); err != nil || len(refused) != 1 || refused[3].Text != "not now" || deleted != 99 {
			t.Errorf("%v, %v, %d deleted", refused, err, deleted)
		}
	}
}

// TestTurns counts how often the client waits for an answer to what it has just said: greeting, CAPA, login, listing,
// letters, farewell with deletions.
func TestTurns(t *testing.T) {
	var many []string
	for i := range 500 {
		many = append(many, fmt.Sprintf("Subject: %d\r\n\r\nx\r\n", i))
	}
	s := newServer(many...)
	cfg := config(s.start(t))
	var log strings.Builder
	cfg.Dialer.Log = transcript.New(&log)
	c := dial(t, cfg)
	box, err := c.Mailbox(nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := receive(c, box.Letters()); err != nil || len(got) != 500 {
		t.Fatal(err, len(got))
	}
	if err := c.Quit(context.Background(), box.Letters(), nil); err != nil {
		t.Fatal(err)
	}
	turns, last := 0, ""
	for line := range strings.Lines(log.String()) {
		who := "-"
		if strings.Contains(line, " C: ") {
			who = "C"
		} else if strings.Contains(line, " S: ") {
			who = "S"
		}
		if who == "C" && last != "C" {
			turns++
		}
		if who != "-" {
			last = who
		}
	}
	// CAPA; USER and PASS; LIST and UIDL; RETR; DELE and QUIT.
	if turns != 5 {
		t.Errorf("%d turns, want 5", turns)
	}
}

func TestLogins(t *testing.T) {
	const stamp = "<1896.697170952@dbc.mtview.ca.us>"
	cases := []struct {
		name      string
		capa      []string
		stamp     string
		mechanism string
		password  string
		want      string // mechanism
		commands  string
		code      string
		err       error
	}{
		{name: "RFC 1939 §7 USER", capa: []string{"USER"}, password: "p", want: "USER", commands: "CAPA|USER u|PASS p"},
		{name: "no CAPA", password: "p", want: "USER", commands: "CAPA|USER u|PASS p"},
		{name: "pipelined", capa: []string{"USER", "PIPELINING", "UTF8"}, password: "p", want: "USER", commands: "CAPA|UTF8|USER u|PASS p"},
		{name: "RFC 1939 §7 APOP", capa: []string{"USER"}, stamp: stamp, mechanism: "apop", password: "p", want: "APOP"},
		{name: "APOP without stamp", capa: []string{"USER"}, mechanism: "APOP", password: "p", err: sasl.ErrNoMechanism},
		{name: "RFC 3206 §4 AUTH", capa: []string{"USER"}, password: "q", code: CodeAuth},
		{name: "line end in a password", capa: []string{"USER"}, password: "p\r\nDELE 1", err: sasl.ErrCredentials},
		{name: "forced, not offered", capa: []string{"USER"}, mechanism: "PLAIN", password: "p", err: sasl.ErrNoMechanism},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			s := newServer()
			s.capa, s.stamp = tc.capa, tc.stamp
			cfg := config(s.start(t))
			cfg.Auth.Password, cfg.Mechanism = tc.password, tc.mechanism
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
				return
			case tc.err != nil:
				if !errors.Is(err, tc.err) {
					t.Errorf("%v, want %v", err, tc.err)
				}
				return
			case err != nil:
				t.Fatal(err)
			}
			if err := c.Quit(context.Background(), nil, nil); err != nil {
				t.Error(err)
			}
			if c.Mechanism() != tc.want {
				t.Errorf("by %s, want %s", c.Mechanism(), tc.want)
			}
			commands, _ := s.heard()
			if got := strings.TrimSuffix(strings.Join(commands, "|"), "|QUIT"); tc.commands != "" && got != tc.commands {
				t.Errorf("%s, want %s", got, tc.commands)
			}
		})
	}
}

// TestStamp: RFC 1939 §7, and nothing that is no msg-id.
func TestStamp(t *testing.T) {
	for greeting, want := range map[string]string{
		"ready <1.2@host>": "<1.2@host>", "<a@b> more": "<a@b>", "no stamp": "", "<nothing>": "", "<a@>": "", "<@b>": "",
		"<a\x80@b>": "", "<a b@c>": "", "<a@b": "", "<a@b@c>": "",
	} {
		if got := findStamp(greeting); got != want {
			t.Errorf("%q: %q, want %q", greeting, got, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	for text, want := range map[string]string{
		"[IN-USE] locked": CodeInUse, "[login-delay] wait": CodeLoginDelay, "[SYS/TEMP] x": CodeSysTemp, "[SYS/PERM] x": CodeSysPerm,
		"[AUTH] no": CodeAuth, "no": "", "[]": "", "[two words] x": "", "x [AUTH]": "",
	} {
		e := refusal("RETR 1", text)
		if e.Code != want || !e.Refused() {
			t.Errorf("%q: %q", text, e.Code)
		}
		if temporary := want == CodeInUse || want == CodeLoginDelay || want == CodeSysTemp; e.Temporary() != temporary {
			t.Errorf("%q: temporary %v", text, e.Temporary())
		}
	}
}

func TestCommands(t *testing.T) {
	s := newServer(letters()...)
	s.capa = append(s.capa, "SASL PLAIN", "EXPIRE NEVER", "LOGIN-DELAY 60", "IMPLEMENTATION a b", "LANG", "UTF8 USER", "")
	cfg := config(s.start(t))
	cfg.Mechanism = MechanismUSER
	c := dial(t, cfg)
	k := c.Capabilities()
	if !k.TOP || !k.UTF8User || k.Expire != "NEVER" || k.LoginDelay != 60 || k.Implementation != "a b" || len(k.SASL) != 1 {
		t.Errorf("%+v", k)
	}
	n, size, err := c.Stat()
	if n != len(s.letters) || size != 4711 || err != nil {
		t.Error(n, size, err)
	}
	if last, err := c.Last(); last != 1 || err != nil {
		t.Error(last, err)
	}
	if list, err := c.Languages(); len(list) != 2 || list[1].Tag != "de" || err != nil {
		t.Error(list, err)
	}
	if _, err := c.SetLanguage("a\r\nDELE 1"); err == nil {
		t.Error("a line end in a language")
	}
	for _, do := range []func() error{c.Noop, c.Reset} {
		if err := do(); err != nil {
			t.Error(err)
		}
	}
	for m, err := range c.Top(context.Background(), slices.Values([]Letter{{Number: 1}}), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(m); string(b) != "Subject: 1\r\n\r\n" || err != nil {
			t.Errorf("%q, %v", b, err)
		}
	}
	if err := c.Quit(context.Background(), nil, nil); err != nil {
		t.Error(err)
	}
	if err := c.Noop(); !errors.Is(err, ErrOver) {
		t.Errorf("after QUIT: %v", err)
	}
}
