package sendmail_test

import (
	"errors"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"posta/internal/dialer"
	"posta/sendmail"
)

// says replies with lines instead.
func says(lines string) fault { return func(s *session, _ string) { s.say(lines) } }

// once lets f happen the first time only.
func once(f fault) fault {
	over := false
	return func(s *session, usual string) {
		if over {
			s.say(usual)
			return
		}
		over = true
		f(s, usual)
	}
}

// everyStage runs a case for each stage of each mode, one after the other.
func everyStage(t *testing.T, f func(t *testing.T, m mode, stage string)) {
	stages(func(m mode, stage string) {
		t.Run(m.name+"/"+stage, func(t *testing.T) { f(t, m, stage) })
	})
}

// everyStageAtOnce runs them all at a time: they mostly wait.
func everyStageAtOnce(t *testing.T, f func(t *testing.T, m mode, stage string)) {
	var wg sync.WaitGroup
	defer wg.Wait()
	stages(func(m mode, stage string) {
		wg.Go(func() { t.Run(m.name+"/"+stage, func(t *testing.T) { f(t, m, stage) }) })
	})
}

func stages(f func(m mode, stage string)) {
	for _, m := range modes {
		stages := m.stages
		if m.auth != "" {
			stages = append([]string{sendmail.StageAUTH}, stages...)
		}
		for _, stage := range stages {
			f(m, stage)
		}
	}
}

// RFC 5321 §4.2.1: 4yz is temporary, 5yz is not. The server's words come through whole.
func TestRefusedAtEveryStage(t *testing.T) {
	everyStage(t, func(t *testing.T, m mode, stage string) {
		for _, code := range []int{421, 450, 554} {
			if stage == sendmail.StageEHLO && code == 554 {
				continue // HELO is tried then: TestHELO
			}
			f := m.server()
			c := strconv.Itoa(code)
			f.at[stage] = says(c + "-" + c[:1] + ".7.13 not today,\n" + c + " " + c[:1] + ".7.13 nor from you")
			a := m.try(t, f, nil)
			honest(t, f, a, faultLetter)
			var e *sendmail.Error
			if !errors.As(a.err, &e) {
				t.Errorf("%d: %v", code, a.err)
				continue
			}
			if e.Stage != stage || e.Code != code || e.Enhanced != [3]int{code / 100, 7, 13} || e.Text != "not today,\nnor from you" {
				t.Errorf("%d: %+v", code, e)
			}
			if e.Temporary() != (code < 500) || sendmail.IsPermanent(a.err) != (code >= 500) || e.InDoubt {
				t.Errorf("%d: temporary %v, permanent %v, in doubt %v", code, e.Temporary(), sendmail.IsPermanent(a.err), e.InDoubt)
			}
			if a.dialed && a.broken != (code == 421) {
				t.Errorf("%d: broken %v", code, a.broken)
			}
			if len(f.delivered) > 0 {
				t.Errorf("%d: delivered", code)
			}
		}
	})
}

// After a refusal the next letter goes over the same connection.
func TestRefusalLeavesTheConnection(t *testing.T) {
	everyStage(t, func(t *testing.T, m mode, stage string) {
		if stage == sendmail.StageGreeting || stage == sendmail.StageEHLO || stage == sendmail.StageAUTH {
			return // there is no connection then
		}
		f := m.server()
		times := 1
		if stage == sendmail.StageRCPT || m.lmtp && stage == sendmail.StageDataEnd {
			times = 2 // for both recipients
		}
		left := times
		f.at[stage] = func(s *session, usual string) {
			if left--; left >= 0 {
				usual = "554 5.7.1 no"
			}
			s.say(usual)
		}
		f.start(t)
		c, err := sendmail.Dial(t.Context(), m.config(f))
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []int{554, 0} {
			l, _ := sendmail.ReadLetter(strings.NewReader(faultLetter), sendmail.LetterOptions{})
			env := &sendmail.Envelope{From: "from@example.org", To: sendmail.To("a@example.org", "b@example.org")}
			_, err := c.Send(t.Context(), env, l)
			var e *sendmail.Error
			if errors.As(err, &e) && e.Code != want || (err == nil) != (want == 0) {
				t.Errorf("letter %d: %v", i, err)
			}
		}
		c.Close()
		f.stop()
		if len(f.delivered) != 1 || f.delivered[0].data != faultLetter {
			t.Errorf("delivered: %+v", f.delivered)
		}
	})
}

