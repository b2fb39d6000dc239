package fetch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/store"
)

func openIMAPState(t *testing.T, path string) *IMAPState {
	t.Helper()
	s, err := OpenIMAPState(path, "imap-a@b")
	must(t, err)
	return s
}

// keep stores messages of a mailbox as far as the state is concerned: all of them prepared, the first n stored.
func keep(t *testing.T, s *IMAPState, folder string, n int, uids ...goimap.UID) {
	t.Helper()
	box, err := s.find(folder)
	must(t, err)
	_, err = s.known(box, 7)
	must(t, err)
	var group []*store.Receipt
	for _, uid := range uids {
		k := &imapKey{box: box, validity: 7, uid: uid, print: fingerprint{byte(uid), byte(uid >> 8)}}
		group = append(group, &store.Receipt{Key: k, Place: fmt.Sprint("place ", uid)})
	}
	must(t, s.Prepare(group))
	must(t, s.Stored(group[:n]))
}

// TestIMAPStateIsSmall: ten thousand messages are few lines, once the state has been opened again.
func TestIMAPStateIsSmall(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "state")
	s := openIMAPState(t, path)
	var uids []goimap.UID
	for i := range goimap.UID(10000) {
		uids = append(uids, i+1)
	}
	for i := 0; i < len(uids); i += 50 {
		keep(t, s, "INBOX", 50, uids[i:i+50]...)
	}
	box, _ := s.find("INBOX")
	must(t, s.complete(box, 10002, goimap.UIDSetNum(10001)))
	for range 3 {
		must(t, s.Close())
		s = openIMAPState(t, path)
		box, _ = s.find("INBOX")
		if got := s.wanted(box).String(); s.Len() != 10000 || got != "10001:4294967295" || box.validity != 7 {
			t.Errorf("%d, wanted %s", s.Len(), got)
		}
	}
	must(t, s.Close())
	text, err := os.ReadFile(path)
	must(t, err)
	if lines := strings.Count(string(text), "\n"); lines > 26 || len(text) > 131_000 {
		t.Errorf("%d lines, %d octets", lines, len(text))
	}
}

func TestIMAPStateRemembers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	s := openIMAPState(t, path)
	odd := "a b%\n\xff ü"
	keep(t, s, odd, 3, 1, 2, 9, 10)
	keep(t, s, "INBOX", 1, 5)
	box, _ := s.find(odd)
	must(t, s.complete(box, 12, goimap.UIDSetNum(4, 10)))
	if _, err := OpenIMAPState(path, "imap-a@b"); !errors.Is(err, ErrBusy) {
		t.Errorf("%v, want ErrBusy", err)
	}
	must(t, s.Close())
	if _, err := OpenIMAPState(path, "imap-c@d"); !errors.Is(err, ErrState) {
		t.Errorf("%v, want ErrState", err)
	}
	s = openIMAPState(t, path)
	must(t, s.Settle(func(place string) (bool, error) { return place == "place 10", nil }))
	box, _ = s.find(odd)
	if got := s.wanted(box).String(); got != "4,12:4294967295" {
		t.Errorf("wanted %s", got)
	}
	must(t, s.prune(box, goimap.UIDSetNum(9)))
	if s.excess(box, 1) || s.Len() != 2 {
		t.Errorf("%d", s.Len())
	}
	must(t, s.Close())
	s = openIMAPState(t, path)
	defer s.Close()
	if s.Len() != 2 {
		t.Errorf("%d", s.Len())
	}
}

// TestIMAPStateCutEverywhere: whatever part of the file a crash left, it opens, and nothing is known that was not stored.
func TestIMAPStateCutEverywhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	s := openIMAPState(t, path)
	keep(t, s, "INBOX", 2, 1, 2, 3)
	keep(t, s, "x y", 1, 4)
	box, _ := s.find("INBOX")
	must(t, s.rematch(box, 8, []printed{{uid: 11, print: fingerprint{1}}, {uid: 13, print: fingerprint{99}}}))
	must(t, s.complete(box, 14, goimap.UIDSetNum(12)))
	must(t, s.follow(box, []flagChange{{uid: 11, now: store.Seen}}, 99))
	keep(t, s, "x y", 1, 6)
	must(t, s.Close())
	whole, err := os.ReadFile(path)
	must(t, err)
	for n := range whole {
		must(t, os.WriteFile(path, whole[:n], 0o600))
		s := openIMAPState(t, path)
		if s.Len() > 3 {
			t.Fatalf("%d octets: %d stored", n, s.Len())
		}
		keep(t, s, "later", 1, 77)
		before := s.Len()
		must(t, s.Close())
		s = openIMAPState(t, path)
		if s.Len() != before {
			t.Fatalf("%d octets: what came later is lost", n)
		}
		must(t, s.Close())
	}
}

