package pop3

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// listing makes a server say these lists.
func listing(t *testing.T, list, uidl string, want func(int) bool) (*Mailbox, error) {
	t.Helper()
	s := newServer()
	s.refuse = map[string]string{"LIST": "+OK\r\n" + list + ".\r\n", "UIDL": "+OK\r\n" + uidl + ".\r\n"}
	if want != nil {
		s.refuse["STAT"] = fmt.Sprintf("+OK %d 1\r\n", strings.Count(list, "\n"))
	}
	if uidl == "" {
		s.refuse["UIDL"] = "-ERR what?\r\n"
	}
	box, err := dial(t, config(s.start(t))).Mailbox(want)
	if err == nil {
		t.Cleanup(func() { box.Close() })
	}
	return box, err
}

// TestMailbox: RFC 1939 §5 and §7. Numbers may be missing, and the lists may have different orders.
func TestMailbox(t *testing.T) {
	for _, tc := range []struct{ name, list, uidl, want string }{
		{"as usual", "1 10\r\n2 20\r\n3 30\r\n", "1 a\r\n2 b\r\n3 c\r\n", "[{1 10 a} {2 20 b} {3 30 c}]"},
		{"empty", "", "", "[]"},
		{"no UIDL", "1 10\r\n", "", "[{1 10 }]"},
		{"deleted ones are missing", "2 20\r\n5 50\r\n6 60\r\n", "2 b\r\n5 e\r\n6 f\r\n", "[{2 20 b} {5 50 e} {6 60 f}]"},
		{"one without unique-id", "1 10\r\n2 20\r\n3 30\r\n", "1 a\r\n3 c\r\n", "[{1 10 a} {2 20 } {3 30 c}]"},
		{"one that is not listed", "1 10\r\n3 30\r\n", "1 a\r\n2 b\r\n3 c\r\n4 d\r\n", "[{1 10 a} {3 30 c}]"},
		{"another order", "3 30\r\n1 10\r\n2 20\r\n", "1 a\r\n2 b\r\n3 c\r\n", "[{3 30 c} {1 10 a} {2 20 b}]"},
		{"backwards", "1 10\r\n2 20\r\n", "2 b\r\n1 a\r\n", "[{1 10 a} {2 20 b}]"},
		{"named twice", "1 10\r\n", "1 a\r\n1 b\r\n", "[{1 10 a}]"},
		{"no size", "1\r\n2 x\r\n", "1 a\r\n2 b\r\n", "[{1 -1 a} {2 -1 b}]"},
	} {
		box, err := listing(t, tc.list, tc.uidl, nil)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if got := fmt.Sprint(slices.Collect(box.Letters())); got != tc.want || !box.Whole() {
			t.Errorf("%s: %s", tc.name, got)
		}
		for i, l := range box.All() {
			if box.Index(l.Number) != i {
				t.Errorf("%s: %d is not at %d", tc.name, l.Number, i)
			}
		}
		if box.Index(4) >= 0 || box.Index(0) >= 0 || box.HasUIDs() != (tc.uidl != "") {
			t.Errorf("%s: it has too much", tc.name)
		}
	}
}

// TestMailboxInParts: only those that are wanted are kept, and so a mailbox of any size can be listed.
func TestMailboxInParts(t *testing.T) {
	var list, uidl strings.Builder
	for i := range maxLetters + 10 {
		fmt.Fprintf(&list, "%d 7\r\n", i+1)
		fmt.Fprintf(&uidl, "%d uid-%d\r\n", i+1, i+1)
	}
	_, err := listing(t, list.String(), uidl.String(), nil)
	if !errors.Is(err, ErrTooMany) {
		t.Errorf("%v", err)
	}
	box, err := listing(t, list.String(), uidl.String(), func(n int) bool { return n > maxLetters })
	if err != nil || box.Len() != 10 || box.Whole() || box.Letter(9) != (Letter{maxLetters + 10, 7, fmt.Sprint("uid-", maxLetters+10)}) {
		t.Fatalf("%v, %+v", err, box)
	}
}

// TestMailboxNeedsNoParts: where all have room, all are listed.
func TestMailboxNeedsNoParts(t *testing.T) {
	for _, p := range []Pipelining{Always, Never} {
		s := newServer("a", "b", "c")
		cfg := config(s.start(t))
		cfg.Pipelining = p
		box, err := dial(t, cfg).Mailbox(func(n int) bool { return n == 2 })
		if err != nil || box.Len() != 3 || !box.Whole() || !box.HasUIDs() {
			t.Errorf("%v, %+v", err, box)
		}
	}
}

// TestManyUIDs: those that do not stay in memory are read back, in any order.
func TestManyUIDs(t *testing.T) {
	const n = 3*piecesInside*uidPiece/maxUID + 17
	letters := make([]Letter, n)
	for i := range letters {
		letters[i] = Letter{Number: i + 1, UID: strings.Repeat(fmt.Sprint(i, "."), 20)}
	}
	box, err := NewMailbox(letters)
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	if box.uids.file == nil {
		t.Fatal("all stayed in memory")
	}
	for k := range n {
		if i := k * 7919 % n; box.Letter(i) != letters[i] {
			t.Fatalf("%d: %v", i, box.Letter(i))
		}
	}
	box.uids.file.Close()
	count := 0
	for range box.Letters() {
		count++
	}
	if !errors.Is(box.Err(), ErrSpool) || count == n {
		t.Errorf("%d letters, %v, though they cannot be read", count, box.Err())
	}
}

func TestSubset(t *testing.T) {
	box, err := NewMailbox(make([]Letter, 200))
	if err != nil {
		t.Fatal(err)
	}
	some, others := box.Subset(false), box.Subset(true)
	for i := 0; i < 200; i += 3 {
		some.Add(i)
		some.Add(i)
		others.Remove(i)
		others.Remove(i)
	}
	if some.Len() != 67 || others.Len() != 133 || !some.Has(3) || others.Has(3) {
		t.Error(some.Len(), others.Len())
	}
	if some.AddAll(others); some.Len() != 200 || len(slices.Collect(some.Letters())) != 200 {
		t.Error(some.Len())
	}
	if some.Keep(others); some.Len() != 133 || some.Has(3) || !some.Has(4) {
		t.Error(some.Len())
	}
	if others.Drop(some); others.Len() != 0 || others.Has(4) {
		t.Error(others.Len())
	}
}
