package fetch

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"posta/fetch/store"
)

// mirrorTest is a download that keeps a store as the server's folder INBOX is.
type mirrorTest struct {
	*imapTest
	spec, dir, state string
	box              *testBox
	folder           string
	lf               bool
}

// newMirrorTest has downloaded messages 1 to 20, of which those above 10 are seen.
func newMirrorTest(t *testing.T, kind string, setUp ...func(*mirrorTest)) *mirrorTest {
	m := prepareMirrorTest(t, kind)
	for _, do := range setUp {
		do(m)
	}
	if lines := m.pull(); len(lines) != 20 || m.err != nil {
		t.Fatalf("%q", lines)
	}
	return m
}

// prepareMirrorTest has not.
func prepareMirrorTest(t *testing.T, kind string) *mirrorTest {
	box := newTestBox(upTo(20)...)
	box.highest = 100
	for _, uid := range box.uids {
		box.modSeq[uid] = 50
		if uid > 10 {
			box.flags[uid] = `\Seen`
		}
	}
	dir := filepath.Join(t.TempDir(), "store")
	m := &mirrorTest{newIMAPTest(t, map[string]*testBox{"INBOX": box}), kind + ":" + dir, dir, filepath.Join(dir, ".posta-state"), box, "INBOX", false}
	kept, err := store.OpenKept(m.spec)
	must(t, err)
	m.run.Mirror = &Mirror{Kept: kept, Flags: kind == "maildir", Deletions: true}
	m.server.condStore = true
	return m
}

