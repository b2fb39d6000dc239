package mxlookup

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// TestFailover: the second server answers when the first is silent, refuses the packet, fails, or talks nonsense.
func TestFailover(t *testing.T) {
	right := startFake(t, oneMX(t, "right.test"))
	closed, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	rcode := func(code int) string {
		return startFake(t, replying(t, func(m *dns.Msg, _ bool) *dns.Msg {
			m.SetEdns0(maxUDP, false) // BADVERS has bits in it
			m.Rcode = code
			return m
		})).addr
	}
	cut := startFake(t, func(q []byte, overTCP bool) [][]byte {
		m := oneMX(t, "forged.test")(q, overTCP)[0]
		return [][]byte{m[:len(m)-3]}
	})
	for name, addr := range map[string]string{
		"silent":   startFake(t, func([]byte, bool) [][]byte { return nil }).addr,
		"closed":   closed.LocalAddr().String(),
		"SERVFAIL": rcode(dns.RcodeServerFailure),
		"REFUSED":  rcode(dns.RcodeRefused),
		"NOTIMP":   rcode(dns.RcodeNotImplemented),
		"FORMERR":  rcode(dns.RcodeFormatError),
		"BADVERS":  rcode(dns.RcodeBadVers),
		"cut":      cut.addr,
	} {
		r := newTestResolver(t, Config{Servers: []string{addr, right.addr}})
		if got := show(r.MX(context.Background(), "example.test")); got != "10 right.test" {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

// TestSilentServerIsAskedLast: a server that is down costs time for the first names, not for each.
func TestSilentServerIsAskedLast(t *testing.T) {
	down := startFake(t, func([]byte, bool) [][]byte { return nil })
	up := startFake(t, oneMX(t, "right.test"))
	r := newTestResolver(t, Config{Servers: []string{down.addr, up.addr}})
	const names = 40
	for i := range names {
		if got := show(r.MX(context.Background(), strings.Repeat("n", i+1)+".test")); got != "10 right.test" {
			t.Fatalf("got %s", got)
		}
	}
	if n := down.udp.Load(); n > names/4 {
		t.Errorf("the silent server was asked %d times for %d names", n, names)
	}
}

// extended answers SERVFAIL with an extended error, after an option that nobody knows.
func extended(t *testing.T, code uint16, text string) answering {
	return replying(t, func(m *dns.Msg, _ bool) *dns.Msg {
		m.Rcode = dns.RcodeServerFailure
		m.SetEdns0(1232, false)
		opt := m.IsEdns0()
		opt.Option = append(opt.Option, &dns.EDNS0_LOCAL{Code: 65001, Data: []byte{1}}, &dns.EDNS0_EDE{InfoCode: code, ExtraText: text})
		return m
	})
}

// TestFailures: each way to fail has its error, and it says what the server said.
func TestFailures(t *testing.T) {
	closed, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	cases := []struct {
		name   string
		answer answering
		want   error
		detail string
	}{
		{"SERVFAIL", replying(t, func(m *dns.Msg, _ bool) *dns.Msg { m.Rcode = dns.RcodeServerFailure; return m }), ErrServFail, "SERVFAIL"},
		{"REFUSED", replying(t, func(m *dns.Msg, _ bool) *dns.Msg { m.Rcode = dns.RcodeRefused; return m }), ErrServFail, "REFUSED"},
		{"bogus", extended(t, 6, "no key for example.test\x00"), ErrServFail, "SERVFAIL, DNSSEC bogus: no key for example.test"}, // RFC 8914
		{"in words", extended(t, 0, "two\r\nlines"), ErrServFail, "SERVFAIL, twolines"},
		{"unknown", extended(t, 49999, ""), ErrServFail, "SERVFAIL, extended error 49999"},
		{"silence", func([]byte, bool) [][]byte { return nil }, ErrTimeout, ""},
		{"closed", nil, ErrNetwork, "connection refused"},
	}
	for _, c := range cases {
		addr := closed.LocalAddr().String()
		if c.answer != nil {
			addr = startFake(t, c.answer).addr
		}
		r := newTestResolver(t, Config{Servers: []string{addr}, Timeout: 500 * time.Millisecond})
		_, err := r.MX(context.Background(), "example.test")
		var e *Error
		if !errors.As(err, &e) || e.Err != c.want || e.Detail != c.detail || !e.Temporary() || e.Name != "example.test" {
			t.Errorf("%s: got %#v, want %v (%s)", c.name, err, c.want, c.detail)
		}
	}
}

// TestCancelled: a question ends with its context, and does not spoil the answer for one who asks the same.
func TestCancelled(t *testing.T) {
	release := make(chan struct{})
	right := oneMX(t, "right.test")
	asked := make(chan struct{}, 100)
	f := startFake(t, func(q []byte, overTCP bool) [][]byte {
		asked <- struct{}{}
		<-release
		return right(q, overTCP)
	})
	r := newTestResolver(t, Config{Servers: []string{f.addr}})
	ctx, cancel := context.WithCancel(context.Background())
	first := make(chan error)
	go func() {
		_, err := r.MX(ctx, "example.test")
		first <- err
	}()
	<-asked
	second := make(chan string)
	go func() { second <- show(r.MX(context.Background(), "example.test")) }()
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
	close(release)
	if got := <-second; got != "10 right.test" {
		t.Errorf("the other: got %s", got)
	}
}

// TestShared: names asked for at the same time by many are asked once.
func TestShared(t *testing.T) {
	release := make(chan struct{})
	right := oneMX(t, "right.test")
	f := startFake(t, func(q []byte, overTCP bool) [][]byte {
		<-release
		return right(q, overTCP)
	})
	r := newTestResolver(t, Config{Servers: []string{f.addr}})
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if got := show(r.MX(context.Background(), "example.test")); got != "10 right.test" {
				t.Errorf("got %s", got)
			}
		})
	}
	for f.udp.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	close(release)
	wg.Wait()
	again := f.udp.Load() // a slow machine may have asked a second time
	if got := show(r.MX(context.Background(), "EXAMPLE.test.")); got != "10 right.test" || f.udp.Load() != again {
		t.Errorf("from the cache: got %s after %d questions, %d before", got, f.udp.Load(), again)
	}
}