// TestIMAPStateOfOtherUIDs: what is fetched by UIDs that are none any more is not noted.
func TestIMAPStateOfOtherUIDs(t *testing.T) {
	s := NewIMAPState()
	keep(t, s, "INBOX", 1, 1)
	box, _ := s.find("INBOX")
	must(t, s.rematch(box, 8, nil))
	old := []*store.Receipt{{Key: &imapKey{box: box, validity: 7, uid: 2}, Place: "p"}}
	must(t, s.Prepare(old))
	must(t, s.Stored(old))
	if s.Len() != 0 {
		t.Error("it is noted")
	}
}

func TestIMAPSets(t *testing.T) {
	for _, c := range []struct{ a, b, minus, both string }{
		{"1:10", "3:4,7", "1:2,5:6,8:10", "3:4,7"},
		{"1:10", "1:10", "", "1:10"},
		{"1:10,20", "5:25", "1:4", "5:10,20"},
		{"5", "1:3,9", "5", ""},
		{"1:4294967295", "1:5,4294967295", "6:4294967294", "1:5,4294967295"},
		{"3:5,8:9", "4,5,8", "3,9", "4:5,8"},
	} {
		a, _ := parseUIDSet(c.a)
		b, _ := parseUIDSet(c.b)
		if got := subtract(a, b); got.String() != c.minus {
			t.Errorf("%s - %s = %s", c.a, c.b, got)
		}
		if got := intersect(a, b); got.String() != c.both {
			t.Errorf("%s and %s: %s", c.a, c.b, got)
		}
	}
	for _, bad := range []string{"", "0", "1:*", "*", "5:1", "x", "1,,2", "4294967296", "-1"} {
		if _, ok := parseUIDSet(bad); ok {
			t.Errorf("%q is a set", bad)
		}
	}
}

// TestHeaderPrint: it is the same however the header comes, and whatever the body.
func TestHeaderPrint(t *testing.T) {
	whole := "A: b\r\nC: d\r\n\r\nbody\r\n\r\nmore"
	of := func(text string, step int) fingerprint {
		h := headerPrint{}
		for len(text) > 0 {
			k := min(step, len(text))
			h.write([]byte(text[:k]))
			text = text[k:]
		}
		return h.of(100, 0)
	}
	want := of("A: b\r\nC: d\r\n\r\n", 1000)
	for step := 1; step < 30; step++ {
		if of(whole, step) != want || of("A: b\r\nC: d\r\n", step) != want {
			t.Errorf("step %d", step)
		}
	}
	long := "X: " + strings.Repeat("y", 100_000)
	if of(long, 7) != of(long, 65536) || of(long, 7) == want {
		t.Error("a long header")
	}
}

// FuzzIMAPState opens what may be a state. If it is one, what is added to it is there the next time.
func FuzzIMAPState(f *testing.F) {
	const first = "posta-state 1 imap-a@b\n"
	for _, text := range []string{
		"", first, first + "f 0 INBOX\nv 0 7\n* 0 1:3,9 AAAAAAAAAAAABBBBBBBBBBBBCCCCCCCCCCCCDDDDDDDDDDDD\nn 0 12\n! 0 4,5\n",
		first + "f 0 a\nf 1 %20\n? 0 5 AAAAAAAAAAAA place\n+ 1 9 AAAAAAAAAAAA\n- 1 1:20\n", first + "f 1 a\n", first + "+ 0 1 AAAAAAAAAAAA\n",
		first + "f 0 a\n* 0 1:4294967295 AAAAAAAAAAAA\n", first + "f 0 a\n! 0 1:4294967295\nv 0 4294967296\n", first + "f 0 a\nn 0 4294967295\n- 0 *\n",
		first + "f 0 a\nv 0 7\nt 0 7\n+ 0 4 AAAAAAAAAAAA Q\n? 0 5 AAAAAAAAAAAA place .\n* 0 1:2 AAAAAAAAAAAABBBBBBBBBBBB A.\n= 0 1,4,9 S\n> 0 2:9 B\nm 0 18446744073709551615\n",
		first + "f 0 a\nv 0 7\ng 0 4294967295\nv 0 8\nm 0 0\n= 0 1:4294967295 -\n* 0 1:2 AAAAAAAAAAAABBBBBBBBBBBB A\n", first + "f 0 a\n+ 0 9 AAAAAAAAAAAA\n+ 0 8 AAAAAAAAAAAA B\n= 0 9 AB\nt 0 x\n",
	} {
		f.Add([]byte(text), uint32(9))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte, uid uint32) {
		path := filepath.Join(dir, "state")
		must(t, os.WriteFile(path, text, 0o600))
		s, err := OpenIMAPState(path, "imap-a@b")
		if err != nil {
			if !errors.Is(err, ErrState) {
				t.Fatal(err)
			}
			return
		}
		keep(t, s, "new", 1, goimap.UID(max(uid, 1)))
		n := s.Len()
		for _, b := range s.boxes {
			if s.wanted(b); uint64(len(b.prints)) != size(b.uids) {
				t.Errorf("%d prints of %d", len(b.prints), size(b.uids))
			}
		}
		must(t, s.Close())
		s = openIMAPState(t, path)
		defer s.Close()
		if s.Len() != n {
			t.Errorf("%d of %d", s.Len(), n)
		}
	})
}
