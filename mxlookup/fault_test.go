package mxlookup

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/miekg/dns"
)

// oneMX answers every MX question with one host.
func oneMX(t testing.TB, host string) answering {
	return replying(t, func(m *dns.Msg, _ bool) *dns.Msg {
		m.Answer = []dns.RR{rr(t, m.Question[0].Name+" 300 MX 10 "+host+".")}
		return m
	})
}

// TestForgedAnswers: what does not match in id, question and direction is not an answer; the right one that follows is.
func TestForgedAnswers(t *testing.T) {
	forge := map[string]func(m []byte) []byte{
		"another id":           func(m []byte) []byte { m[0] ^= 1; return m },
		"another question":     func(m []byte) []byte { m[headerLen+1] = '#'; return m },
		"another type":         func(m []byte) []byte { q, _ := message(m).question(); q[len(q)-3] = 1; return m },
		"a question":           func(m []byte) []byte { m[2] &^= 0x80; return m },
		"another opcode":       func(m []byte) []byte { m[2] |= 0x20; return m },
		"no question":          func(m []byte) []byte { m[5] = 0; return m },
		"two questions":        func(m []byte) []byte { m[5] = 2; return m },
		"half a header":        func(m []byte) []byte { return m[:7] },
		"half a question":      func(m []byte) []byte { return m[:headerLen+3] },
		"nothing":              func(m []byte) []byte { return nil },
		"a letter's worth too": func(m []byte) []byte { return bytes.Repeat([]byte{0xff}, 4000) },
	}
	for name, f := range forge {
		right, wrong := oneMX(t, "right.test"), oneMX(t, "forged.test")
		addr := startFake(t, func(q []byte, overTCP bool) [][]byte {
			return [][]byte{f(wrong(q, overTCP)[0]), right(q, overTCP)[0]}
		}).addr
		r := newTestResolver(t, Config{Servers: []string{addr}})
		if got := show(r.MX(context.Background(), "example.test")); got != "10 right.test" {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

// TestCaseFolded: an answer whose letters have another case may be forged; TCP shows. A server that changes the case
// and is not to be had over TCP is believed.
func TestCaseFolded(t *testing.T) {
	fold := func(answer answering, overTCP bool, q []byte) [][]byte {
		m := answer(q, overTCP)[0]
		section, _ := message(m).question()
		copy(section, bytes.ToLower(section[:len(section)-4]))
		return [][]byte{m}
	}
	right, wrong := oneMX(t, "right.test"), oneMX(t, "forged.test")
	f := startFake(t, func(q []byte, overTCP bool) [][]byte {
		if overTCP {
			return right(q, true)
		}
		return fold(wrong, false, q)
	})
	r := newTestResolver(t, Config{Servers: []string{f.addr}})
	if got := show(r.MX(context.Background(), "a-name-with-many-letters.test")); got != "10 right.test" {
		t.Errorf("forged in lower case: got %s", got)
	}
	f = startFake(t, func(q []byte, overTCP bool) [][]byte {
		if overTCP {
			return [][]byte{nil}
		}
		return fold(right, false, q)
	})
	r = newTestResolver(t, Config{Servers: []string{f.addr}})
	for _, domain := range []string{"a-name-with-many-letters.test", "another-name-with-letters.test"} {
		if got := show(r.MX(context.Background(), domain)); got != "10 right.test" {
			t.Errorf("a server that folds case: got %s", got)
		}
	}
	if n := f.conns.Load(); n != 1 {
		t.Errorf("a server that folds case was asked over TCP %d times, want once", n)
	}
}

// TestWithoutEDNS: RFC 6891 §7: FORMERR, with and without the question, and NOTIMP.
func TestWithoutEDNS(t *testing.T) {
	right := oneMX(t, "right.test")
	for _, rcode := range []byte{rcodeFormErr, rcodeNotImp} {
		for _, bare := range []bool{false, true} {
			var withEDNS atomic.Int32
			addr := startFake(t, func(q []byte, overTCP bool) [][]byte {
				if q[11] == 0 {
					return right(q, overTCP)
				}
				withEDNS.Add(1)
				m := append([]byte(nil), q...)
				m[2], m[3] = m[2]|0x80, rcode
				if bare {
					m[5], m[11] = 0, 0
					m = m[:headerLen]
				}
				return [][]byte{m}
			}).addr
			r := newTestResolver(t, Config{Servers: []string{addr}})
			for _, domain := range []string{"one.test", "two.test", "three.test"} {
				if got := show(r.MX(context.Background(), domain)); got != "10 right.test" {
					t.Errorf("response code %d, bare %v: %s: got %s", rcode, bare, domain, got)
				}
			}
			if n := withEDNS.Load(); n != 1 {
				t.Errorf("asked with EDNS0 %d times, want once", n)
			}
		}
	}
}

// TestTruncated: TCP is asked, over one connection however many names, also when the server closes it between two.
func TestTruncated(t *testing.T) {
	for _, closing := range []bool{false, true} {
		right := oneMX(t, "whole.test")
		f := startFake(t, func(q []byte, overTCP bool) [][]byte {
			m := right(q, overTCP)
			if !overTCP {
				m[0][2] |= 0x02
				m[0] = m[0][:len(m[0])-9] // a record cut short: RFC 2181 §9 has it ignored
			} else if closing {
				m = append(m, nil)
			}
			return m
		})
		r := newTestResolver(t, Config{Servers: []string{f.addr}})
		for i := range 20 {
			domain := strings.Repeat("n", i+1) + ".test"
			if got := show(r.MX(context.Background(), domain)); got != "10 whole.test" {
				t.Errorf("closing %v: %s: got %s", closing, domain, got)
			}
		}
		if conns := f.conns.Load(); !closing && conns != 1 {
			t.Errorf("%d connections for 20 names, want 1", conns)
		}
	}
}

// TestTruncatedOverTCP is no answer, and does not go round for ever.
func TestTruncatedOverTCP(t *testing.T) {
	addr := startFake(t, replying(t, func(m *dns.Msg, _ bool) *dns.Msg { m.Truncated = true; return m })).addr
	r := newTestResolver(t, Config{Servers: []string{addr}})
	if _, err := r.MX(context.Background(), "example.test"); !errors.Is(err, ErrMalformed) {
		t.Errorf("got %v, want ErrMalformed", err)
	}
}

// TestPipelined: many truncated names at once share a connection, and their answers come in any order.
func TestPipelined(t *testing.T) {
	var mu sync.Mutex
	var held [][]byte
	const names = 50
	f := startFake(t, func(q []byte, overTCP bool) [][]byte {
		m := replying(t, func(m *dns.Msg, _ bool) *dns.Msg {
			m.Truncated = !overTCP
			m.Answer = []dns.RR{rr(t, m.Question[0].Name+" 300 MX 10 mx."+m.Question[0].Name)}
			return m
		})(q, overTCP)
		if !overTCP {
			return m
		}
		mu.Lock()
		defer mu.Unlock()
		if held = append(held, m[0]); len(held) < names {
			return nil
		}
		slices.Reverse(held)
		return held
	})
	r := newTestResolver(t, Config{Servers: []string{f.addr}})
	var wg sync.WaitGroup
	for i := range names {
		wg.Go(func() {
			domain := strings.Repeat("n", i+1) + ".test"
			if got := show(r.MX(context.Background(), domain)); got != "10 mx."+domain {
				t.Errorf("%s: got %s", domain, got)
			}
		})
	}
	wg.Wait()
	if n := f.conns.Load(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

// TestLoss: a question whose first packets are lost is asked again, a doubled answer is one answer.
func TestLoss(t *testing.T) {
	var n atomic.Int32
	right := oneMX(t, "right.test")
	f := startFake(t, func(q []byte, overTCP bool) [][]byte {
		if n.Add(1) <= 2 {
			return nil
		}
		m := right(q, overTCP)
		return [][]byte{m[0], m[0]}
	})
	r := newTestResolver(t, Config{Servers: []string{f.addr}})
	for _, domain := range []string{"one.test", "two.test"} {
		if got := show(r.MX(context.Background(), domain)); got != "10 right.test" {
			t.Errorf("%s: got %s", domain, got)
		}
	}
	if f.udp.Load() != 4 {
		t.Errorf("%d questions were sent, want 3 and 1", f.udp.Load())
	}
}

// TestAliasesAcrossAnswers: a server that tells one alias at a time is asked on; chains and circles end.
func TestAliasesAcrossAnswers(t *testing.T) {
	f := startFake(t, replying(t, func(m *dns.Msg, _ bool) *dns.Msg {
		name := strings.ToLower(m.Question[0].Name)
		switch {
		case name == "end.test.":
			m.Answer = []dns.RR{rr(t, name+" 300 MX 10 mx.test.")}
		case strings.HasPrefix(name, "circle"):
			m.Answer = []dns.RR{rr(t, name+" 300 CNAME "+map[bool]string{true: "circle-a.test.", false: "circle-b.test."}[name == "circle-b.test."])}
		case strings.HasPrefix(name, "endless"):
			m.Answer = []dns.RR{rr(t, name+" 300 CNAME endless1"+strings.TrimPrefix(name, "endless"))}
		default:
			m.Answer = []dns.RR{rr(t, name+" 300 CNAME end.test.")}
		}
		return m
	}))
	r := newTestResolver(t, Config{Servers: []string{f.addr}})
	for domain, want := range map[string]string{
		"start.test":    "10 mx.test",
		"circle-a.test": ErrAliasLoop.Error(),
		"endless.test":  ErrAliasLoop.Error(),
	} {
		if got := show(r.MX(context.Background(), domain)); got != want {
			t.Errorf("%s: got %s, want %s", domain, got, want)
		}
	}
	if n := f.udp.Load(); n > 2+2+maxAliases+1 {
		t.Errorf("%d questions were sent", n)
	}
}

// TestCutAtEveryOctet: an answer that ends anywhere is no answer, and nothing breaks.
func TestCutAtEveryOctet(t *testing.T) {
	question, err := packQuestion("example.test", TypeMX, false)
	if err != nil {
		t.Fatal(err)
	}
	whole := replying(t, func(m *dns.Msg, _ bool) *dns.Msg {
		m.Answer = []dns.RR{rr(t, "example.test. 300 MX 10 mx.example.test."), rr(t, "example.test. 300 MX 20 mx2.example.test.")}
		m.Ns = []dns.RR{rr(t, "test. 300 SOA a. b. 1 2 3 4 5")}
		m.Extra = []dns.RR{rr(t, "mx.example.test. 300 A 192.0.2.1")}
		return m
	})(question, false)[0]
	if a, err := message(whole).parse(); err != nil || len(a.records) != 2 || a.negativeTTL != 5 {
		t.Fatalf("the whole message: %+v, %v", a, err)
	}
	for n := range whole {
		if _, err := message(whole[:n]).parse(); err == nil {
			t.Errorf("cut after %d of %d octets: no error", n, len(whole))
		}
	}
}
