package sandbox

import (
	"bufio"
	"crypto/md5"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

// popDial connects and reads the greeting; it returns its stamp.
func popDial(t *testing.T, sb *Sandbox) (c *rawClient, stamp string) {
	t.Helper()
	c = dialRaw(t, sb.Addr("pop3"))
	greeting := c.want("+OK ready <")
	return c, regexp.MustCompile(`<.*>`).FindString(greeting)
}

// popLogin is a session of a user.
func popLogin(t *testing.T, sb *Sandbox, user string) *rawClient {
	t.Helper()
	c, _ := popDial(t, sb)
	c.say("USER "+user, "+OK")
	c.say("PASS x", "+OK")
	return c
}

// TestPOP3 fetches and deletes: who sees what, and what is left then.
func TestPOP3(t *testing.T) {
	sb := start(t, Options{})
	for i, to := range []string{"bob@example.org", "eve@example.org", "Bob@Example.Org", "bob@example.net"} {
		if err := sendMail(sb, to, fmt.Sprintf("Subject: %d\r\n\r\n.one\r\ntwo\r\n", i)); err != nil {
			t.Fatal(err)
		}
	}
	for user, want := range map[string]string{
		"bob@example.org": "+OK 2 ", "EVE@example.org": "+OK 1 ", "bob": "+OK 3 ", "all": "+OK 4 ", "nobody": "+OK 0 0",
	} {
		p := popLogin(t, sb, user)
		p.say("STAT", want)
		p.say("QUIT", "+OK")
	}
	c, _ := popDial(t, sb)
	if capa := c.say("CAPA", "."); !strings.Contains(capa, "\r\nPIPELINING\r\n") || !strings.Contains(capa, "\r\nSTLS\r\n") {
		t.Errorf("CAPA %q", capa)
	}
	c.say("STAT", "-ERR")
	c.write("USER bob@example.org\r\nPASS x\r\nLIST\r\nLIST 2\r\nLIST 3\r\nUIDL\r\n") // RFC 2449 §6.6
	for _, want := range []string{"+OK", "+OK", "+OK", "1 25", "2 25", ".", "+OK 2 25", "-ERR", "+OK"} {
		c.want(want)
	}
	ids := c.until(".")
	if retr := c.say("RETR 1", ".\r\n"); retr != "+OK 25 octets\r\nSubject: 0\r\n\r\n..one\r\ntwo\r\n.\r\n" {
		t.Errorf("RETR %q", retr)
	}
	if top := c.say("TOP 2 0", ".\r\n"); top != "+OK 25 octets\r\nSubject: 2\r\n\r\n.\r\n" {
		t.Errorf("TOP %q", top)
	}
	c.say("TOP 2 x", "-ERR")
	c.say("DELE 1", "+OK")
	c.say("RETR 1", "-ERR")
	c.say("RSET", "+OK")
	c.say("DELE 2", "+OK")
	c.say("STAT", "+OK 1 25")

	// Another session is kept out as long (RFC 1939 §4, RFC 3206).
	c2, _ := popDial(t, sb)
	c2.say("USER bob@example.org", "+OK")
	c2.say("PASS x", "-ERR [IN-USE]")
	c.say("QUIT", "+OK")
	c.end()
	c2.say("PASS x", "+OK")
	if left := c2.say("UIDL", ".\r\n"); !strings.HasPrefix(ids, strings.TrimSuffix(strings.TrimPrefix(left, "+OK\r\n"), ".\r\n")) {
		t.Errorf("UIDL before %q, then %q", ids, left)
	}
	// A connection that ends without QUIT deletes nothing (RFC 1939 §6).
	c2.say("DELE 1", "+OK")
	c2.hangUp()
	popLogin(t, sb, "bob@example.org").say("STAT", "+OK 1 ")
	popLogin(t, sb, "all").say("STAT", "+OK 4 ")
	if found := wait(t, sb, Match{}, 4); len(found) != 4 {
		t.Errorf("%d letters are left in the store", len(found))
	}
}

// TestPOP3Octets: what is fetched is what was caught, its last line end supplied.
func TestPOP3Octets(t *testing.T) {
	for _, letter := range []string{"", ".", ".\r\n", "a\nb\n.\nc", "\x00\xff.\r\n..\r\n", strings.Repeat("x", 200_000), "a\r\r\n.b"} {
		sb := start(t, Options{})
		c := dialRaw(t, sb.SMTPAddr())
		c.write("EHLO me\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\n" + fmt.Sprintf("BDAT %d LAST\r\n%sQUIT\r\n", len(letter), letter))
		c.until("221")
		p := popLogin(t, sb, "b@x")
		p.write("RETR 1\r\nQUIT\r\n")
		p.want("+OK")
		got := strings.TrimSuffix(p.end(), ".\r\n+OK bye\r\n")
		got = strings.ReplaceAll("\r\n"+got, "\r\n..", "\r\n.")[2:]
		want := letter
		if want != "" && !strings.HasSuffix(want, "\r\n") {
			want += "\r\n"
		}
		if got != want {
			t.Errorf("%.40q: %.40q", letter, got)
		}
	}
}

// TestPOP3Login logs in by every way.
func TestPOP3Login(t *testing.T) {
	users := map[string]string{"ann": "secret"}
	for _, tc := range []struct {
		users  map[string]string
		lines  string
		want   []string
		secure bool
	}{
		{nil, "USER any\r\nPASS any\r\n", []string{"+OK", "+OK"}, false},
		{nil, "PASS any\r\n", []string{"-ERR"}, false},
		{users, "USER ann\r\nPASS secret\r\n", []string{"+OK", "+OK"}, false},
		{users, "USER ann\r\nPASS wrong\r\n", []string{"+OK", "-ERR [AUTH]"}, true},
		{users, "AUTH PLAIN AGFubgBzZWNyZXQ=\r\n", []string{"+OK"}, true},
		{users, "AUTH PLAIN AGFubgB3cm9uZw==\r\n", []string{"-ERR [AUTH]"}, false},
		{users, "AUTH LOGIN\r\nYW5u\r\nc2VjcmV0\r\n", []string{"+ VXNlcm5hbWU6", "+ UGFzc3dvcmQ6", "+OK"}, false},
		{users, "AUTH LOGIN\r\n*\r\nNOOP\r\n", []string{"+ ", "-ERR cancelled", "+OK"}, false},
		{users, "AUTH PLAIN !\r\nAUTH PLAIN AA==\r\nAUTH NTLM\r\n", []string{"-ERR", "-ERR [AUTH]", "-ERR"}, false},
	} {
		sb := start(t, Options{Users: tc.users})
		c, _ := popDial(t, sb)
		if tc.secure {
			c.say("STLS", "+OK")
			conn := tls.Client(c.nc, clientTLS(t, sb))
			c = &rawClient{t, conn, bufio.NewReader(conn)}
			c.say("STLS", "-ERR")
		}
		c.write(tc.lines)
		for _, want := range tc.want {
			c.want(want)
		}
	}
	sb := start(t, Options{Users: users})
	for password, want := range map[string]string{"secret": "+OK", "wrong": "-ERR [AUTH]"} {
		c, stamp := popDial(t, sb)
		sum := md5.Sum([]byte(stamp + password))
		c.say("APOP ann "+hex.EncodeToString(sum[:]), want)
		c.say("QUIT", "+OK")
		c.end()
	}
	conn, err := tls.Dial("tcp", sb.Addr("pop3s"), clientTLS(t, sb))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	(&rawClient{t, conn, bufio.NewReader(conn)}).want("+OK ready <")
}

// TestPOP3Faults: as scripted.
func TestPOP3Faults(t *testing.T) {
	login := "USER b@x\r\nPASS x\r\n"
	for _, tc := range []struct {
		name  string
		fault Fault
		write string
		want  string // all that comes
		left  string
	}{
		{"greeting", Fault{Stage: "connect", Reply: "-ERR [SYS/TEMP] later"}, "", "-ERR [SYS/TEMP] later\r\n", "+OK 2 "},
		{"login", Fault{Stage: "login", Match: "b@x", Reply: "-ERR [LOGIN-DELAY] slow down", Times: 1}, login + "QUIT\r\n", "+OK\r\n-ERR [LOGIN-DELAY] slow down\r\n+OK bye\r\n", "+OK 2 "},
		{"one letter of several", Fault{Stage: "retr", Match: "1", Reply: "-ERR [SYS/PERM] unreadable"}, login + "RETR 1\r\nRETR 2\r\nQUIT\r\n", "+OK\r\n+OK logged in\r\n-ERR [SYS/PERM] unreadable\r\n+OK 2 octets\r\n\r\n.\r\n+OK bye\r\n", "+OK 2 "},
		{"cut in a letter", Fault{Stage: "retr", CutAfter: 9, Times: 1}, login + "RETR 1\r\n", "+OK\r\n+OK logged in\r\n+OK 2 oct", "+OK 2 "},
		{"drop at QUIT", Fault{Stage: "quit", Drop: true, Times: 1}, login + "DELE 1\r\nQUIT\r\n", "+OK\r\n+OK logged in\r\n+OK\r\n", "+OK 2 "},
		{"drip", Fault{Stage: "stat", Drip: Duration(time.Microsecond), Times: 1}, login + "STAT\r\nQUIT\r\n", "+OK\r\n+OK logged in\r\n+OK 2 4\r\n+OK bye\r\n", "+OK 2 "},
		{"no TLS", Fault{Stage: "stls", Reply: "-ERR no"}, "STLS\r\nQUIT\r\n", "-ERR no\r\n+OK bye\r\n", "+OK 2 "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sb := start(t, Options{})
			for range 2 {
				if err := sendMail(sb, "b@x", "\r\n"); err != nil {
					t.Fatal(err)
				}
			}
			tc.fault.Protocol = "pop3"
			if err := sb.Fail(tc.fault); err != nil {
				t.Fatal(err)
			}
			c := dialRaw(t, sb.Addr("pop3"))
			if tc.fault.Stage != "connect" {
				c.want("+OK ready <")
			}
			c.write(tc.write)
			if got := c.end(); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
			sb.ClearFaults()
			popLogin(t, sb, "b@x").say("STAT", tc.left)
		})
	}
	sb := start(t, Options{})
	if err := sb.Fail(Fault{Protocol: "pop3", Stage: "capa", Without: []string{"UIDL", "SASL"}}); err != nil {
		t.Fatal(err)
	}
	c, _ := popDial(t, sb)
	if capa := c.say("CAPA", "."); strings.Contains(capa, "UIDL") || strings.Contains(capa, "SASL") || !strings.Contains(capa, "TOP") {
		t.Errorf("CAPA %q", capa)
	}
}
