package sendmail

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// TestEarlyReply: a server that refuses a long letter before it has seen its end.
func TestEarlyReply(t *testing.T) {
	l, _ := inFile(t, "A: b\n\n"+strings.Repeat("0123456789\n", 3<<20))
	s := (&server{on: func(line string) string {
		if strings.HasPrefix(line, "BDAT") {
			return "552 5.3.4 too big"
		}
		return ""
	}}).start(t)
	// Its own reading of BDAT waits for the chunk, so that the reply comes late; DATA's is early.
	c := s.client(t, nil)
	_, err := c.Send(context.Background(), &Envelope{To: To("b@x")}, l)
	var e *Error
	if !errors.As(err, &e) || e.Code != 552 || e.Stage != StageBDAT || e.InDoubt {
		t.Error(err)
	}
	s = (&server{ext: without("CHUNKING"), on: func(line string) string {
		if line == "DATA" {
			return "354 go\n552 5.3.4 too big"
		}
		return ""
	}}).start(t)
	c = s.client(t, nil)
	_, err = c.Send(context.Background(), &Envelope{To: To("b@x")}, l)
	if !errors.As(err, &e) || e.Code != 552 || e.Stage != StageDataEnd || e.InDoubt || !c.Broken() {
		t.Error(err)
	}
}

// TestUnaskedReply: one reply too many would be taken for the next letter's.
func TestUnaskedReply(t *testing.T) {
	for reply, kind := range map[string]error{"250 ok\n250 again": ErrProtocol, "250 ok\n421 4.4.2 bye": ErrUnsent} {
		s := (&server{on: func(line string) string {
			if line == "NOOP" {
				return reply
			}
			return ""
		}, onData: func(*caught) string { return reply }}).start(t)
		c := s.client(t, nil)
		if res, err := c.Send(context.Background(), &Envelope{To: To("b@x")}, letter(t, "A: b\n")); err != nil || res.Status != Accepted {
			t.Error(err)
		}
		if !c.Broken() {
			t.Errorf("%q: the connection is used on", reply)
		}
		c = s.client(t, nil)
		c.Noop(context.Background())
		if err := c.Noop(context.Background()); err == nil {
			t.Errorf("%q: the connection is used on", reply)
		}
		if res, err := c.Send(context.Background(), &Envelope{To: To("b@x")}, letter(t, "A: b\n")); err == nil || res != nil && res.Status == Accepted {
			t.Errorf("%v: sent on: %v", kind, err)
		}
	}
}

// TestIdleConnection: a connection that the server closed in a long silence leaves no letter in doubt.
func TestIdleConnection(t *testing.T) {
	for _, ext := range [][]string{everything, without("CHUNKING")} {
		s := (&server{ext: ext, on: func(line string) string {
			if line == "RSET" {
				return "-"
			}
			return ""
		}}).start(t)
		c := s.client(t, nil)
		c.heard = c.heard.Add(-time.Minute)
		res, err := c.Send(context.Background(), &Envelope{To: To("b@x")}, letter(t, "A: b\n"))
		if res.Status != Unsent || !errors.Is(err, ErrUnsent) {
			t.Errorf("%s: %v", res.Status, err)
		}
	}
}

// TestSlowConsumer: outcomes that nobody takes hold the stream up instead of piling up.
func TestSlowConsumer(t *testing.T) {
	s := (&server{}).start(t)
	c := s.client(t, func(cfg *Config) { cfg.Window = 2 })
	var jobs []*Job
	for i := range 50 {
		jobs = append(jobs, job(t, i, "b@x"))
	}
	ch := feed(jobs...)
	n := 0
	for range c.Stream(context.Background(), ch, 0) {
		if n++; n == 1 {
			time.Sleep(50 * time.Millisecond)
			if taken := 50 - len(ch); taken > 6 {
				t.Errorf("%d letters were taken before one outcome was", taken)
			}
		}
	}
	if n != 50 {
		t.Errorf("%d outcomes", n)
	}
}
