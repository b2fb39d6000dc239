package main

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	goimap "github.com/emersion/go-imap/v2"
)

// FuzzUIDs holds the arithmetic of UIDs against that of single numbers.
func FuzzUIDs(f *testing.F) {
	f.Add([]byte{1, 3, 2, 2, 9, 5}, []byte{2, 2})
	f.Add([]byte{5, 9, 1, 1}, []byte{1, 6, 8, 20})
	f.Add([]byte{1, 1, 2, 2, 3, 3}, []byte{})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		set := func(octets []byte) (s goimap.UIDSet, in map[goimap.UID]bool) {
			in = map[goimap.UID]bool{}
			for pair := range slices.Chunk(octets, 2) {
				r := goimap.UIDRange{Start: goimap.UID(pair[0]) + 1, Stop: goimap.UID(pair[len(pair)-1]) + 1}
				s = append(s, r)
				for uid := min(r.Start, r.Stop); uid <= max(r.Start, r.Stop); uid++ {
					in[uid] = true
				}
			}
			return ascending(s), in
		}
		all, inAll := set(a)
		gone, inGone := set(b)
		left := without(all, gone)
		n := uint64(0)
		for uid := goimap.UID(1); uid <= 256; uid++ {
			if all.Contains(uid) != inAll[uid] || left.Contains(uid) != (inAll[uid] && !inGone[uid]) {
				t.Errorf("%v without %v is %v: %d", all, gone, left, uid)
			}
			if inAll[uid] && !inGone[uid] {
				n++
			}
		}
		if count(left) != n {
			t.Errorf("%v: %d, not %d", left, count(left), n)
		}
	})
}

// FuzzCRLF: line ends become CRLF, and nothing else changes, however the octets come.
func FuzzCRLF(f *testing.F) {
	for _, seed := range []string{"", "a\n", "a\r\nb\nc", "\r", "\r\r\n\n", "\n\r\n\r"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		want := strings.ReplaceAll(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n", "\r\n")
		for _, r := range []io.Reader{bytes.NewReader(text), iotest.OneByteReader(bytes.NewReader(text))} {
			got, err := io.ReadAll(iotest.HalfReader(&crlfReader{r: r}))
			if err != nil || string(got) != want {
				t.Errorf("%q, want %q (%v)", got, want, err)
			}
		}
	})
}
