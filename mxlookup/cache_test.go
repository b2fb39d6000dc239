package mxlookup

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// TestCacheExpires: an answer is kept for its TTL, and no longer.
func TestCacheExpires(t *testing.T) {
	c := cache{limit: 1 << 20}
	now := time.Now()
	k := key{"example.test", TypeMX}
	c.put(k, &found{expires: now.Add(time.Minute)})
	if c.get(k, now.Add(59*time.Second)) == nil {
		t.Error("gone before its time")
	}
	if c.get(k, now.Add(61*time.Second)) != nil {
		t.Error("there after its time")
	}
}

// TestCacheIsBounded: what is asked for again stays, the rest goes.
func TestCacheIsBounded(t *testing.T) {
	c := cache{limit: 10_000}
	now := time.Now()
	often := key{"often.test", TypeMX}
	c.put(often, &found{expires: now.Add(time.Hour)})
	most := 0
	for i := range 10_000 {
		c.put(key{fmt.Sprint(i), TypeMX}, &found{expires: now.Add(time.Hour)})
		if c.get(often, now) == nil {
			t.Fatalf("what is asked for again was forgotten after %d others", i)
		}
		most = max(most, len(c.young)+len(c.old))
	}
	if most > 200 {
		t.Errorf("%d answers were kept in 20,000 octets", most)
	}
}

// TestTTL: the smallest on the way counts; negative answers are kept as their SOA says (RFC 2308 §5), not without one.
func TestTTL(t *testing.T) {
	addr := startFake(t, replying(t, func(m *dns.Msg, _ bool) *dns.Msg {
		switch m.Question[0].Name = dns.CanonicalName(m.Question[0].Name); m.Question[0].Name {
		case "positive.test.":
			m.Answer = []dns.RR{rr(t, "positive.test. 300 CNAME x.test."), rr(t, "x.test. 600 MX 10 a.test."), rr(t, "x.test. 200 MX 10 b.test.")}
		case "negative.test.":
			m.Rcode, m.Ns = dns.RcodeNameError, []dns.RR{rr(t, "test. 900 SOA a. b. 1 2 3 4 70")}
		case "bare.test.":
			m.Rcode = dns.RcodeNameError
		case "servfail.test.":
			m.Rcode = dns.RcodeServerFailure
		case "ages.test.":
			m.Answer = []dns.RR{rr(t, "ages.test. 2147483647 MX 10 a.test.")}
		}
		return m
	})).addr
	r := newTestResolver(t, Config{Servers: []string{addr}})
	for domain, want := range map[string]time.Duration{
		"positive.test": 200 * time.Second,
		"negative.test": 70 * time.Second,
		"bare.test":     0,
		"servfail.test": failureTTL,
		"ages.test":     maxTTL,
	} {
		before := time.Now()
		f, _ := r.lookup(context.Background(), domain, TypeMX)
		if kept := f.expires.Sub(before).Truncate(time.Second); kept != want {
			t.Errorf("%s is kept for %v, want %v", domain, kept, want)
		}
	}
}

// TestNothingBelow: a name that does not exist is not asked for again, nor is one below it (RFC 8020 §2); the target of
// an alias is what does not exist then, and an empty answer says nothing of other names.
func TestNothingBelow(t *testing.T) {
	f := startFake(t, replying(t, func(m *dns.Msg, _ bool) *dns.Msg {
		m.Ns = []dns.RR{rr(t, "test. 900 SOA a. b. 1 2 3 4 70")}
		switch name := dns.CanonicalName(m.Question[0].Name); name {
		case "alias.test.":
			m.Rcode, m.Answer = dns.RcodeNameError, []dns.RR{rr(t, name+" 300 CNAME target.test.")}
		case "gone.test.", "bare.test.", `a\.gone.test.`:
			if m.Rcode = dns.RcodeNameError; name == "bare.test." {
				m.Ns = nil
			}
		}
		return m
	}))
	r := newTestResolver(t, Config{Servers: []string{f.addr}})
	for _, c := range []struct {
		name  string
		typ   Type
		err   error
		asked int32
	}{
		{"gone.test", TypeMX, ErrNoDomain, 1},
		{"gone.test", TypeA, ErrNoDomain, 0},
		{"_dmarc.gone.test", TypeTXT, ErrNoDomain, 0},
		{"a.b.gone.test", TypeMX, ErrNoDomain, 0},
		{"notgone.test", TypeMX, ErrNoRecord, 1},
		{`x\.gone.test`, TypeMX, ErrNoRecord, 1}, // a label with a dot in it
		{`a\.gone.test`, TypeMX, ErrNoDomain, 1},
		{`b.a\.gone.test`, TypeMX, ErrNoDomain, 0},
		{"alias.test", TypeMX, ErrNoDomain, 1},
		{"x.alias.test", TypeMX, ErrNoRecord, 1},
		{"x.target.test", TypeMX, ErrNoDomain, 0},
		{"bare.test", TypeMX, ErrNoDomain, 1},
		{"bare.test", TypeA, ErrNoDomain, 1}, // RFC 2308 §5: without an SOA it is not kept
		{"empty.test", TypeMX, ErrNoRecord, 1},
		{"empty.test", TypeA, ErrNoRecord, 1},
		{"x.empty.test", TypeMX, ErrNoRecord, 1},
	} {
		before := f.udp.Load()
		found, err := r.lookup(context.Background(), c.name, c.typ)
		if asked := f.udp.Load() - before; !errors.Is(err, c.err) || found.err != err || asked != c.asked {
			t.Errorf("%s %s: %v after %d questions, want %v after %d", c.name, c.typ, err, asked, c.err, c.asked)
		}
	}
}

// TestEachIsInOrder, draws no more than it has to, and keeps to the number of jobs.
func TestEachIsInOrder(t *testing.T) {
	const jobs, n = 7, 1000
	running := make(chan struct{}, jobs)
	double := func(_ context.Context, i int) int {
		select {
		case running <- struct{}{}:
		default:
			t.Error("more jobs than asked for")
		}
		runtime.Gosched()
		<-running
		return 2 * i
	}
	var in []int
	for i := range n {
		in = append(in, i)
	}
	i := 0
	for out := range Each(context.Background(), slices.Values(in), jobs, double) {
		if out != 2*i {
			t.Fatalf("item %d came as %d", i, out)
		}
		i++
	}
	if i != n {
		t.Errorf("%d of %d items came", i, n)
	}
}

// TestEachEnds with its context while its input waits, and when the caller has enough.
func TestEachEnds(t *testing.T) {
	never := make(chan int)
	ctx, cancel := context.WithCancel(context.Background())
	waiting := func(yield func(int) bool) {
		cancel()
		<-never
	}
	for range Each(ctx, waiting, 2, func(context.Context, int) int { return 0 }) {
		t.Error("an item came of nothing")
	}
	drawn := 0
	endless := func(yield func(int) bool) {
		for yield(drawn) {
			drawn++
		}
	}
	for range Each(context.Background(), endless, 2, func(_ context.Context, i int) int { return i }) {
		break
	}
}
