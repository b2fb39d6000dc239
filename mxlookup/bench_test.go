package mxlookup

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"posta/internal/realserver"
)

// BenchmarkMX looks up 2,000 domains of three hosts, served by NSD on loopback, with posta's resolver and with Go's own
// at 64 goroutines in turn: "ratio" is posta's rate to the other's.
//
//	go test -run - -bench MX ./mxlookup
func BenchmarkMX(b *testing.B) {
	var zone strings.Builder
	var names []string
	zone.WriteString("$ORIGIN test.\n$TTL 300\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 127.0.0.1\n")
	for i := range 2000 {
		fmt.Fprintf(&zone, "d%d MX 10 a\nd%d MX 20 b\nd%d MX 5 c\n", i, i, i)
		names = append(names, fmt.Sprintf("d%d.test", i))
	}
	addr := realserver.StartNSD(b, "test", zone.String())
	var ours, theirs time.Duration
	for b.Loop() {
		start := time.Now()
		lookAll(b, addr, names)
		middle := time.Now()
		lookAllGo(b, addr, names)
		ours += middle.Sub(start)
		theirs += time.Since(middle)
	}
	n := float64(b.N * len(names))
	b.ReportMetric(n/ours.Seconds(), "posta/s")
	b.ReportMetric(n/theirs.Seconds(), "LookupMX/s")
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "ratio")
}

func lookAll(b *testing.B, addr string, names []string) {
	r, err := New(Config{Servers: []string{addr}})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	look := func(ctx context.Context, name string) error {
		_, err := r.MX(ctx, name)
		return err
	}
	for err := range Each(context.Background(), slices.Values(names), 400, look) {
		if err != nil {
			b.Fatal(err)
		}
	}
}

func lookAllGo(b *testing.B, addr string, names []string) {
	r := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, addr)
	}}
	todo := make(chan string)
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for name := range todo {
				if _, err := r.LookupMX(context.Background(), name+"."); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for _, name := range names {
		todo <- name
	}
	close(todo)
	wg.Wait()
}

// BenchmarkParse reads an answer of ten hosts.
func BenchmarkParse(b *testing.B) {
	question, err := packQuestion("example.test", TypeMX, false)
	if err != nil {
		b.Fatal(err)
	}
	m := message(replying(b, func(m *dns.Msg, _ bool) *dns.Msg {
		for i := range 10 {
			m.Answer = append(m.Answer, rr(b, fmt.Sprintf("example.test. 300 MX %d mx%d.hosts.test.", i, i)))
		}
		return m
	})(question, true)[0])
	b.ReportAllocs()
	b.SetBytes(int64(len(m)))
	for b.Loop() {
		if a, err := m.parse(); err != nil || len(a.records) != 10 {
			b.Fatal(a, err)
		}
	}
}
