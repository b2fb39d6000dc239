package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"posta/fetch/imap"
	"posta/mimetool"
)

// TestBaseSubject is RFC 5256 §2.1.
func TestBaseSubject(t *testing.T) {
	for subject, want := range map[string]string{
		"plain":                       "plain",
		"  Re: plain ":                "plain",
		"RE: Fwd: fw: plain":          "plain",
		"re [2]: plain":               "plain",
		"[list] Re: [list] plain":     "plain",
		"[list] Re: plain (fwd)":      "plain",
		"plain (fwd) (FWD)":           "plain",
		"[only a blob]":               "[only a blob]",
		"Re: [only a blob]":           "[only a blob]",
		"regarding":                   "regarding",
		"Re":                          "Re",
		"":                            "",
		"[unclosed Re: x":             "[unclosed Re: x",
		"Re[unclosed: x":              "Re[unclosed: x",
		strings.Repeat("re:", 20_000): "",
	} {
		if got := baseSubject(subject); got != want {
			t.Errorf("baseSubject(%.40q) = %q, want %q", subject, got, want)
		}
	}
}

// TestSortText: a message before another by its keys has the smaller text.
func TestSortText(t *testing.T) {
	message := func(size int64, arrived, header string) string {
		m := &imap.Message{Size: size}
		m.InternalDate, _ = time.Parse(time.RFC3339, arrived)
		return sortText(m, mimetool.ParseHeader([]byte(header)), []sortKey{{"subject", false}, {"size", true}, {"date", false}, {"from", true}})
	}
	rising := []string{
		message(1, "2026-01-01T00:00:00Z", "Subject: a\n"),
		message(9, "2026-01-01T00:00:00Z", "Subject: re: aa\n"),
		message(8, "2026-01-01T00:00:00Z", "Subject: AA\nDate: Fri, 2 Jan 1965 10:00:00 +0000\n"),
		message(8, "2026-01-01T00:00:00Z", "Subject: aa\nFrom: zoe@example.org\n"),
		message(8, "2026-01-01T00:00:00Z", "Subject: aa\nFrom: x <ann@example.org>, zoe@example.org\n"),
		message(8, "2026-01-02T00:00:00Z", "Subject: aa\n"),
		message(8, "2020-01-01T00:00:00Z", "Subject: aa\nDate: Sat, 3 Jan 2026 10:00:00 +0000\n"),
		message(7, "2020-01-01T00:00:00Z", "Subject: =?utf-8?q?=C3=A4?=\n"),
	}
	if !slices.IsSorted(rising) {
		t.Errorf("%q is not rising", rising)
	}
}

// FuzzBaseSubject: what is left has nothing left to take off, and came out of the subject.
func FuzzBaseSubject(f *testing.F) {
	for _, s := range []string{"Re: a", "[b] fw[2] : [c] d (fwd)", "Re[", "[", "]: re", "(fwd)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		base := baseSubject(s)
		if !strings.Contains(s, base) || baseSubject(base) != base {
			t.Errorf("baseSubject(%q) = %q", s, base)
		}
	})
}
