package fetch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"posta/fetch/store"
)

// change changes the server's folder: flags, deletions and what is new.
func (m *mirrorTest) change() {
	m.server.set(func() {
		m.box.mark(1, `\Flagged`)
		m.box.mark(12, ``)
		m.box.expunge(3)
		m.box.expunge(13)
		m.box.add(25, testText(25))
		m.box.mark(25, `\Seen`)
	})
}

// unharmed fails unless all files of what the server still has are there.
func (m *mirrorTest) unharmed() {
	m.t.Helper()
	have := map[uint32]bool{}
	for _, line := range m.files() {
		var n uint32
		fmt.Sscanf(line, "%d", &n)
		have[n] = true
	}
	for _, uid := range m.box.uids {
		if uid <= 20 && !have[number(m.box.text[uid])] {
			m.t.Errorf("%d is not there any more", uid)
		}
	}
}

// TestMirrorCutEverywhere cuts connections after so many octets: nothing is removed that the server still has, and the next
// run does the rest.
func TestMirrorCutEverywhere(t *testing.T) {
	step := 12
	if testing.Short() {
		step = 92
	}
	for first := range 4 {
		for _, condStore := range []bool{true, false} {
			t.Run(fmt.Sprintf("CONDSTORE %v, from %d", condStore, first), func(t *testing.T) {
				t.Parallel()
				begun := newMirrorTest(t, "maildir").dir
				for n := 1 + first*step/4; !mirrorCut(t, begun, condStore, n); n += step {
				}
			})
		}
	}
}

// mirrorCut cuts connections after n octets, for a store that is as in begun. It is true when that was enough for all.
func mirrorCut(t *testing.T, begun string, condStore bool, n int) bool {
	m := prepareMirrorTest(t, "maildir")
	m.server.condStore = condStore
	must(t, os.CopyFS(m.dir, os.DirFS(begun)))
	m.change()
	m.server.cutAfter(n, 0)
	m.pull()
	m.unharmed()
	whole := m.err == nil
	m.server.cutAfter(0, 0)
	m.pull()
	m.expect(nil)
	sameLines(t, m.pull())
	if m.err != nil || t.Failed() {
		t.Fatalf("after %d octets: %v", n, m.err)
	}
	return whole
}

// TestMirrorEvidence: nothing is deleted but on complete evidence, whatever the server says instead of it.
func TestMirrorEvidence(t *testing.T) {
	const listing = "INBOX: the server broke the protocol: it does not list all messages, and nothing is deleted"
	for _, c := range []struct {
		name string
		do   func(m *mirrorTest)
		want []string
	}{
		{"SEARCH is answered by NO", func(m *mirrorTest) { m.box.noSearch = "NO [SERVERBUG] broken" }, []string{"INBOX: UID SEARCH: NO [SERVERBUG] broken"}},
		{"SEARCH leaves some out", func(m *mirrorTest) { m.box.hidden[4], m.box.hidden[5] = true, true }, []string{listing}},
		{"SEARCH finds nothing", func(m *mirrorTest) {
			for _, uid := range m.box.uids {
				m.box.hidden[uid] = true
			}
		}, []string{listing}},
		{"EXISTS is more than SEARCH finds", func(m *mirrorTest) { m.box.exists = 1 }, []string{listing}},
		{"the folder is gone", func(m *mirrorTest) { delete(m.server.boxes, "INBOX") }, []string{"INBOX: EXAMINE: NO [NONEXISTENT] no such mailbox"}},
		{"the folder is refused", func(m *mirrorTest) { m.box.refused = "NO [NOPERM] no" }, []string{"INBOX: EXAMINE: NO [NOPERM] no"}},
		{"another folder of the name, empty", func(m *mirrorTest) { m.box.uids, m.box.validity, m.box.next = nil, 8, 1 }, nil},
		{"it is made anew with the same UIDVALIDITY", func(m *mirrorTest) { m.box.uids, m.box.next = nil, 1 }, nil},
		{"UIDs do not last", func(m *mirrorTest) {
			m.box.sticky = "* OK [UIDNOTSTICKY] no\r\n"
			m.box.expunge(5)
		}, []string{"INBOX: the server broke the protocol: its UIDs do not last, and nothing of what has come can be followed"}},
		{"messages vanish that are none, and some that are", func(m *mirrorTest) {
			m.box.sticky = "* VANISHED (EARLIER) 1:4294967295\r\n* VANISHED 1:10\r\n* 3 EXPUNGE\r\n"
		}, nil},
		{"flags of what is not there", func(m *mirrorTest) {
			m.box.mark(1, "")
			m.box.extra[1] = "* 9 FETCH (UID 4000 FLAGS (\\Seen))\r\n* 9 FETCH (FLAGS (\\Seen))\r\n* 9 FETCH (UID 2)\r\n* 9 FETCH (UID 3 FLAGS NIL)\r\n" +
				"* 9 FETCH (UID 11 FLAGS NIL)\r\n* 9 FETCH (UID 12 FLAGS \"x\" MODSEQ (5))\r\n* 9 FETCH (UID 5 FLAGS (\\Recent \\* \"a b\" \\X x:2,T ../../T))\r\n"
		}, nil},
		{"flags that change twice", func(m *mirrorTest) {
			m.box.mark(2, "")
			m.box.extra[2] = "* 2 FETCH (UID 1 FLAGS (\\Seen))\r\n* 2 FETCH (UID 1 FLAGS ())\r\n* 2 FETCH (UID 2 FLAGS (\\Seen))\r\n"
		}, nil},
		{"flags are refused", func(m *mirrorTest) { m.box.noFlags = "BAD what" }, []string{"INBOX: UID FETCH: BAD what"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMirrorTest(t, "maildir")
			before := m.files()
			m.server.set(func() { c.do(m) })
			sameLines(t, m.pull(), c.want...)
			if m.err != nil {
				t.Error(m.err)
			}
			if got := m.files(); !slices.Equal(got, before) {
				t.Errorf("the store has %q", got)
			}
		})
	}
}

