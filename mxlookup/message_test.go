package mxlookup

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// TestQuestion: another library reads the question as it is meant.
func TestQuestion(t *testing.T) {
	for _, dnssec := range []bool{false, true} {
		m, err := packQuestion("mail.Example.org", TypeMX, dnssec)
		if err != nil {
			t.Fatal(err)
		}
		for _, plain := range []bool{false, true} {
			if plain {
				m = m.withoutEDNS()
			}
			var q dns.Msg
			if err := q.Unpack(m); err != nil {
				t.Fatal(err)
			}
			if len(q.Question) != 1 || !strings.EqualFold(q.Question[0].Name, "mail.example.org.") || q.Question[0].Qtype != dns.TypeMX ||
				!q.RecursionDesired || q.Response || q.AuthenticatedData != dnssec {
				t.Errorf("the question reads %v", &q)
			}
			opt := q.IsEdns0()
			if (opt == nil) != plain || opt != nil && (opt.UDPSize() != maxUDP || opt.Do() != dnssec || opt.Version() != 0) {
				t.Errorf("EDNS0 reads %v", opt)
			}
		}
	}
}

// TestMixedCase: of names with many letters no two are likely to be written the same.
func TestMixedCase(t *testing.T) {
	seen := map[string]bool{}
	for range 20 {
		m, err := packQuestion("a-rather-long-name-with-letters.example.org", TypeMX, false)
		if err != nil {
			t.Fatal(err)
		}
		seen[string(m)] = true
	}
	if len(seen) < 15 {
		t.Errorf("20 questions were written in %d ways", len(seen))
	}
}

