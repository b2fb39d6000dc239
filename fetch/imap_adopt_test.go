package fetch

import (
	"bytes"
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// renumber gives the server's messages UIDs that are greater by 100, and another UIDVALIDITY.
func (m *mirrorTest) renumber() {
	m.renew(m.box.validity+1, func(uid uint32) uint32 { return uid + 100 })
}

// renew gives the server's messages other UIDs.
func (m *mirrorTest) renew(validity uint32, other func(uid uint32) uint32) {
	m.server.set(func() {
		old := *m.box
		fresh := newTestBox()
		fresh.validity, fresh.highest = validity, 100
		slices.SortFunc(old.uids, func(a, b uint32) int { return cmp.Compare(other(a), other(b)) })
		for _, uid := range old.uids {
			fresh.add(other(uid), old.text[uid])
			fresh.flags[other(uid)], fresh.modSeq[other(uid)] = old.flags[uid], 50
		}
		*m.box = *fresh
	})
}

// TestMirrorUIDsReused: the same UIDs are other messages': UIDNEXT becomes less, or UIDVALIDITY is what it was before it changed. No
// file is taken for another's.
func TestMirrorUIDsReused(t *testing.T) {
	for _, kind := range []string{"maildir", "dir"} {
		for _, between := range []bool{false, true} {
			m := newMirrorTest(t, kind)
			m.server.set(func() { m.box.expunge(20) })
			m.pull()
			if between {
				m.renew(8, func(uid uint32) uint32 { return 30 - uid })
				sameLines(t, m.pull())
			}
			m.renew(7, func(uid uint32) uint32 { return (uid+7)%19 + 1 })
			sameLines(t, m.pull())
			gone := number(m.box.text[5])
			m.server.set(func() { m.box.expunge(5) })
			sameLines(t, m.pull(), "INBOX 5 deleted")
			sameLines(t, m.pull())
			if n := len(m.files()); m.file(gone) != "" || n != 18 || m.err != nil {
				t.Errorf("%s %v: %d files, %v", kind, between, n, m.err)
			}
			if kind == "dir" {
				continue
			}
			flagged := number(m.box.text[6])
			m.server.set(func() { m.box.mark(6, m.box.flags[6]+` \Flagged`) })
			m.pull()
			if path := m.file(flagged); !strings.Contains(path, ":2,F") {
				t.Errorf("%d is %s", flagged, path)
			}
		}
	}
}

// TestMirrorRenumbered: UIDVALIDITY has changed. Files are found by their content when something changes, and flags that
// changed meanwhile are known, too.
func TestMirrorRenumbered(t *testing.T) {
	for _, lf := range []bool{false, true} {
		m := newMirrorTest(t, "maildir", func(m *mirrorTest) { m.lf = lf })
		m.renumber()
		m.server.set(func() { m.box.flags[101] = `\Flagged` })
		sameLines(t, m.pull(), "INBOX 101 flags F")
		m.server.set(func() {
			m.box.mark(102, `\Flagged`)
			m.box.expunge(103)
		})
		m.run.DryRun = true
		sameLines(t, m.pull(), "INBOX 102 flags F", "INBOX 103 deleted")
		m.run.DryRun = false
		sameLines(t, m.pull(), "INBOX 102 flags F", "INBOX 103 deleted")
		sameLines(t, m.pull())
		if got := glob(m.dir + "/*/*,P=*.8.1*"); len(got) != 19 {
			t.Errorf("%d of 19 files are called after their new UIDs", len(got))
		}
		m.renumber()
		m.server.set(func() { m.box.expunge(205) }) // who knows why: it is not told from what was lost
		sameLines(t, m.pull())
		m.server.set(func() { m.box.expunge(204) })
		m.run.DryRun = true
		sameLines(t, m.pull(), "INBOX 204 deleted")
		m.run.DryRun = false
		sameLines(t, m.pull(), "INBOX 204 deleted")
	}
}

// TestMirrorOfEarlierVersion: neither state nor names say what they would say now.
func TestMirrorOfEarlierVersion(t *testing.T) {
	for _, condStore := range []bool{true, false} {
		m := newMirrorTest(t, "maildir", func(m *mirrorTest) { m.server.condStore = condStore })
		for _, path := range append(glob(m.dir+"/new/*"), glob(m.dir+"/cur/*")...) {
			must(t, os.Rename(path, regexp.MustCompile(",P=[^:]*").ReplaceAllString(path, "")))
		}
		text, err := os.ReadFile(m.state)
		must(t, err)
		text = regexp.MustCompile("(?m)^[mt].*\n").ReplaceAll(text, nil)
		text = regexp.MustCompile("(?m)^([+?].*) .$").ReplaceAll(text, []byte("$1"))
		must(t, os.WriteFile(m.state, text, 0o600))
		must(t, os.WriteFile(filepath.Join(m.dir, "new", "1.2.host"), []byte(testText(3)), 0o600)) // another program's
		m.server.set(func() {
			m.box.mark(1, `\Flagged`)
			m.box.mark(12, ``) // what was known of its flags is not known: nothing is taken away
			m.box.expunge(2)
			m.box.expunge(3)
		})
		sameLines(t, m.pull(), "INBOX 1 flags F", "INBOX 2 deleted", "INBOX 3 deleted")
		sameLines(t, m.pull())
		if text, err := os.ReadFile(filepath.Join(m.dir, "new", "1.2.host")); err != nil || string(text) != testText(3) {
			t.Error("another program's file is gone")
		}
		m.server.set(func() { m.box.mark(12, `\Flagged`) })
		sameLines(t, m.pull(), "INBOX 12 flags FS")
	}
}

// TestMirrorAlike: of messages that are alike files can be told as long as their names say whose they are. Where these say nothing
// any more, none is touched, nor is what a user copied.
func TestMirrorAlike(t *testing.T) {
	m := newMirrorTest(t, "maildir", func(m *mirrorTest) { m.box.text[7] = m.box.text[6] })
	m.server.set(func() {
		m.box.expunge(6)
		m.box.add(30, testText(6))
	})
	sameLines(t, m.pull(), "INBOX 30", "INBOX 6 deleted")
	m.renumber() // 7 and 30
	sameLines(t, m.pull())
	m.server.set(func() { m.box.expunge(107) })
	sameLines(t, m.pull())
	if n := len(glob(m.dir + "/new/*")); n != 10 {
		t.Errorf("%d files", n)
	}

	m = newMirrorTest(t, "maildir")
	m.renumber()
	path := m.file(8)
	must(t, os.Link(path, strings.Replace(path, "Q8_", "Q88_", 1)))
	sameLines(t, m.pull())
	m.server.set(func() {
		m.box.expunge(108)
		m.box.expunge(109)
	})
	sameLines(t, m.pull(), "INBOX 109 deleted")
	if n := len(glob(m.dir + "/new/*")); n != 10 {
		t.Errorf("%d files", n)
	}
}

// TestMirrorTwoFolders: files of another folder in the same Maildir are left alone, though UIDs, UIDVALIDITY and content agree.
func TestMirrorTwoFolders(t *testing.T) {
	m := newMirrorTest(t, "maildir")
	m.server.set(func() {
		twin := *m.box
		m.server.boxes["twin"] = &twin
	})
	m.folder = "twin"
	if n := len(m.pull()); n != 20 {
		t.Fatalf("%d came", n)
	}
	m.folder = "INBOX"
	m.server.set(func() {
		m.box.expunge(6)
		m.box.mark(7, `\Flagged`)
	})
	sameLines(t, m.pull(), "INBOX 6 deleted", "INBOX 7 flags F")
	if all, flagged := len(m.files()), len(glob(m.dir+"/cur/*:2,F")); all != 39 || flagged != 1 {
		t.Errorf("%d files, %d flagged", all, flagged)
	}
}

// TestMirrorDir: a directory's files go by name and content.
func TestMirrorDir(t *testing.T) {
	for _, lf := range []bool{false, true} {
		m := newMirrorTest(t, "dir", func(m *mirrorTest) { m.lf = lf })
		must(t, os.WriteFile(filepath.Join(m.dir, "6.eml"), []byte("Subject: mine\r\n\r\n"), 0o600))
		must(t, os.Rename(filepath.Join(m.dir, "7.eml"), filepath.Join(m.dir, "7~2.eml")))
		must(t, os.Remove(filepath.Join(m.dir, "8.eml")))
		m.server.set(func() {
			for _, uid := range []uint32{5, 6, 7, 8} {
				m.box.expunge(uid)
			}
			m.box.mark(9, `\Flagged`)
		})
		sameLines(t, m.pull(), "INBOX 5 deleted", "INBOX 7 deleted")
		sameLines(t, m.pull())
		m.renumber()
		sameLines(t, m.pull())
		m.server.set(func() { m.box.expunge(110) })
		sameLines(t, m.pull(), "INBOX 110 deleted")
		sameLines(t, m.pull())
		if len(glob(m.dir+"/*.eml")) != 16 || len(glob(m.dir+"/111.eml")) != 1 || m.err != nil {
			t.Errorf("%q %v", glob(m.dir+"/*.eml"), m.err)
		}
		m.server.set(func() { m.box.expunge(111) })
		sameLines(t, m.pull(), "INBOX 111 deleted")
	}
}

// TestFilePrints: a file's fingerprints are those of its message on the server, as it is or with LF.
func TestFilePrints(t *testing.T) {
	for _, text := range []string{
		"", "\r\n", "A: b\r\n", "A: b\r\n\r\n", "A: b\r\n\r\nbody\r\nmore", "\r\nbody\r\n", testText(30),
		"A: " + strings.Repeat("x", 40_000) + "\r\nB: c\r\n\r\n" + strings.Repeat("body\r\n", 20_000), "A: " + strings.Repeat("x\r\n ", 40_000),
	} {
		var h headerPrint
		h.write([]byte(text))
		want := h.of(int64(len(text)), 0)
		for _, stored := range [][]byte{[]byte(text), bytes.ReplaceAll([]byte(text), []byte("\r\n"), []byte("\n"))} {
			path := filepath.Join(t.TempDir(), "x")
			must(t, os.WriteFile(path, stored, 0o600))
			var p filePrints
			got := p.of(path)
			if len(got) == 0 || got[len(got)-1] != want {
				t.Errorf("%.20q: %v, want %v", stored, got, want)
			}
			if other := p.of(path + "none"); other != nil {
				t.Errorf("%v", other)
			}
		}
	}
}