// TestMirrorCounts: a HIGHESTMODSEQ that is less than it was is of another count, and a mailbox may keep none from now on: then all
// flags are asked for.
func TestMirrorCounts(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(m *mirrorTest)
	}{
		{"less", func(m *mirrorTest) { m.box.highest, m.box.modSeq[1] = 3, 3 }},
		{"none", func(m *mirrorTest) { m.box.highest, m.box.sticky = 0, "* OK [NOMODSEQ] none\r\n" }},
		{"CHANGEDSINCE is refused", func(m *mirrorTest) { m.box.noSince = "BAD what" }},
		{"no CONDSTORE", func(m *mirrorTest) { m.box.highest, m.server.condStore = 0, false }},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMirrorTest(t, "maildir")
			m.server.set(func() {
				c.do(m)
				m.box.flags[1] = `\Flagged`
			})
			sameLines(t, m.pull(), "INBOX 1 flags F")
			sameLines(t, m.pull())
		})
	}
}

// TestMirrorRaced: other programs rename files all the time. Nothing fails, and in the end all is as on the server.
func TestMirrorRaced(t *testing.T) {
	m := newMirrorTest(t, "maildir")
	stop := make(chan struct{})
	var others sync.WaitGroup
	others.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			for _, path := range glob(m.dir + "/cur/*:2,*") {
				other := strings.TrimSuffix(path, "z")
				if other == path {
					other += "z"
				}
				os.Rename(path, other)
			}
		}
	})
	for i := range 30 {
		m.server.set(func() {
			for uid := range uint32(10) {
				m.box.mark(11+uid, []string{`\Seen`, `\Seen \Flagged`}[i%2])
			}
		})
		m.pull()
		if m.err != nil {
			t.Fatal(m.err)
		}
	}
	close(stop)
	others.Wait()
	m.pull()
	for uid := range uint32(10) {
		if path := m.file(11 + uid); !strings.Contains(path, ":2,FS") {
			t.Errorf("%d is %s", 11+uid, path)
		}
	}
}

func glob(pattern string) []string {
	list, _ := filepath.Glob(pattern)
	return list
}

// TestMirrorCannotWrite: a store that cannot be changed ends the run, and the next one does what is left.
func TestMirrorCannotWrite(t *testing.T) {
	m := newMirrorTest(t, "maildir")
	m.change()
	cur := filepath.Join(m.dir, "cur")
	must(t, os.Rename(cur, cur+"-away"))
	must(t, os.WriteFile(cur, nil, 0o600)) // root may write into any folder
	m.pull()
	if m.err == nil {
		t.Error("no error")
	}
	var write *store.WriteError
	if !errors.As(m.err, &write) {
		t.Errorf("%v", m.err)
	}
	must(t, os.Remove(cur))
	must(t, os.Rename(cur+"-away", cur))
	m.pull()
	m.expect(nil)
}