// Of two recipients the one that is refused is named, the other gets the letter; or, where both or none are to, neither.
func TestOneRecipientRefused(t *testing.T) {
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			f := m.server()
			f.at[sendmail.StageRCPT] = once(says("550 5.1.1 no such user"))
			a := m.try(t, f, nil)
			if a.err != nil || a.result.Status != sendmail.Partial || len(a.result.Refused) != 1 || len(a.result.Accepted) != 1 {
				t.Fatalf("%v, %+v", a.err, a.result)
			}
			refused := a.result.Refused[0]
			if refused.Recipient.Address != "a@example.org" || refused.Err.Code != 550 || refused.Err.Text != "no such user" {
				t.Errorf("%v", refused)
			}
			honest(t, f, a, faultLetter)
		})
	}
}

// What is no reply, or none that can come there, ends the session. It is not tried again, and not believed.
func TestGarbageAtEveryStage(t *testing.T) {
	garbage := []string{
		"hello there", "", "\x00\xff\xfe", "25 ok", "2500 ok", "250+ok", "650 ok", "150 ok", "ok 250",
		"250-ok\r\n251 ok", "250-ok\r\n\r\n", "* OK IMAP4rev1 ready", "+OK POP3 ready", "HTTP/1.1 400 Bad Request",
	}
	everyStage(t, func(t *testing.T, m mode, stage string) {
		wrong := map[string]string{
			sendmail.StageMAIL: "354 go", sendmail.StageRCPT: "354 go", sendmail.StageDATA: "250 ok", sendmail.StageGreeting: "334 x",
			sendmail.StageDataEnd: "354 go", sendmail.StageBDAT: "354 go", sendmail.StageEHLO: "354 go", sendmail.StageAUTH: "250 ok",
		}
		for _, g := range append(garbage, wrong[stage]) {
			f := m.server()
			f.at[stage] = func(s *session, _ string) { s.raw(g + "\r\n") }
			a := m.try(t, f, nil)
			honest(t, f, a, faultLetter)
			var e *sendmail.Error
			errors.As(a.err, &e)
			if !errors.Is(a.err, sendmail.ErrProtocol) || e == nil || !e.InDoubt && e.Temporary() {
				t.Errorf("%q: %v", g, a.err)
			}
			if a.dialed && !a.broken {
				t.Errorf("%q: the connection goes on", g)
			}
			if a.result != nil && len(a.result.Accepted) > 0 {
				t.Errorf("%q: said to be delivered", g)
			}
		}
	})
}

// forever writes until the client is gone.
func forever(begin, more string) fault {
	return func(s *session, _ string) {
		if begin != "" && s.raw(begin) != nil {
			return
		}
		block := strings.Repeat(more, 1+(64<<10)/len(more))
		for s.raw(block) == nil {
		}
	}
}

// A line or reply without an end costs little time and memory.
func TestEndlessReplies(t *testing.T) {
	for name, f := range map[string]fault{
		"line":               forever("250 ", "x"),
		"line of nothing":    forever("", "\x00"),
		"reply":              forever("", "250-more\r\n"),
		"reply of codes":     forever("", "250-\r\n"),
		"reply, nearly":      forever("", "354-go\r\n"),
		"refusal":            forever("", "550-5.1.1 no\r\n"),
		"replies unasked":    forever("", "250 ok\r\n"),
		"refusals unasked":   forever("", "550 no\r\n"),
		"challenges unasked": forever("", "334 \r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			everyStage(t, func(t *testing.T, m mode, stage string) {
				server := m.server()
				server.at[stage] = f
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				a := m.try(t, server, nil)
				runtime.ReadMemStats(&after)
				if grown := after.TotalAlloc - before.TotalAlloc; grown > 32<<20 {
					t.Errorf("%d octets of memory: %v", grown, a.err)
				}
				secret(t, server, a)
			})
		})
	}
}

