package pop3

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"posta/internal/dialer"
	"posta/internal/sasl"
)

// session fetches all and deletes it. It gives the letters that came whole.
func session(cfg Config) (got []string, err error) {
	c, err := Dial(context.Background(), cfg)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	box, err := c.Mailbox(nil)
	if err != nil {
		return nil, err
	}
	defer box.Close()
	if got, err = receive(c, box.Letters()); err != nil {
		return got, err
	}
	return got, c.Quit(context.Background(), box.Letters(), nil)
}

// TestCutEverywhere ends the connection after every octet of a session: no letter in part, no success.
func TestCutEverywhere(t *testing.T) {
	all := []string{"Subject: 1\r\n\r\n.dots\r\n..\r\n", "\r\n", "Subject: 3\r\n\r\nend\r\n"}
	for _, p := range []Pipelining{Always, Never} {
		for cut := 0; ; cut++ {
			s := newServer(all...)
			s.cut = cut
			cfg := config(s.start(t))
			cfg.Pipelining = p
			got, err := session(cfg)
			if err == nil {
				if cut < 200 || len(got) != 3 {
					t.Fatalf("success after %d octets", cut)
				}
				break
			}
			var conn *dialer.Error
			if !errors.Is(err, ErrCut) && !errors.As(err, &conn) {
				t.Errorf("%d: %v", cut, err)
			}
			for i := range got {
				if got[i] != all[i] {
					t.Errorf("%d: letter %d is %q", cut, i+1, got[i])
				}
			}
		}
	}
}

// TestStallEverywhere: a server that says no more is left within the time limit, one that drips too.
func TestStallEverywhere(t *testing.T) {
	for _, cut := range []int{0, 5, 60, 110, 140, 190, 230} {
		for _, drip := range []time.Duration{0, 50 * time.Millisecond} {
			s := newServer("Subject: 1\r\n\r\n"+strings.Repeat("x", 20)+"\r\n", strings.Repeat("y", 2000)+"\r\n")
			s.cut, s.stall, s.drip = cut, true, drip
			cfg := config(s.start(t))
			cfg.Dialer.Timeout = 200 * time.Millisecond
			_, err := session(cfg)
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("after %d octets, drip %v: %v", cut, drip, err)
			}
		}
	}
}

// TestGarbage: what is no POP3 is ErrProtocol, whatever it is.
func TestGarbage(t *testing.T) {
	for command, said := range map[string]string{
		"CAPA":   "220 this is SMTP\r\n",
		"USER u": "* OK this is IMAP\r\n",
		"LIST":   "+OK\r\nx y\r\n.\r\n",
		"UIDL":   "+OK\r\n-1 x\r\n.\r\n",
		"RETR 1": "\x00\x01\x02\r\n",
		"QUIT":   "bye\r\n",
	} {
		s := newServer("x\r\n")
		s.refuse = map[string]string{command: said}
		_, err := session(config(s.start(t)))
		if !errors.Is(err, ErrProtocol) {
			t.Errorf("%s: %v", command, err)
		}
	}
	for command, said := range map[string]string{
		"CAPA":   "+OK\r\n" + strings.Repeat("X\r\n", 2000) + ".\r\n",
		"LIST":   "+OK\r\n1 " + strings.Repeat("0", 1<<20) + "\r\n.\r\n",
		"USER u": strings.Repeat("x", 1<<20) + "\r\n",
		"UIDL":   "+OK\r\n1 " + strings.Repeat("u", 300) + "\r\n.\r\n",
	} {
		s := newServer("x\r\n")
		s.refuse = map[string]string{command: said}
		_, err := session(config(s.start(t)))
		if !errors.Is(err, ErrProtocol) {
			t.Errorf("endless %s: %v", command, err)
		}
	}
}

// TestAnnouncedSizeIsNotKept: sizes are for show.
func TestAnnouncedSizeIsNotKept(t *testing.T) {
	for _, size := range []int{0, 1, 1 << 62} {
		s := newServer(letters()...)
		s.size = func(int) int { return size }
		got, err := session(config(s.start(t)))
		if err != nil || len(got) != len(s.letters) || got[5] != s.letters[5] {
			t.Errorf("size %d: %v, %d letters", size, err, len(got))
		}
	}
}

// TestInterrupted: the end of the context ends a wait at once.
func TestInterrupted(t *testing.T) {
	s := newServer("x\r\n")
	s.cut, s.stall = 60, true
	ctx, cancel := context.WithCancel(context.Background())
	cfg := config(s.start(t))
	time.AfterFunc(50*time.Millisecond, cancel)
	c, err := Dial(ctx, cfg)
	if err == nil {
		defer c.Close()
		stop := c.Watch(ctx)
		_, err = c.Mailbox(nil)
		stop()
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestPlainTextIsRefused(t *testing.T) {
	s := newServer()
	cfg := config(s.start(t))
	cfg.Dialer.Security = dialer.StartTLS
	_, err := Dial(context.Background(), cfg)
	var conn *dialer.Error
	if !errors.As(err, &conn) || conn.Kind != dialer.TLSRefused {
		t.Errorf("%v", err)
	}
	commands, _ := s.heard()
	for _, line := range commands {
		if line != "CAPA" {
			t.Errorf("said %q", line)
		}
	}
}

// TestWriteFails: of many commands that go out together and cannot, the error names the first.
func TestWriteFails(t *testing.T) {
	s := newServer("a\r\n", "b\r\n", "c\r\n")
	c := dial(t, Config{Dialer: dialer.Config{Address: s.start(t)}, Auth: &sasl.Credentials{Username: "u", Password: "p"}})
	c.conn.Close()
	letters := slices.Values([]Letter{{Number: 1}, {Number: 2}, {Number: 3}})
	for _, err := range c.Retrieve(t.Context(), letters) {
		var e *Error
		if !errors.As(err, &e) || e.Command != "RETR 1" {
			t.Errorf("%v", err)
		}
		break
	}
}
