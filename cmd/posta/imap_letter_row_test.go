package main

import (
	"strings"
	"testing"
)

// TestLetterRow: what a terminal shows of a letter is one line that fits, whatever the letter says.
func TestLetterRow(t *testing.T) {
	for _, c := range []struct {
		letter imapLetter
		want   string
	}{
		{
			imapLetter{UID: 42, Size: 1234, Flags: []string{"seen", "answered", "$Label1"}, Date: "2026-01-02T03:04:05Z", from: "Jürgen Müller <j@example.org>", Subject: "Grüße"},
			"    42  1.2K RS    2026-01-02 03:04  Jürgen Müller         Grüße",
		},
		{
			imapLetter{UID: 1234567, Size: 99 << 20, InternalDate: "2026-01-02T03:04:05Z", from: "a-very-long-local-part@example.org", Subject: strings.Repeat("word ", 20)},
			"1234567   99M       2026-01-02 03:04  a-very-long-local-p…  word word word wor…",
		},
		{
			imapLetter{UID: 1, Size: 0, Date: "some day or other", from: "\x1b[2J", Subject: "a\nb\u202ec"},
			`     1     0       some day or oth…  \x1b[2J               a\x0ab\u202ec`,
		},
		{
			imapLetter{UID: 1, Size: 999_999, Date: "2026-01-02T03:04:05Z", from: "東京の人たちからのとても長い名前です", Subject: "e\u0301te\u0301"},
			"     1  977K       2026-01-02 03:04  東京の人たちからの…   e\u0301te\u0301",
		},
	} {
		if got := c.letter.row(80, false); got != c.want || textWidth(got) > 80 {
			t.Errorf("%d columns:\n%s, want\n%s", textWidth(got), got, c.want)
		}
	}
}

func TestShortSize(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1.0K", 1023: "1.0K", 10 << 10: "10K", 1023 << 10: "1.0M", 5 << 30: "5.0G", 1<<63 - 1: "8.0E"} {
		if got := shortSize(n); got != want {
			t.Errorf("shortSize(%d) = %s, want %s", n, got, want)
		}
	}
}
