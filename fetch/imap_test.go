package fetch

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
	"posta/fetch/store"
)

func upTo(n uint32) (list []uint32) {
	for i := range n {
		list = append(list, i+1)
	}
	return list
}

func sameLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestIMAPTurns counts how often a download waits for the server before it says more: for the greeting, the login, and then for
// folders. The last wait is not counted, since LOGOUT alone comes after it.
func TestIMAPTurns(t *testing.T) {
	box := newTestBox(upTo(1000)...)
	boxes := map[string]*testBox{"INBOX": box}
	var folders []string
	for i := range 20 {
		name := "folder" + string(rune('a'+i))
		boxes[name] = newTestBox(upTo(100)...)
		folders = append(folders, name)
	}
	x := newIMAPTest(t, boxes)
	for _, step := range []struct {
		what    string
		folders []string
		do      func()
		want    int // messages
		turns   int
	}{
		{"all of a folder", []string{"INBOX"}, func() {}, 1000, 2},
		{"nothing new", []string{"INBOX"}, func() {}, 0, 2},
		{"ten new, five gone", []string{"INBOX"}, func() {
			box.uids = box.uids[5:]
			for i := range uint32(10) {
				box.add(1001+i, testText(1001+i))
			}
		}, 10, 2},
		{"twenty folders", folders, func() {}, 2000, 2},
		{"nothing new in any", folders, func() {}, 0, 2},
		{"by a query", []string{"foldera"}, func() { x.run.State, x.run.Query = NewIMAPState(), imap.Raw("ALL"); x.shelf.state = x.run.State }, 100, 3},
	} {
		x.server.set(func() {
			step.do()
			x.server.turns = 0
		})
		if got := x.get(step.folders...); len(got) != step.want || x.err != nil {
			t.Errorf("%s: %d arrivals, want %d: %.200q", step.what, len(got), step.want, got)
		}
		if x.server.turned() != step.turns {
			t.Errorf("%s: %d turns, want %d", step.what, x.server.turned(), step.turns)
		}
	}
}

func TestIMAPWhatIsAskedFor(t *testing.T) {
	all := goimap.UIDSet{{Start: 1, Stop: 10}}
	for _, c := range []struct {
		name string
		set  func(*IMAP)
		want []string
	}{
		{"UIDs", func(r *IMAP) { r.UIDs = goimap.UIDSetNum(2, 4) }, []string{"INBOX 2", "INBOX 4"}},
		{
			"one that is not there", func(r *IMAP) { r.UIDs, r.Named = goimap.UIDSetNum(2, 9), goimap.UIDSetNum(2, 9) },
			[]string{"INBOX 2", "INBOX 9: there is no such message"},
		},
		{"a range beyond the end", func(r *IMAP) { r.UIDs = goimap.UIDSet{{Start: 3, Stop: lastUID}} }, []string{"INBOX 3", "INBOX 4"}},
		{"the last", func(r *IMAP) { r.UIDs = goimap.UIDSet{{}} }, nil},
		{"sizes", func(r *IMAP) { r.MaxSize = int64(len(testText(1))) }, []string{"INBOX 2 left", "INBOX 3 left", "INBOX 4 left", "INBOX 1"}},
		{"a dry run", func(r *IMAP) { r.DryRun = true; r.UIDs = all }, []string{"INBOX 1", "INBOX 2", "INBOX 3", "INBOX 4"}},
		{"one of several UIDs", func(r *IMAP) { r.Single, r.UIDs = true, goimap.UIDSetNum(2, 3) }, []string{"end: more than one message"}},
		{"one of UIDs that are not there", func(r *IMAP) { r.Single, r.UIDs = true, goimap.UIDSetNum(2, 9) }, []string{"INBOX 2"}},
		{"one of many", func(r *IMAP) { r.Single, r.Query = true, imap.Raw("ALL") }, []string{"end: more than one message"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newIMAPTest(t, map[string]*testBox{"INBOX": newTestBox(1, 2, 3, 4)})
			c.set(&x.run)
			sameLines(t, x.get("INBOX"), c.want...)
			if x.run.DryRun && len(x.shelf.texts) > 0 {
				t.Error("something is stored")
			}
		})
	}
}

// TestIMAPItemsInAnyOrder: RFC 9051 §7.5.2 has no order; the UID may come after the content.
func TestIMAPItemsInAnyOrder(t *testing.T) {
	box := newTestBox(1, 2, 3)
	box.flags[2] = `\Seen $Forwarded`
	x := newIMAPTest(t, map[string]*testBox{"INBOX": box})
	x.server.set(func() { x.server.late = true })
	sameLines(t, x.get("INBOX"), "INBOX 1", "INBOX 2", "INBOX 3")
	x.holds(1, 2, 3)
	sameLines(t, x.get("INBOX"))
}

