package mxlookup

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// show is a route as the command prints it.
func show(route *Route, err error) string {
	if err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return "not an *Error: " + err.Error()
		}
		return e.Err.Error()
	}
	var b strings.Builder
	for _, h := range route.Hosts {
		fmt.Fprintf(&b, "%d %s, ", h.Preference, h.Name)
	}
	if route.Implicit {
		b.WriteString("implicit, ")
	}
	if route.Null() {
		b.WriteString("null, ")
	}
	return strings.TrimSuffix(b.String(), ", ")
}

// TestMX: a domain of every shape.
func TestMX(t *testing.T) {
	cases := []struct{ domain, want string }{
		{"plain.test", "10 mx1.test, 20 mx2.test"},
		{"PLAIN.test.", "10 mx1.test, 20 mx2.test"},
		{"equal.test", "5 z.hosts.test, 10 a.hosts.test, 10 b.hosts.test, 10 c.hosts.test"},
		{"extreme.test", "0 first.test, 65535 last.test"},
		{"null.test", "0 ., null"},                              // RFC 7505 §3
		{"nullplus.test", "0 ., 10 mx1.test"},                   // the same: a null MX stands alone
		{"onlya.test", "0 onlya.test, implicit"},                // RFC 5321 §5.1
		{"onlyaaaa.test", "0 onlyaaaa.test, implicit"},          // the same, IPv6
		{"nothing.test", ErrNoMail.Error()},                     // RFC 2308 §2.2
		{"below.here.test", ErrNoMail.Error()},                  // RFC 8020 §2: a name with names below it exists
		{"gone.test", ErrNoDomain.Error()},                      // RFC 2308 §2.1
		{"alias.test", "10 mx1.test, 20 mx2.test"},              // RFC 5321 §5.1: "as if it were the initial name"
		{"chain.test", "10 mx1.test, 20 mx2.test"},              //
		{"aliasnull.test", "0 ., null"},                         //
		{"aliasa.test", "0 aliasa.test, implicit"},              //
		{"loop.test", ErrAliasLoop.Error()},                     // RFC 1034 §3.6.2
		{"self.test", ErrAliasLoop.Error()},                     //
		{"dangling.test", ErrNoDomain.Error()},                  // RFC 6604 §3
		{"upper.test", "10 mx1.test"},                           // RFC 4343
		{"xn--bcher-kva.test", "10 mx1.test"},                   // RFC 5890
		{"any.wild.test", "10 mx1.test"},                        // RFC 4592
		{"there.wild.test", "0 there.wild.test, implicit"},      // RFC 4592 §2.2.1: what exists is not covered
		{"[192.0.2.1]", "0 [192.0.2.1]"},                        // RFC 5321 §4.1.3
		{"bad..test", ErrBadName.Error()},                       //
		{strings.Repeat("x", 64) + ".test", ErrBadName.Error()}, // RFC 1035 §2.3.4
		{"odd.test", `10 a\032space.test, 20 a\.dot.test, 30 tab\009bell\007.test, 40 192.0.2.1`},
	}
	for server, addr := range zoneServers(t) {
		r := newTestResolver(t, Config{Servers: []string{addr}})
		for _, c := range cases {
			for range 2 { // the second time from the cache
				if got := show(r.MX(context.Background(), c.domain)); got != c.want {
					t.Errorf("%s: %s: got %s, want %s", server, c.domain, got, c.want)
				}
			}
		}
	}
}

// TestMXSizes: answers that need EDNS0 and TCP come whole.
func TestMXSizes(t *testing.T) {
	for server, addr := range zoneServers(t) {
		r := newTestResolver(t, Config{Servers: []string{addr}})
		for domain, want := range map[string]int{"big512.test": 12, "bigtcp.test": 80} {
			route, err := r.MX(context.Background(), domain)
			if err != nil || len(route.Hosts) != want {
				t.Errorf("%s: %s: %v, %v, want %d hosts", server, domain, route, err, want)
			}
		}
	}
}

