package mxlookup

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// TestAlone: whoever asks reads for himself: one question, one that is lost at first, one that TCP has to answer, several
// at once, from the first server and from the next.
func TestAlone(t *testing.T) {
	lost := make(chan bool, 1)
	lost <- true
	f := startFake(t, replying(t, func(m *dns.Msg, overTCP bool) *dns.Msg {
		name := dns.CanonicalName(m.Question[0].Name)
		switch m.Question[0].Qtype {
		case dns.TypeMX:
			m.Answer = []dns.RR{rr(t, name+" 300 MX 10 a.test.")}
		case dns.TypeA:
			m.Answer = []dns.RR{rr(t, name+" 300 A 192.0.2.1")}
		case dns.TypeAAAA:
			m.Answer = []dns.RR{rr(t, name+" 300 AAAA 2001:db8::1")}
		}
		select {
		case <-lost:
			return nil
		default:
		}
		if name == "long.test." && !overTCP {
			m.Truncated, m.Answer = true, nil
		}
		return m
	}))
	for _, servers := range [][]string{{f.addr}, {"127.0.0.1:1", f.addr}} {
		r := newTestResolver(t, Config{Servers: servers, Alone: true})
		for _, domain := range []string{"lost.test", "one.test", "long.test", "two.test"} {
			if route, err := r.MX(context.Background(), domain); err != nil || len(route.Hosts) != 1 {
				t.Errorf("%v: %s: %+v, %v", servers, domain, route, err)
			}
		}
		if a, err := r.Addresses(context.Background(), "both.test", 0); err != nil || len(a.List) != 2 {
			t.Errorf("%v: two at once: %+v, %v", servers, a, err)
		}
		done := make(chan error)
		for _, name := range []string{"a.test", "b.test", "c.test", "d.test", "e.test", "g.test"} {
			go func() {
				_, _, err := r.TXT(context.Background(), name)
				if errors.Is(err, ErrNoRecord) {
					err = nil
				}
				done <- err
			}()
		}
		for range 6 {
			if err := <-done; err != nil {
				t.Errorf("%v: six at once: %v", servers, err)
			}
		}
	}
}

// TestAloneEnds: with its context, though late, with the resolver, and with its time.
func TestAloneEnds(t *testing.T) {
	f := startFake(t, func([]byte, bool) [][]byte { return nil })
	r := newTestResolver(t, Config{Servers: []string{f.addr}, Alone: true})
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := r.MX(ctx, "a.test"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	closed := newTestResolver(t, Config{Servers: []string{f.addr}, Alone: true})
	time.AfterFunc(10*time.Millisecond, func() { closed.Close() })
	if _, err := closed.MX(context.Background(), "a.test"); err == nil {
		t.Error("an answer of a closed resolver")
	}
	hasty := newTestResolver(t, Config{Servers: []string{f.addr}, Alone: true, Timeout: 50 * time.Millisecond})
	if _, err := hasty.MX(context.Background(), "a.test"); !errors.Is(err, ErrTimeout) {
		t.Errorf("no answer: %v", err)
	}
}
