package mailflow

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"io"
	"net/netip"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/emersion/go-msgauth/dkim"
)

// TestReceived: as servers write it (RFC 5321 §4.4).
func TestReceived(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for value, want := range map[string]Hop{
		"from mx.example.org (mx.example.org [192.0.2.1]) by mail.example.net (Postfix) with ESMTPS id ABC for <user@example.net>; Fri, 2 Jan 2026 03:04:05 +0000 (UTC)": {From: "mx.example.org", Address: netip.MustParseAddr("192.0.2.1"), By: "mail.example.net", With: "ESMTPS", ID: "ABC", For: "user@example.net", Time: at},
		"from [192.0.2.1] (helo=mx) by mail.example.net with smtp (Exim 4.9) id 1; Fri, 2 Jan 2026 04:04:05 +0100":                                                       {From: "[192.0.2.1]", Address: netip.MustParseAddr("192.0.2.1"), By: "mail.example.net", With: "smtp", ID: "1", Time: at},
		"from x (unknown [IPv6:2001:db8::1])\r\n\tby y with ESMTP;\r\n\tFri, 02 Jan 2026 03:04:05 GMT":                                                                   {From: "x", Address: netip.MustParseAddr("2001:db8::1"), By: "y", With: "ESMTP", Time: at},
		"by 10.1.2.3 with SMTP id x; Fri, 2 Jan 2026 03:04:05 -0000":                                                                                                     {By: "10.1.2.3", With: "SMTP", ID: "x", Time: at},
		"(qmail 123 invoked by uid 0); 2 Jan 2026 03:04:05 -0000":                                                                                                        {Time: at},
		"from a by b; yesterday": {From: "a", By: "b"},
		"":                       {},
	} {
		got := parseReceived(value)
		if !got.Time.Equal(want.Time) {
			t.Errorf("%q: time %v", value, got.Time)
		}
		got.Time, want.Time = time.Time{}, time.Time{}
		if got != want {
			t.Errorf("%q:\ngot  %+v\nwant %+v", value, got, want)
		}
	}
}

// way is a letter that waited at its second hop, to a server whose clock is behind.
const way = "Return-Path: <bounce@example.org>\r\n" +
	"Authentication-Results: mail.example.net; dkim=pass (good; really) header.d=example.org; spf=none\r\n" +
	"Received: from b by c; Fri, 2 Jan 2026 03:59:00 +0000\r\n" +
	"ARC-Seal: i=2; cv=pass; d=two.test; s=x; b=x\r\n" +
	"ARC-Seal: i=1; cv=none; d=one.test; s=x; b=x\r\n" +
	"ARC-Authentication-Results: i=1; one.test; spf=pass\r\n" +
	"Received: from a (a [198.51.100.7]) by b; Fri, 2 Jan 2026 04:00:10 +0000\r\n" +
	"Received: from x by a; Fri, 2 Jan 2026 03:00:10 +0000\r\n" +
	"Date: Fri, 2 Jan 2026 03:00:00 +0000\r\n" +
	"From: Alice <alice@example.org>\r\nMessage-ID: <1@example.org>\r\n\r\nhello\r\n"

