package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/width"
)

// row is a letter as a terminal of so many columns shows it: aligned, one line, cut at the edge.
func (l *imapLetter) row(columns int, folders bool) string {
	var b strings.Builder
	if folders {
		b.WriteString(fit(l.Folder, 12) + "  ")
	}
	fmt.Fprintf(&b, "%6d %5s %s  %s  ", l.UID, shortSize(l.Size), flagLetters(l.Flags), shortDate(firstOf(l.Date, l.InternalDate)))
	b.WriteString(fit(shortFrom(l.from), 20) + "  ")
	left := columns - 1 - textWidth(b.String())
	return strings.TrimRight(b.String()+fit(l.Subject, max(left, 10)), " ")
}

// flagLetters are the flags as a Maildir has them: draft, flagged, answered, seen, deleted.
func flagLetters(flags []string) string {
	var b strings.Builder
	for _, f := range []struct{ word, letter string }{{"draft", "D"}, {"flagged", "F"}, {"answered", "R"}, {"seen", "S"}, {"deleted", "T"}} {
		if slices.Contains(flags, f.word) {
			b.WriteString(f.letter)
		}
	}
	return fit(b.String(), 4)
}

// shortSize is a number of octets in four characters or so: 999, 1.2K, 45M.
func shortSize(n int64) string {
	const units = "KMGTPE"
	if n < 1000 {
		return fmt.Sprint(n)
	}
	f, i := float64(n)/1024, 0
	for ; f >= 999.5 && i < len(units)-1; i++ {
		f /= 1024
	}
	if f < 9.95 {
		return fmt.Sprintf("%.1f%c", f, units[i])
	}
	return fmt.Sprintf("%.0f%c", f, units[i])
}

// shortDate is a date in UTC as RFC 3339 has it, to the minute; one that could not be read as far as there is room.
func shortDate(s string) string {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.Format("2006-01-02 15:04")
	}
	return fit(s, 16)
}

// shortFrom is the name of the sender, or the address of one that has none.
func shortFrom(from string) string {
	if i := strings.LastIndex(from, " <"); i > 0 && strings.HasSuffix(from, ">") {
		return strings.Trim(from[:i], `"`)
	}
	return from
}

// fit makes a text as wide as n columns: cut, or filled with blanks. What a terminal must not see is escaped.
func fit(s string, n int) string {
	s = escapeControl(s)
	if w := textWidth(s); w <= n {
		return s + strings.Repeat(" ", n-w)
	}
	w := 0
	for i, r := range s {
		if w+runeWidth(r) > n-1 {
			return s[:i] + "…" + strings.Repeat(" ", n-1-w)
		}
		w += runeWidth(r)
	}
	return s
}

// textWidth is how many columns a text takes.
func textWidth(s string) (n int) {
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// runeWidth is 0 for what stands over or in another character, 2 for wide ones (UAX #11).
func runeWidth(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}
