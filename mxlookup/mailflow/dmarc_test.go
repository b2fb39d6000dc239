package mailflow

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// TestReadDMARC: RFC 7489 §6.3, §6.4 and §6.6.3: what a receiver makes of a record.
func TestReadDMARC(t *testing.T) {
	for text, want := range map[string]string{
		"v=DMARC1; p=none":                                "none",
		"v=DMARC1;p=reject;":                              "reject",
		"v = DMARC1 ; p = Quarantine ; sp = NONE":         "quarantine sp=none",
		"v=DMARC1; P=REJECT; ADKIM=S":                     "reject dkim=s",
		"v=DMARC1; p=reject; adkim=x; aspf=s":             "reject spf=s wrong adkim=x",
		"v=DMARC1; p=reject; pct=200; fo=q; ri=a; rf=b":   "reject wrong pct=200|fo=q|ri=a|rf=b",
		"v=DMARC1; p=reject; x=y; np=reject":              "reject",
		"v=DMARC1; p=reject; nonsense":                    "reject wrong nonsense",
		"v=DMARC1; p=reject; p=none":                      "reject",
		"v=DMARC1; p=maybe; rua=mailto:a@example.org":     "none wrong p=maybe",
		"v=DMARC1; rua=mailto:a@example.org":              "none",
		"v=DMARC1; p=reject; sp=x; rua=mailto:a@b.test":   "none wrong sp=x",
		"v=DMARC1; p=reject; sp=x":                        "no policy",
		"v=DMARC1; p=maybe; rua=nowhere":                  "no policy",
		"v=DMARC1":                                        "no policy",
		"v=DMARC1; p=":                                    "no policy",
		"v=DMARC1; p=quarantine; rua=mailto:A@B.test!10m": "quarantine",
	} {
		record, wrong, err := readDMARC(text)
		got := "no policy"
		if err == nil {
			got = string(record.Policy)
			if record.SubdomainPolicy != "" {
				got += " sp=" + string(record.SubdomainPolicy)
			}
			if record.DKIMAlignment == "s" {
				got += " dkim=s"
			}
			if record.SPFAlignment == "s" {
				got += " spf=s"
			}
			if len(wrong) > 0 {
				got += " wrong " + strings.Join(wrong, "|")
			}
		} else if !errors.Is(err, errNoPolicy) {
			t.Errorf("%s: %v", text, err)
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// TestFindDMARC: whose policy it is (RFC 7489 §6.6.3).
func TestFindDMARC(t *testing.T) {
	r := world(t, `
_dmarc.example.org. TXT "v=DMARC1; p=reject; sp=quarantine"
_dmarc.own.example.org. TXT "v=DMARC1; p=none"
_dmarc.two.example.org. TXT "v=DMARC1; p=none"
_dmarc.two.example.org. TXT "v=DMARC1; p=reject"
_dmarc.other.example.org. TXT "hello"
_dmarc.other.example.org. TXT "p=none; v=DMARC1"
_dmarc.mixed.example.org. TXT "v=spf1 -all"
_dmarc.mixed.example.org. TXT "v=DMARC1; p=none"
_dmarc.later.example.org. TXT SERVFAIL
_dmarc.example.co.uk. TXT "v=DMARC1; p=none"
`)
	for domain, want := range map[string]string{
		"example.org": "example.org reject", "own.example.org": "own.example.org none", "deep.er.example.org": "example.org reject",
		"two.example.org": "error", "other.example.org": "example.org reject", "mixed.example.org": "mixed.example.org none",
		"later.example.org": "error", "a.b.example.co.uk": "example.co.uk none", "co.uk": "", "example.net": "",
	} {
		record, where, _, err := DMARC(context.Background(), r, domain)
		got := where
		if err != nil {
			got = "error"
		} else if record != nil {
			got += " " + string(record.Policy)
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", domain, got, want)
		}
	}
}

// FuzzDMARC: what is read has a policy.
func FuzzDMARC(f *testing.F) {
	f.Add("v=DMARC1; p=reject; sp=none; rua=mailto:a@b.test,https://c; pct=25; fo=1:d; adkim=s")
	f.Add("v=DMARC1;;;=;p==;rua")
	f.Fuzz(func(t *testing.T, text string) {
		if record, _, err := readDMARC(text); err == nil && record.Policy == "" {
			t.Errorf("%q: no policy", text)
		}
	})
}