// silence says nothing more until the client is gone.
func silence(s *session, _ string) { io.Copy(io.Discard, s.conn) }

// dripping says begin, then more, octet by octet.
func dripping(begin, more string) fault {
	return func(s *session, _ string) {
		if begin != "" {
			s.raw(begin)
		}
		for {
			for i := range len(more) {
				time.Sleep(10 * time.Millisecond)
				if s.raw(more[i:i+1]) != nil {
					return
				}
			}
		}
	}
}

// A server that stalls or drips, wherever, holds the client no longer than its time limit.
func TestStallsAndDrips(t *testing.T) {
	faults := map[string]fault{
		"silence":                    silence,
		"silence within a line":      func(s *session, u string) { s.raw("25"); silence(s, u) },
		"silence within a reply":     func(s *session, u string) { s.raw("250-x\r\n"); silence(s, u) },
		"line dripped":               dripping("250 ", "x"),
		"reply dripped":              dripping("", "250-x\r\n"),
		"lines of a reply, one each": dripping("250-x\r\n", "250-x\r\n"),
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	for name, f := range faults {
		wg.Go(func() {
			everyStageAtOnce(t, func(t *testing.T, m mode, stage string) {
				if m.tls != dialer.Plain {
					return // so many handshakes at once take their time; dialer's tests stall under TLS
				}
				server := m.server()
				server.at[stage] = f
				a := m.try(t, server, func(cfg *sendmail.Config) { cfg.Dialer.Timeout = time.Second })
				honest(t, server, a, faultLetter)
				var conn *dialer.Error
				var e *sendmail.Error
				if errors.As(a.err, &conn) && conn.Kind == dialer.Timeout && conn.Op == "connect to" {
					return // the machine is too busy to come to the fault
				}
				if !errors.As(a.err, &conn) || conn.Kind != dialer.Timeout || !errors.As(a.err, &e) || !e.Temporary() {
					t.Fatalf("%s: not a time-out: %v", name, a.err)
				}
				if a.dialed && !a.broken {
					t.Error("the connection goes on")
				}
				switch e.Stage {
				case sendmail.StageDataEnd, sendmail.StageBDAT:
					if !e.InDoubt {
						t.Error("the letter is out, and not in doubt")
					}
				case sendmail.StageGreeting, sendmail.StageEHLO, sendmail.StageAUTH, sendmail.StageDATA:
					if e.InDoubt {
						t.Error("the letter is not out, and in doubt")
					}
				}
			})
		})
	}
}

// RFC 5321 §3.2: a server that does not know EHLO is asked HELO.
func TestHELO(t *testing.T) {
	m := modes[1]
	f := m.server()
	f.at[sendmail.StageEHLO] = says("502 5.5.1 what?")
	a := m.try(t, f, nil)
	if a.err != nil || !f.saw("HELO ") {
		t.Errorf("%v\n%s", a.err, a.log)
	}
	honest(t, f, a, faultLetter)
}

// A reply that breaks the protocol is no success, however the goroutines that share the connection are scheduled.
func TestWrongReplyIsNeverSuccess(t *testing.T) {
	for stage, reply := range map[string]string{sendmail.StageDATA: "250 ok", sendmail.StageRCPT: "354 go"} {
		for range 300 {
			f := modes[0].server()
			f.at[stage] = says(reply)
			if a := modes[0].try(t, f, nil); a.err == nil || !a.broken {
				t.Fatalf("%q at %s: %v, %+v", reply, stage, a.err, a.result)
			}
		}
	}
}