// pull is a run of its own, with a line for each arrival, in order.
func (m *mirrorTest) pull() []string {
	m.t.Helper()
	must(m.t, os.MkdirAll(m.dir, 0o700))
	state, err := OpenIMAPState(m.state, "imap-u@h")
	must(m.t, err)
	st, err := store.Open(m.spec, nil, store.Options{Journal: state, LF: m.lf})
	must(m.t, err)
	must(m.t, state.Settle(st.Holds))
	m.run.State, m.run.Stores = state, []store.Store{st}
	m.server.set(func() { m.server.turns = 0 })
	m.err = nil
	var lines []string
	for a, err := range m.run.Run(m.t.Context(), []Folder{{Name: m.folder}}) {
		if err != nil {
			m.err = err
			break
		}
		m.got = append(m.got, a)
		line := strings.TrimSpace(fmt.Sprint(a.Name(), " ", a.Change))
		if a.Change == FlagsChanged {
			line += " " + a.Flags.Letters()
		}
		if a.Err != nil {
			line += ": " + a.Err.Error()
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	must(m.t, st.Close())
	must(m.t, state.Close())
	slices.Sort(lines)
	return lines
}

// files are what is in the store: UID, folder and letters of each file that has a whole message, in order.
func (m *mirrorTest) files() (list []string) {
	m.t.Helper()
	err := filepath.WalkDir(m.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		text, err := os.ReadFile(path)
		n := number(string(text))
		if string(text) != testText(n) {
			m.t.Errorf("%s is not whole", path)
		}
		_, letters, _ := strings.Cut(d.Name(), ":2,")
		list = append(list, fmt.Sprintf("%02d %s %s", n, filepath.Base(filepath.Dir(path)), letters))
		return err
	})
	must(m.t, err)
	slices.Sort(list)
	return list
}

// number is that of a text of testText.
func number(text string) (n uint32) {
	_, subject, _ := strings.Cut(text, "Subject: ")
	fmt.Sscan(subject, &n)
	return n
}

// file is the only one of a message.
func (m *mirrorTest) file(n uint32) string {
	m.t.Helper()
	found := ""
	filepath.WalkDir(m.dir, func(path string, d os.DirEntry, err error) error {
		if text, _ := os.ReadFile(path); err == nil && !d.IsDir() && d.Name()[0] != '.' && number(string(text)) == n {
			found = path
		}
		return err
	})
	return found
}

// expect fails unless the store has the messages of the server's folder, with these flags where they are other ones than there.
func (m *mirrorTest) expect(other map[uint32]string) {
	m.t.Helper()
	var want []string
	for _, uid := range m.box.uids {
		var flags store.Flags
		for _, f := range strings.Fields(m.box.flags[uid]) {
			flags |= store.ParseFlag(f)
		}
		letters, sub := flags.Letters(), "new"
		if l, ok := other[uid]; ok {
			letters = l
		}
		if letters != "" || m.box.modSeq[uid] > 50 {
			sub = "cur"
		}
		want = append(want, fmt.Sprintf("%02d %s %s", number(m.box.text[uid]), sub, letters))
	}
	slices.Sort(want)
	if got := m.files(); !slices.Equal(got, want) {
		m.t.Errorf("the store has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestMirror: what changes on the server does so in the Maildir, in the turn that brings what is new: with CONDSTORE or without, of
// servers that do one thing after the other or all at once.
func TestMirror(t *testing.T) {
	for _, condStore := range []bool{true, false} {
		for _, sideBySide := range []bool{true, false} {
			t.Run(fmt.Sprintf("CONDSTORE %v, side by side %v", condStore, sideBySide), func(t *testing.T) {
				m := newMirrorTest(t, "maildir", func(m *mirrorTest) { m.server.condStore, m.server.sideBySide = condStore, sideBySide })
				m.expect(nil)
				sameLines(t, m.pull())
				turns := m.server.turned()
				m.server.set(func() {
					m.box.mark(1, `\Flagged $Forwarded other`)
					m.box.mark(2, `\Seen \Answered`)
					m.box.mark(11, ``)
					m.box.mark(12, `\Seen \Deleted \Draft`)
					m.box.mark(13, `\Seen other`)
					m.box.expunge(5)
					m.box.expunge(15)
					m.box.add(25, testText(25))
					m.box.mark(25, `\Seen`)
				})
				m.run.DryRun = true
				changes := []string{"INBOX 1 flags FP", "INBOX 11 flags", "INBOX 12 flags DST", "INBOX 15 deleted", "INBOX 2 flags RS"}
				rest := []string{"INBOX 25", "INBOX 5 deleted"}
				sameLines(t, m.pull(), append(changes, rest...)...)
				m.run.DryRun = false
				sameLines(t, m.pull(), append(changes, rest...)...)
				if n := m.server.turned(); n != turns {
					t.Errorf("%d turns instead of %d", n, turns)
				}
				m.expect(nil)
				sameLines(t, m.pull())
			})
		}
	}
}

// TestMirrorMarks: marks that were made in the Maildir stay where the server's did not change, and what has no file any more is
// no error.
func TestMirrorMarks(t *testing.T) {
	for _, condStore := range []bool{true, false} {
		m := newMirrorTest(t, "maildir", func(m *mirrorTest) { m.server.condStore = condStore })
		rename := func(n uint32, letters string) {
			path := m.file(n)
			base, _, _ := strings.Cut(filepath.Base(path), ":")
			must(t, os.Rename(path, filepath.Join(m.dir, "cur", base+":2,"+letters)))
		}
		rename(1, "S")   // read
		rename(2, "Sab") // with keywords
		rename(3, "FS")
		rename(11, "")
		rename(12, "RS")
		must(t, os.Remove(m.file(4)))
		must(t, os.Remove(m.file(14)))
		must(t, os.Rename(m.file(6), filepath.Join(t.TempDir(), "moved")))
		m.server.set(func() {
			m.box.mark(1, `\Flagged`)
			m.box.mark(2, `\Flagged`)
			m.box.mark(4, `\Flagged`)
			m.box.mark(12, ``)
			m.box.expunge(6)
			m.box.expunge(14)
		})
		sameLines(t, m.pull(), "INBOX 1 flags FS", "INBOX 12 flags R", "INBOX 2 flags FS")
		sameLines(t, m.pull())
		m.server.set(func() { m.box.expunge(4) })
		sameLines(t, m.pull())
		for n, want := range map[uint32]string{1: "FS", 2: "FSab", 3: "FS", 11: "", 12: "R"} {
			if path := m.file(n); !strings.HasSuffix(path, ":2,"+want) || filepath.Base(filepath.Dir(path)) != "cur" {
				t.Errorf("%d is %s, want %s", n, path, want)
			}
		}
		m.server.set(func() { m.box.mark(1, ``) })
		sameLines(t, m.pull(), "INBOX 1 flags S")
		if m.err != nil {
			t.Error(m.err)
		}
	}
}

// TestMirrorHalf: what was not asked for is not carried over, and comes with the run that asks for it.
func TestMirrorHalf(t *testing.T) {
	m := newMirrorTest(t, "maildir")
	m.server.set(func() {
		m.box.mark(1, `\Flagged`)
		m.box.expunge(2)
	})
	whole := m.run.Mirror
	m.run.Mirror = nil
	sameLines(t, m.pull())
	m.run.Mirror = &Mirror{Kept: whole.Kept, Flags: true}
	sameLines(t, m.pull(), "INBOX 1 flags F")
	m.run.Mirror = &Mirror{Kept: whole.Kept, Deletions: true}
	m.server.set(func() { m.box.mark(1, ``) })
	sameLines(t, m.pull(), "INBOX 2 deleted")
	m.run.Mirror = whole
	sameLines(t, m.pull(), "INBOX 1 flags")
	m.expect(nil)
}

// TestMirrorManyRanges: where UIDs are many ranges, they are listed only when the number of messages says that some are gone.
func TestMirrorManyRanges(t *testing.T) {
	m := newMirrorTest(t, "maildir")
	state, err := os.OpenFile(m.state, os.O_WRONLY|os.O_APPEND, 0)
	must(t, err)
	m.server.set(func() {
		for uid := uint32(101); uid < 101+2*mostListed; uid += 2 {
			m.box.add(uid, "")
			fmt.Fprintf(state, "+ 0 %d %012d A\n", uid, uid)
		}
		fmt.Fprintf(state, "n 0 %d\n", m.box.next)
	})
	must(t, state.Close())
	listed := func(want bool) {
		t.Helper()
		got := strings.Contains(strings.Join(m.server.said(), "\n"), "RETURN (ALL) ALL")
		if m.server.set(func() { m.server.heard = nil }); got != want || m.err != nil {
			t.Errorf("listed: %v, want %v, %v", got, want, m.err)
		}
	}
	listed(false) // there was nothing to be followed
	sameLines(t, m.pull())
	listed(false)
	m.server.set(func() {
		m.box.add(50_000, testText(50_000))
		m.box.mark(1, `\Flagged`)
	})
	sameLines(t, m.pull(), "INBOX 1 flags F", "INBOX 50000")
	listed(false)
	m.server.set(func() {
		m.box.expunge(7)
		m.box.expunge(103)
	})
	sameLines(t, m.pull(), "INBOX 7 deleted")
	listed(true)
	sameLines(t, m.pull())
	listed(false)
}
