package imap

import (
	"context"
	"errors"
	"strings"
	"testing"

	goimap "github.com/emersion/go-imap/v2"
)

// TestAppend are the ways to send a literal (RFC 7888), and what is not sent.
func TestAppend(t *testing.T) {
	hello := func() Letter {
		return Letter{Size: 5, Body: strings.NewReader("hello"), Flags: []goimap.Flag{goimap.FlagSeen}}
	}
	for name, d := range map[string]dialogue{
		"synchronizing": with("", "C: p2 APPEND \"INBOX\" (\\Seen) {5}\nS: + go on\nC: hello\nS: p2 OK [APPENDUID 3 9] done\n"),
		"LITERAL+":      with("LITERAL+ UIDPLUS", "C: p2 APPEND \"INBOX\" (\\Seen) {5+}\nC: hello\nS: p2 OK [APPENDUID 3 9] done\n"),
		"LITERAL-":      with("LITERAL-", "C: p2 APPEND \"INBOX\" (\\Seen) {5+}\nC: hello\nS: * 3 EXISTS\nS: p2 OK [APPENDUID 3 9] done\n"),
	} {
		t.Run(name, func(t *testing.T) {
			play(t, d, func(c *Client) {
				if a, err := c.Append("INBOX", hello()).Wait(); err != nil || a.UIDs.String() != "9" || a.UIDValidity != 3 {
					t.Errorf("%v %v", a, err)
				}
			})
		})
	}
	t.Run("refused before it is sent", func(t *testing.T) {
		play(t, with("", "C: p2 APPEND \"INBOX\" (\\Seen) {5}\nS: p2 NO [OVERQUOTA] full\nC: p3 NOOP\nS: p3 OK\n"), func(c *Client) {
			var e *Error
			if _, err := c.Append("INBOX", hello()).Wait(); !errors.As(err, &e) || e.Code != "OVERQUOTA" {
				t.Error(err)
			}
			must(t, c.Noop())
		})
	})
	for name, x := range map[string]struct {
		d dialogue
		l Letter
	}{
		"literal8":            {with("BINARY", "C: p2 APPEND \"INBOX\" ~{3}\nS: + \nC: a\x00b\nS: p2 OK\n"), Letter{Binary: true}},
		"literal8, LITERAL+":  {with("BINARY LITERAL+", "C: p2 APPEND \"INBOX\" ~{3+}\nC: a\x00b\nS: p2 OK\n"), Letter{Binary: true}},
		"UTF8":                {with("ENABLE UTF8=ACCEPT LITERAL+", "C: p2 ENABLE UTF8=ACCEPT\nS: * ENABLED UTF8=ACCEPT\nS: p2 OK\nC: p3 APPEND \"INBOX\" UTF8 (~{3+}\nC: a\x00b)\nS: p3 OK\n"), Letter{UTF8: true}},
		"UTF8, synchronizing": {with("ENABLE UTF8=ACCEPT", "C: p2 ENABLE UTF8=ACCEPT\nS: * ENABLED UTF8=ACCEPT\nS: p2 OK\nC: p3 APPEND \"INBOX\" UTF8 (~{3}\nS: + \nC: a\x00b)\nS: p3 OK\n"), Letter{UTF8: true}},
		"UTF8 in IMAP4rev2":   {with("ENABLE IMAP4rev2", "C: p2 ENABLE IMAP4rev2\nS: * ENABLED IMAP4rev2\nS: p2 OK\nC: p3 APPEND \"INBOX\" {3+}\nC: a\x00b\nS: p3 OK\n"), Letter{UTF8: true}},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, x.d, func(c *Client) {
				if x.l.UTF8 {
					c.Enable(goimap.CapUTF8Accept, goimap.CapIMAP4rev2)
				}
				x.l.Size, x.l.Body = 3, strings.NewReader("a\x00b")
				must(t, c.Append("INBOX", x.l))
			})
		})
	}
	t.Run("not offered", func(t *testing.T) {
		play(t, with("UTF8=ACCEPT", ""), func(c *Client) {
			for _, l := range []Letter{{Binary: true}, {UTF8: true}} {
				if _, err := c.Append("INBOX", l).Wait(); !errors.Is(err, ErrUnsupported) {
					t.Error(err)
				}
			}
		})
	})
	t.Run("several", func(t *testing.T) {
		play(t, with("MULTIAPPEND", "C: p2 APPEND \"INBOX\" (\\Seen) {5}\nS: + \nC: hello (\\Seen) {5}\nS: + \nC: hello\nS: p2 OK\n"), func(c *Client) {
			must(t, c.Append("INBOX", hello(), hello()))
		})
	})
	for name, l := range map[string]Letter{"short": {Size: 9, Body: strings.NewReader("hello")}, "long": {Size: 3, Body: strings.NewReader("hello")}} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, with("LITERAL+", "C: p2 APPEND \"INBOX\" {9+}\nC: hello\n"), 1<<20)
			c, err := Dial(context.Background(), s.config())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Append("INBOX", l).Wait(); err == nil || !c.Broken() {
				t.Errorf("it is appended: %v", err)
			}
			c.Close()
			<-s.done
		})
	}
	t.Run("too big", func(t *testing.T) {
		play(t, with("APPENDLIMIT=4", ""), func(c *Client) {
			var e *Error
			if _, err := c.Append("INBOX", hello()).Wait(); !errors.As(err, &e) || e.Code != "TOOBIG" || e.Temporary() {
				t.Error(err)
			}
		})
	})
}
