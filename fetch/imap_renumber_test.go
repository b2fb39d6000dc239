package fetch

import (
	"path/filepath"
	"strings"
	"testing"
)

// renumbering is what may become of a mailbox of twenty messages, and what comes of it then.
type renumbering struct {
	name  string
	renew func(b *testBox)
	want  []string
}

func renumberings() []renumbering {
	return []renumbering{
		{"other UIDs", func(b *testBox) {
			b.uids, b.next, b.validity = nil, 0, 8
			for _, uid := range upTo(20) {
				b.add(uid+100, testText(uid))
			}
			b.add(150, testText(21))
		}, []string{"INBOX 150"}},
		{"the same UIDs for others", func(b *testBox) {
			b.uids, b.next, b.validity = nil, 0, 8
			for _, uid := range upTo(20) {
				b.add(uid, testText(uid+5))
			}
		}, []string{"INBOX 16", "INBOX 17", "INBOX 18", "INBOX 19", "INBOX 20"}},
		{"UIDNEXT has become less", func(b *testBox) {
			b.uids, b.next = nil, 0
			b.add(1, testText(20))
			b.add(2, testText(30))
		}, []string{"INBOX 2"}},
		{"two alike", func(b *testBox) {
			b.uids, b.next, b.validity = nil, 0, 9
			b.add(1, testText(20))
			b.add(2, testText(20))
		}, []string{"INBOX 2"}},
		{"empty", func(b *testBox) { b.uids, b.next, b.validity = nil, 1, 9 }, nil},
	}
}

// TestIMAPRenumbered: UIDVALIDITY has changed. What is stored is found again by its header and size; UIDs that are reused
// for others do not hide these.
func TestIMAPRenumbered(t *testing.T) {
	for _, c := range renumberings() {
		t.Run(c.name, func(t *testing.T) {
			box := newTestBox(upTo(20)...)
			x := newIMAPTest(t, map[string]*testBox{"INBOX": box, "other": newTestBox(40)})
			path := filepath.Join(t.TempDir(), "state")
			state, err := OpenIMAPState(path, "imap-u@h")
			must(t, err)
			x.run.State, x.shelf.state = state, state
			x.get("INBOX", "other")
			x.server.set(func() { c.renew(box) })
			sameLines(t, x.get("INBOX", "other"), c.want...)
			sameLines(t, x.get("INBOX", "other"))
			must(t, state.Close())
			state, err = OpenIMAPState(path, "imap-u@h")
			must(t, err)
			defer state.Close()
			x.run.State, x.shelf.state = state, state
			sameLines(t, x.get("INBOX", "other"))
		})
	}
}

// TestIMAPRenumberedMeanwhile: it changes while the download is interrupted, and all the time.
func TestIMAPRenumberedMeanwhile(t *testing.T) {
	box := newTestBox(upTo(20)...)
	box.bye[11] = 1
	x := newIMAPTest(t, map[string]*testBox{"INBOX": box})
	x.server.set(func() {
		x.server.hook = func(s *testServer, command string) {
			if s.conns.Load() == 2 && box.validity == 7 {
				box.uids, box.next, box.validity = nil, 0, 8
				for _, uid := range upTo(20) {
					box.add(uid+200, testText(uid))
				}
			}
		}
	})
	lines := x.get("INBOX")
	if x.err != nil {
		t.Errorf("%q", lines)
	}
	x.holds(upTo(20)...)
	x.server.set(func() {
		x.server.hook = func(_ *testServer, command string) {
			if strings.Contains(command, "EXAMINE") {
				box.validity++
			}
		}
	})
	if lines := x.get("INBOX"); len(lines) != 1 || !strings.Contains(lines[0], "UIDVALIDITY") {
		t.Errorf("%q", lines)
	}
	x.holds(upTo(20)...)
}