func TestTrace(t *testing.T) {
	for _, text := range []string{way, strings.ReplaceAll(way, "\r\n", "\n"), "From alice Fri Jan  2 03:00:00 2026\n" + way} {
		tr, err := ReadTrace(context.Background(), strings.NewReader(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		var delays []float64
		for _, h := range tr.Hops {
			delays = append(delays, h.Delay)
		}
		if len(delays) != 3 || delays[0] != 10 || delays[1] != 3600 || delays[2] != -70 || !tr.Hops[2].Skew || !tr.Hops[1].Longest || tr.Total != 3540 {
			t.Errorf("hops %+v, total %v", tr.Hops, tr.Total)
		}
		if tr.From != "alice@example.org" || tr.Sender != "bounce@example.org" || tr.MessageID != "<1@example.org>" {
			t.Errorf("%+v", tr)
		}
		if len(tr.Results) != 1 || tr.Results[0].Server != "mail.example.net" || strings.Join(tr.Results[0].Results, "|") != "dkim=pass header.d=example.org|spf=none" {
			t.Errorf("results %+v", tr.Results)
		}
		if len(tr.ARC) != 2 || tr.ARC[0].Domain != "one.test" || tr.ARC[0].Chain != "none" || len(tr.ARC[0].Results) != 1 || tr.ARC[1].Chain != "pass" {
			t.Errorf("ARC %+v", tr.ARC)
		}
	}
}

// TestVerified: SPF, DKIM and DMARC are found out anew.
func TestVerified(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	var signed strings.Builder
	opts := &dkim.SignOptions{Domain: "mail.example.org", Selector: "s", Signer: private, HeaderKeys: []string{"From"}}
	if err := dkim.Sign(&signed, strings.NewReader(way), opts); err != nil {
		t.Fatal(err)
	}
	key := "s._domainkey.mail.example.org. TXT \"v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public) + "\"\n"
	spf := "example.org. TXT \"v=spf1 ip4:198.51.100.0/24 -all\"\n"
	dmarc := "_dmarc.example.org. TXT \"v=DMARC1; p=reject\"\n"
	strict := "_dmarc.example.org. TXT \"v=DMARC1; p=reject; adkim=s\"\n"
	for name, c := range map[string]struct{ text, zone, want string }{
		"all":                {signed.String(), key + spf + dmarc, "pass pass pass reject dkim mail.example.org"},
		"by SPF":             {way, spf + dmarc, "pass  pass reject spf example.org"},
		"strict":             {signed.String(), key + strict, "none pass fail reject "},
		"changed":            {strings.Replace(signed.String(), "hello", "bye", 1), key + dmarc, "none fail fail reject "},
		"no key":             {signed.String(), dmarc, "none permerror fail reject "},
		"no policy":          {signed.String(), key, "none pass none  "},
		"DNS fails":          {signed.String(), "_dmarc.example.org. TXT SERVFAIL\nexample.org. TXT SERVFAIL\ns._domainkey.mail.example.org. TXT SERVFAIL\n", "temperror temperror temperror  "},
		"of another address": {way, "example.org. TXT \"v=spf1 -all\"\n" + dmarc, "fail  fail reject "},
	} {
		tr, err := ReadTrace(context.Background(), strings.NewReader(c.text), world(t, c.zone))
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for _, v := range tr.DKIM {
			keys = append(keys, v.Result)
		}
		got := strings.Join([]string{tr.SPF.Result, strings.Join(keys, ","), tr.DMARC.Result, tr.DMARC.Policy, tr.DMARC.By}, " ")
		if got != c.want {
			t.Errorf("%s: got %q, want %q (%+v %+v)", name, got, c.want, tr.SPF, tr.DKIM)
		}
	}
}

// TestNoTrace: what is no letter, and a letter that cannot be read to its end.
func TestNoTrace(t *testing.T) {
	for _, text := range []string{"", "\r\n", "hello\r\n", strings.Repeat("x", maxTraceHeader+1)} {
		if tr, err := ReadTrace(context.Background(), strings.NewReader(text), nil); !errors.Is(err, ErrNoLetter) {
			t.Errorf("%.20q: %+v, %v", text, tr, err)
		}
	}
	broken := errors.New("broken")
	r := world(t, "")
	for n := 0; n < len(way); n += 37 {
		cut := io.MultiReader(strings.NewReader(way[:n]), iotest.ErrReader(broken))
		if _, err := ReadTrace(context.Background(), cut, r); !errors.Is(err, broken) {
			t.Errorf("cut after %d octets: %v", n, err)
		}
	}
}

// FuzzTrace: no header breaks the reader.
func FuzzTrace(f *testing.F) {
	f.Add(way)
	f.Add("Received: from (((\r\nReceived: ;;;\r\nARC-Seal: i=;\r\n\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		if tr, err := ReadTrace(context.Background(), strings.NewReader(text), nil); err == nil && tr == nil {
			t.Error("neither a trace nor an error")
		}
	})
}

// TestTraceEmptyLines: a run of them that a signature would have kept in memory is an error, without one it is not.
func TestTraceEmptyLines(t *testing.T) {
	lines := strings.Repeat("\r\n", maxEmptyLines+10) + "x\r\n"
	signature := "DKIM-Signature: v=1; a=ed25519-sha256; d=example.org; s=s; h=From; bh=AAAA; b=AAAA\r\n"
	r := world(t, "s._domainkey.example.org. TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n")
	for head, want := range map[string]error{"": nil, signature: ErrEmptyLines} {
		if _, err := ReadTrace(context.Background(), strings.NewReader(head+way+lines), r); !errors.Is(err, want) {
			t.Errorf("%q: %v", head, err)
		}
	}
}

// TestTraceBounds: of a flood of Received fields the last are shown, and how many there are more.
func TestTraceBounds(t *testing.T) {
	flood := strings.Repeat("Received: from a.example by b.example; Sun, 22 Nov 2026 09:00:00 +0000\r\n", 2500)
	trace, err := ReadTrace(context.Background(), strings.NewReader("Received: from last.example by x\r\n"+flood+"From: a@example.org\r\n\r\n"), nil)
	if err != nil || len(trace.Hops) != maxHops || trace.More != 1501 || trace.Hops[maxHops-1].From != "last.example" {
		t.Fatalf("%+v, %v", trace, err)
	}
	if _, err := ReadTrace(context.Background(), strings.NewReader(strings.Repeat(flood, 8)), nil); !errors.Is(err, ErrNoLetter) {
		t.Errorf("a header without end: %v", err)
	}
}
