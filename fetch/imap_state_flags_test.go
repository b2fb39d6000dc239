package fetch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/store"
)

// TestFlagsMerge: what changed on the server changes in the file, and nothing else.
func TestFlagsMerge(t *testing.T) {
	const seen, both = serverFlags(store.Seen), serverFlags(store.Seen | store.Flagged)
	for _, c := range []struct {
		was                      serverFlags
		touched, file, now, want string
	}{
		{seen, "", "S", "FS", "FS"},
		{seen, "", "S", "", ""},
		{seen, "", "RS", "", "R"},
		{seen, "", "", "FS", "F"},
		{0, "", "S", "F", "FS"},
		{0, "", "F", "F", "F"},
		{both, "", "D", "S", "D"},
		{unknownFlags, "", "RS", "F", "FRS"},
		{seen, "F", "S", "S", "S"}, // a run was killed before it gave F to the file
		{seen, "F", "FS", "S", "S"},
		{seen, "F", "RS", "FS", "FRS"},
		{seen, "S", "", "S", "S"},
		{seen, "S", "R", "F", "FR"},
		{seen, "FR", "FRS", "S", "S"}, // two runs were
		{unknownFlags, "F", "FS", "", "S"},
	} {
		change := flagChange{was: c.was, touched: store.ParseLetters(c.touched), now: store.ParseLetters(c.now)}
		if got := change.on(store.ParseLetters(c.file)).Letters(); got != c.want {
			t.Errorf("%c, %q: %q, and now %q: %q, want %q", c.was.digit(), c.touched, c.file, c.now, got, c.want)
		}
	}
	for f := serverFlags(0); f < 64; f++ {
		if got, ok := parseServerFlags(string(f.digit())); got != f || !ok {
			t.Errorf("%d is %c", f, f.digit())
		}
	}
	for _, bad := range []string{"", "AB", "+", "\x00"} {
		if f, ok := parseServerFlags(bad); ok {
			t.Errorf("%q is %d", bad, f)
		}
	}
}

// TestIMAPStateFlags: flags and MODSEQ are remembered, whether the file is compact or not, and a state of an earlier version is
// one without.
func TestIMAPStateFlags(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	earlier := "posta-state 1 imap-a@b\nf 0 INBOX\nv 0 7\n* 0 1:3,9 AAAAAAAAAAAABBBBBBBBBBBBCCCCCCCCCCCCDDDDDDDDDDDD\n+ 0 12 EEEEEEEEEEEE\n? 0 13 FFFFFFFFFFFF p\nn 0 14\n"
	must(t, os.WriteFile(path, []byte(earlier), 0o600))
	s := openIMAPState(t, path)
	must(t, s.Settle(func(string) (bool, error) { return true, nil }))
	box, err := s.find("INBOX")
	must(t, err)
	if last, modSeq := s.carried(box); last != 13 || modSeq != 0 || s.tagged(box) {
		t.Errorf("%d, %d", last, modSeq)
	}
	for _, uid := range []goimap.UID{1, 9, 12, 13} {
		if c, ok := s.change(box, uid, 0); !ok || c.was != unknownFlags {
			t.Errorf("%d: %+v %v", uid, c, ok)
		}
	}
	must(t, s.follow(box, []flagChange{{uid: 9, now: store.Seen}, {uid: 1, now: store.Seen}, {uid: 77, now: store.Seen}, {uid: 2, now: 0}}, 1<<63))
	must(t, s.added(box, goimap.UIDSet{{Start: 1, Stop: 3}}, store.Flagged))
	must(t, s.touch(box, []flagChange{{uid: 9, was: serverFlags(store.Seen), now: store.Seen | store.Draft}, {uid: 12, was: unknownFlags, now: store.Draft}}))
	must(t, s.tag(box))
	must(t, s.gone(box, goimap.UIDSetNum(12, 55)))
	for i := range 3 {
		if i > 1 {
			must(t, s.compact())
		}
		must(t, s.Close())
		s = openIMAPState(t, path)
		box, err = s.find("INBOX")
		must(t, err)
		flags := ""
		for _, p := range s.prints(box) {
			flags += string(p.flags.digit()) + p.touched.Letters()
		}
		if last, modSeq := s.carried(box); last != 13 || modSeq != 1<<63 || !s.tagged(box) || flags != "SC.QD." {
			t.Errorf("%d, %d, %s", last, modSeq, flags)
		}
	}
	must(t, s.rematch(box, 8, []printed{{uid: 41, print: s.prints(box)[0].print}}))
	if _, modSeq := s.carried(box); modSeq != 0 || s.tagged(box) || s.prints(box)[0].flags.digit() != 'S' {
		t.Errorf("%d", modSeq)
	}
	must(t, s.Close())
	text, err := os.ReadFile(path)
	must(t, err)
	if !strings.HasSuffix(string(text), " S\nn 0 0\n") {
		t.Errorf("%s", text)
	}
}