// TestIMAPUnasked: what the server tells of its own accord, sends twice or unasked, is not stored.
func TestIMAPUnasked(t *testing.T) {
	box := newTestBox(1, 2, 3)
	box.extra[1] = "* 1 FETCH (FLAGS (\\Seen) UID 1)\r\n* 3 FETCH (UID 77 BODY[] {3}\r\nabc)\r\n* OK still here\r\n* 5 EXISTS\r\n"
	box.extra[3] = "* 2 FETCH (BODY[] {3}\r\nabc UID 2)\r\n* 2 FETCH (UID 2 BODY[] {3}\r\nabc)\r\n* 9 FETCH (BODY[] {3}\r\nabc)\r\n"
	x := newIMAPTest(t, map[string]*testBox{"INBOX": box})
	x.run.UIDs = goimap.UIDSet{{Start: 1, Stop: 3}}
	sameLines(t, x.get("INBOX"), "INBOX 1", "INBOX 2", "INBOX 3")
	x.holds(1, 2, 3)
}

// TestIMAPFlagsAfterwards: flags are set on the server in one command, for what is stored.
func TestIMAPFlagsAfterwards(t *testing.T) {
	box := newTestBox(1, 2, 3)
	box.no[2] = "NO not this one"
	x := newIMAPTest(t, map[string]*testBox{"INBOX": box})
	x.run.Flags = []goimap.Flag{goimap.FlagSeen}
	sameLines(t, x.get("INBOX"), "INBOX 1", "INBOX 3", "INBOX 2: UID FETCH: NO not this one")
	heard := x.server.said()
	i := slices.IndexFunc(heard, func(line string) bool { return strings.Contains(line, "STORE") })
	if i < 0 || !strings.HasSuffix(heard[i], `UID STORE 1,3 +FLAGS.SILENT (\Seen)`) || !strings.Contains(heard[i-1], "SELECT") {
		t.Errorf("%q", heard)
	}
}

// TestIMAPConnections: several connections share the folders, unless the names differ in case alone.
func TestIMAPConnections(t *testing.T) {
	boxes := map[string]*testBox{}
	var names []string
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		boxes[name] = newTestBox(upTo(5)...)
		names = append(names, name)
	}
	boxes["A"] = newTestBox(1)
	x := newIMAPTest(t, boxes)
	for range 2 {
		x.run.Stores = append(x.run.Stores, &shelf{state: x.run.State})
	}
	var all sync.WaitGroup // none begins before each has folders
	all.Add(3)
	x.run.Dial = func(ctx context.Context) (*imap.Client, error) {
		all.Done()
		all.Wait()
		return x.server.dial(ctx)
	}
	if got := x.get(names...); len(got) != 40 || x.server.conns.Load() != 3 {
		t.Errorf("%d messages over %d connections", len(got), x.server.conns.Load())
	}
	if n := x.run.State.Len(); n != 40 {
		t.Errorf("%d are known", n)
	}
	x.server.conns.Store(0)
	x.run.Dial = x.server.dial
	if got := x.get(append(names, "A")...); len(got) != 1 || x.server.conns.Load() != 1 {
		t.Errorf("%d messages over %d connections", len(got), x.server.conns.Load())
	}
}

func TestIMAPFlagsOfMaildir(t *testing.T) {
	m := &imap.Message{Flags: []goimap.Flag{`\SEEN`, goimap.FlagAnswered, "$Forwarded", `\Recent`, "other"}}
	if got := flagsOf(m); got != store.Seen|store.Replied|store.Passed {
		t.Errorf("%s", got.Letters())
	}
}

// TestIMAPParts: a part comes behind its own header, or an empty line.
func TestIMAPParts(t *testing.T) {
	for _, c := range []struct{ name, mime, part, want string }{
		{"both", "{6}\r\nA: b\r\n", "{4}\r\ntext", "A: b\r\ntext"},
		{"no header", "NIL", "{4}\r\ntext", "\r\ntext"},
		{"an empty part", "{6}\r\nA: b\r\n", `""`, "A: b\r\n"},
		{"none", "NIL", "NIL", ""},
		{"none, as others say it", `""`, `""`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			box := newTestBox(1)
			box.extra[1] = "* 1 FETCH (UID 1 RFC822.SIZE 99 BODY[2.MIME] " + c.mime + " BODY[2] " + c.part + ")\r\n"
			box.omit[1] = true
			x := newIMAPTest(t, map[string]*testBox{"INBOX": box})
			x.run.Sections = []string{"2.MIME", "2"}
			lines := x.get("INBOX")
			switch {
			case c.want == "":
				sameLines(t, lines, "INBOX 1: the server sent nothing of it")
			case len(x.shelf.texts) != 1 || x.shelf.texts[0] != c.want:
				t.Errorf("%q, %q", lines, x.shelf.texts)
			}
			if heard := strings.Join(x.server.said(), "\n"); !strings.Contains(heard, "BODY.PEEK[2.MIME] BODY.PEEK[2])") {
				t.Error(heard)
			}
		})
	}
}
