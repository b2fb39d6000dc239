package sandbox

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// TestControl asks for everything over the control socket, of either kind.
func TestControl(t *testing.T) {
	for _, tcp := range []bool{false, true} {
		sb := start(t, Options{})
		if tcp {
			if err := sb.serveControl(true); err != nil {
				t.Fatal(err)
			}
		}
		c := &Client{Addr: sb.ControlAddr()}
		ctx := context.Background()
		if err := c.Fail(ctx, Fault{Stage: "rcpt", Match: "bob@*", Reply: "451 4.7.1 greylisted", Times: 1, Delay: Duration(time.Millisecond)}); err != nil {
			t.Fatal(err)
		}
		var refused *AskError
		if err := c.Fail(ctx, Fault{Stage: "lunch"}); !errors.As(err, &refused) || !strings.Contains(err.Error(), "connect") {
			t.Errorf("a wrong stage: %v", err)
		}
		if err := sendMail(sb, "bob@x", "Subject: 1\r\n\r\n"); err == nil || !strings.Contains(err.Error(), "greylisted") {
			t.Errorf("fault: %v", err)
		}
		if list, err := c.Faults(ctx); err != nil || len(list) != 1 || list[0].Struck != 1 || list[0].Delay != Duration(time.Millisecond) {
			t.Errorf("faults %+v, %v", list, err)
		}
		mark, err := c.Mark(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Wait(ctx, Match{Since: mark}, 1, time.Millisecond); !errors.Is(err, ErrNothing) {
			t.Errorf("nothing came: %v", err)
		}
		go func() {
			if err := sendMail(sb, "bob@x", "Subject: 2\r\n\r\nhello\r\n"); err != nil {
				t.Error(err)
			}
		}()
		found, err := c.Wait(ctx, Match{To: "bob", Subject: "2", Body: "HELLO"}, 1, 20*time.Second)
		if err != nil || len(found) != 1 || found[0].ID != 1 || found[0].From != "ann@x" {
			t.Fatalf("wait: %+v, %v", found, err)
		}
		var out bytes.Buffer
		if m, err := c.Get(ctx, 0, Match{}, &out); err != nil || m.ID != 1 || out.String() != "Subject: 2\r\n\r\nhello\r\n" {
			t.Errorf("get: %+v, %q, %v", m, &out, err)
		}
		if _, err := c.Get(ctx, 2, Match{}, &out); !errors.Is(err, ErrNothing) {
			t.Errorf("no letter 2: %v", err)
		}
		if err := c.Reset(ctx); err != nil {
			t.Error(err)
		}
		if list, err := c.List(ctx, Match{}); err != nil || len(list) != 0 {
			t.Errorf("after a reset: %+v, %v", list, err)
		}
	}
}

// sendMail sends a letter from ann@x.
func sendMail(sb *Sandbox, to, letter string) error {
	c, err := smtp.Dial(sb.SMTPAddr())
	if err != nil {
		return err
	}
	defer c.Close()
	return c.SendMail("ann@x", []string{to}, strings.NewReader(letter))
}

// TestControlIsPrivate: the socket is for its user, the token for who has it, and a request has an end.
func TestControlIsPrivate(t *testing.T) {
	sb := start(t, Options{})
	if fi, err := os.Stat(sb.ControlAddr()); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", fi.Mode(), err)
	}
	if err := sb.serveControl(true); err != nil {
		t.Fatal(err)
	}
	c := &Client{Addr: sb.ControlAddr() + "x"}
	if _, err := c.Mark(context.Background()); err == nil || !strings.Contains(err.Error(), "token") {
		t.Errorf("wrong token: %v", err)
	}
	sb.Close()
	var gone *UnreachableError
	if _, err := c.Mark(context.Background()); !errors.As(err, &gone) {
		t.Errorf("closed: %v", err)
	}
}

// TestWaitEnds: a waiting client that is given up, or whose sandbox ends, returns.
func TestWaitEnds(t *testing.T) {
	sb := start(t, Options{})
	c := &Client{Addr: sb.ControlAddr()}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := c.Wait(ctx, Match{}, 1, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	time.AfterFunc(10*time.Millisecond, func() { sb.Close() })
	if _, err := c.Wait(context.Background(), Match{}, 1, time.Hour); err == nil {
		t.Error("no error after the sandbox's end")
	}
}

// TestLeavesNothing: Close removes the directory; letters in memory go with it.
func TestLeavesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	sb, err := Start(ctx, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := sendMail(sb, "bob@x", "\r\n"+strings.Repeat(strings.Repeat("x", 998)+"\r\n", inMemory/900)); err != nil {
		t.Fatal(err)
	}
	cancel()
	<-sb.Done()
	if err := sb.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(sb.dir); !os.IsNotExist(err) {
		t.Errorf("%s: %v", sb.dir, err)
	}
}