// TestAddresses: both families at once, one alone, aliases.
func TestAddresses(t *testing.T) {
	cases := []struct {
		host   string
		family int
		want   string
		alias  bool
	}{
		{"mx1.test", 0, "[2001:db8::1 192.0.2.1]", false},
		{"mx1.test", 4, "[192.0.2.1]", false},
		{"mx1.test", 6, "[2001:db8::1]", false},
		{"mx2.test", 0, "[192.0.2.2]", false},
		{"mx2.test", 6, ErrNoRecord.Error(), false},
		{"cmx.test", 0, "[2001:db8::1 192.0.2.1]", true}, // RFC 2181 §10.3
		{"gone.test", 0, ErrNoDomain.Error(), false},
		{"nothing.test", 0, ErrNoRecord.Error(), false},
	}
	for server, addr := range zoneServers(t) {
		r := newTestResolver(t, Config{Servers: []string{addr}})
		for _, c := range cases {
			a, err := r.Addresses(context.Background(), c.host, c.family)
			got := ""
			if err != nil {
				got = errors.Unwrap(err).Error()
			} else {
				got = fmt.Sprint(a.List)
			}
			if got != c.want || a != nil && a.Alias != c.alias {
				t.Errorf("%s: %s family %d: got %v, want %v (alias %v)", server, c.host, c.family, got, c.want, c.alias)
			}
		}
	}
}

// TestOtherRecords: SRV by priority and weight, TXT joined, TLSA, PTR names.
func TestOtherRecords(t *testing.T) {
	ctx := context.Background()
	for server, addr := range zoneServers(t) {
		r := newTestResolver(t, Config{Servers: []string{addr}})
		srv, _, err := r.SRV(ctx, "imaps", "plain.test")
		want := []Service{{0, 0, 993, "imap0.test"}, {10, 60, 993, "imap1.test"}, {10, 5, 993, "imap2.test"}}
		if err != nil || !slices.Equal(srv, want) {
			t.Errorf("%s: SRV: %v, %v, want %v", server, srv, err, want)
		}
		srv, _, err = r.SRV(ctx, "pop3", "plain.test")
		if err != nil || len(srv) != 1 || srv[0].Host != "." { // RFC 2782: not offered
			t.Errorf("%s: SRV of a service that is not offered: %v, %v", server, srv, err)
		}
		texts, _, err := r.TXT(ctx, "texts.test")
		slices.Sort(texts)
		if err != nil || !slices.Equal(texts, []string{"second", "v=spf1 mx -all"}) { // RFC 7208 §3.3
			t.Errorf("%s: TXT: %q, %v", server, texts, err)
		}
		tlsa, _, err := r.TLSA(ctx, 25, "mx1.test")
		if err != nil || len(tlsa) != 1 || tlsa[0].Usage != 3 || tlsa[0].Selector != 1 || tlsa[0].Matching != 1 || len(tlsa[0].Data) != 32 {
			t.Errorf("%s: TLSA: %v, %v", server, tlsa, err)
		}
	}
}

// TestReverse: RFC 1035 §3.5 and RFC 3596 §2.5, their own examples.
func TestReverse(t *testing.T) {
	for addr, want := range map[string]string{
		"10.2.0.52":               "52.0.2.10.in-addr.arpa",
		"::ffff:10.2.0.52":        "52.0.2.10.in-addr.arpa",
		"4321:0:1:2:3:4:567:89ab": "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa",
	} {
		if got := reverse(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: got %s, want %s", addr, got, want)
		}
	}
}

// TestShuffle: preferences stay in order, equal ones do not always.
func TestShuffle(t *testing.T) {
	route := &Route{Hosts: []Host{{5, "first"}, {10, "a"}, {10, "b"}, {10, "c"}, {10, "d"}, {20, "last"}}}
	orders := map[string]bool{}
	for range 200 {
		route.Shuffle()
		got := show(route, nil)
		if !strings.HasPrefix(got, "5 first, 10 ") || !strings.HasSuffix(got, ", 20 last") {
			t.Fatalf("preference is lost: %s", got)
		}
		orders[got] = true
	}
	if len(orders) < 2 {
		t.Error("equal hosts came in one order 200 times")
	}
}