// TestNames: text and wire form, there and back (RFC 1035 §2.3.4, §5.1).
func TestNames(t *testing.T) {
	long := strings.Repeat("a", 63)
	cases := []struct{ text, wire, back string }{
		{".", "00", "."},
		{"", "00", "."},
		{"a", "016100", "a"},
		{"A.b.", "0141016200", "a.b"},
		{`a\.b.c`, "03612e62016300", `a\.b.c`},
		{`a\\b`, "03615c6200", `a\\b`},
		{`a\007b\032\255`, "05610762" + "20ff00", `a\007b\032\255`},
		{`\097`, "016100", "a"},
		{strings.Repeat(long+".", 3) + long[:61], "", strings.Repeat(long+".", 3) + long[:61]},
	}
	for _, c := range cases {
		wire, err := packName(nil, c.text)
		if err != nil || c.wire != "" && hex.EncodeToString(wire) != c.wire {
			t.Errorf("%q: %x, %v, want %s", c.text, wire, err, c.wire)
			continue
		}
		text, next, err := message(wire).name(0)
		if err != nil || text != c.back || next != len(wire) {
			t.Errorf("%q: back as %q, %d, %v", c.text, text, next, err)
		}
	}
	for _, bad := range []string{
		"..", ".a", "a..b", long + "a", strings.Repeat(long+".", 3) + long[:62], `a\`, `a\25`, `a\256`, `a\2x5`,
	} {
		if wire, err := packName(nil, bad); err == nil {
			t.Errorf("%q: no error but %x", bad, wire)
		}
	}
}

// TestCompression: RFC 1035 §4.1.4: pointers lead backwards; loops and what leads elsewhere are errors.
func TestCompression(t *testing.T) {
	cases := []struct {
		wire string
		off  int
		want string
		next int
	}{
		{"0161000162c000", 3, "b.a", 7},
		{"01610001620001" + "63c003", 6, "c.b", 10},
		{"c000", 0, "", 0},             // to itself
		{"c002c000", 0, "", 0},         // forwards
		{"0161c000", 0, "", 0},         // into itself
		{"0161c0000162c000", 4, "", 0}, // a pointer to a loop
		{"c0", 0, "", 0},               // cut short
		{"c0ff", 0, "", 0},             // out of the message
		{"40", 0, "", 0},               // RFC 2671's bit labels
		{"80", 0, "", 0},               // reserved
		{"0361", 0, "", 0},             // cut short
		{"0161", 0, "", 0},             // no end
	}
	for _, c := range cases {
		wire, _ := hex.DecodeString(c.wire)
		got, next, err := message(wire).name(c.off)
		if got != c.want || (err == nil) != (c.want != "") || err == nil && next != c.next {
			t.Errorf("%s at %d: got %q, %d, %v, want %q", c.wire, c.off, got, next, err, c.want)
		}
	}
}

// TestPointerChain: 255 octets are the end of every name, however it is pieced together.
func TestPointerChain(t *testing.T) {
	m := message{1, 'a', 0}
	for last := 0; len(m) < 4000; {
		here := len(m)
		m = append(m, 1, 'b', 0xc0|byte(last>>8), byte(last))
		last = here
	}
	if text, _, err := m.name(len(m) - 4); err == nil {
		t.Errorf("a name of %d characters", len(text))
	}
}

// TestRecords that are not what their type says.
func TestRecords(t *testing.T) {
	cases := []struct {
		name  string
		typ   Type
		rdata string
		ok    bool
	}{
		{"MX", TypeMX, "000a0161" + "00", true},
		{"MX without a host", TypeMX, "000a", false},
		{"MX with half a preference", TypeMX, "00", false},
		{"MX with more after the host", TypeMX, "000a016100ff", false},
		{"MX whose host goes on beyond it", TypeMX, "000a0561", false},
		{"A of three octets", TypeA, "7f0000", false},
		{"A of five octets", TypeA, "7f00000101", false},
		{"AAAA of four octets", TypeAAAA, "7f000001", false},
		{"SRV", TypeSRV, "00000000000000", true},
		{"SRV cut short", TypeSRV, "000000000000", false},
		{"CNAME of the root", TypeCNAME, "00", true},
		{"CNAME of nothing", TypeCNAME, "", false},
		{"TXT of nothing", TypeTXT, "", false},
		{"TXT of an empty string", TypeTXT, "00", true},
		{"TXT that overruns", TypeTXT, "0361", false},
		{"TLSA", TypeTLSA, "03010100", true},
		{"TLSA cut short", TypeTLSA, "0301", false},
	}
	for _, c := range cases {
		rdata, _ := hex.DecodeString(c.rdata)
		m, err := packQuestion("a", c.typ, false)
		if err != nil {
			t.Fatal(err)
		}
		m = m.withoutEDNS()
		m[7] = 1
		m = append(m, 0xc0, headerLen, 0, byte(c.typ), 0, 1, 0, 0, 1, 0, 0, byte(len(rdata)))
		m = append(m, rdata...)
		if a, err := m.parse(); (err == nil) != c.ok || c.ok && len(a.records) != 1 {
			t.Errorf("%s: %+v, %v", c.name, a, err)
		}
	}
}

// FuzzMessage: no message breaks the parser, and what another library reads too, it reads the same.
func FuzzMessage(f *testing.F) {
	seed := func(fill func(m *dns.Msg)) {
		m := new(dns.Msg).SetQuestion("example.org.", dns.TypeMX)
		m.Response, m.Compress = true, true
		fill(m)
		b, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	seed(func(*dns.Msg) {})
	seed(func(m *dns.Msg) {
		m.Answer = []dns.RR{rr(f, "example.org. 1 MX 10 mx.example.org."), rr(f, "example.org. 1 MX 0 ."), rr(f, "mx.example.org. 1 A 192.0.2.1")}
		m.Ns = []dns.RR{rr(f, "org. 5 SOA a. b. 1 2 3 4 5")}
		m.SetEdns0(1232, true)
	})
	seed(func(m *dns.Msg) {
		m.Answer = []dns.RR{
			rr(f, "example.org. 1 CNAME x.example.org."), rr(f, "x.example.org. 1 SRV 1 2 3 y.example.org."),
			rr(f, `x.example.org. 1 TXT "a" "b"`), rr(f, "x.example.org. 1 AAAA ::1"), rr(f, "x.example.org. 1 TLSA 3 1 1 00"),
		}
	})
	f.Add([]byte("\x00\x00\x80\x00\x00\x01\x00\x01\x00\x00\x00\x00\xc0\x0c\x00\x0f\x00\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 64<<10 {
			return
		}
		m := message(bytes.Clone(b))
		a, err := m.parse()
		if !bytes.Equal(m, b) {
			t.Fatal("the message was changed")
		}
		if err != nil || a.truncated {
			return
		}
		for _, rec := range a.records {
			if rec.target == "" {
				continue
			}
			if wire, err := packName(nil, rec.target); err != nil {
				t.Errorf("%q does not pack: %v", rec.target, err)
			} else if text, _, err := message(wire).name(0); err != nil || text != rec.target {
				t.Errorf("%q comes back as %q, %v", rec.target, text, err)
			}
		}
		compare(t, a, b)
	})
}

// compare holds the MX records of a against those that miekg's parser finds.
func compare(t *testing.T, a *answer, b []byte) {
	var other dns.Msg
	if other.Unpack(b) != nil || len(other.Answer) != len(a.records) {
		return // each is strict in its own way, and classes other than IN are not ours
	}
	var ours, theirs []Host
	for _, rec := range a.records {
		if rec.typ == TypeMX {
			ours = append(ours, Host{rec.numbers[0], rec.target})
		}
	}
	for _, r := range other.Answer {
		if mx, ok := r.(*dns.MX); ok {
			wire, err := packName(nil, mx.Mx)
			if err != nil {
				return // miekg writes some octets as no zone file has them
			}
			text, _, _ := message(wire).name(0)
			theirs = append(theirs, Host{mx.Preference, text})
		}
	}
	if !slices.Equal(ours, theirs) {
		t.Errorf("read %v, another library reads %v", ours, theirs)
	}
}

// FuzzName: what packs comes back as the same name.
func FuzzName(f *testing.F) {
	for _, s := range []string{"example.org", `a\.b.c`, `\255\000.x`, `\.`, `\..`, `\\.`, "..", strings.Repeat("a.", 127)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		wire, err := packName(nil, s)
		if err != nil {
			return
		}
		text, next, err := message(wire).name(0)
		if err != nil || next != len(wire) {
			t.Fatalf("%q packs to %x, which does not read: %v", s, wire, err)
		}
		again, err := packName(nil, text)
		if err != nil || !bytes.EqualFold(again, wire) {
			t.Errorf("%q packs to %x, reads %q, packs to %x, %v", s, wire, text, again, err)
		}
	})
}
