package fetch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
	"posta/fetch/store"
	"posta/internal/dialer"
	"posta/internal/sasl"
)

// without is the numbers up to n but these.
func without(n uint32, but ...uint32) []uint32 {
	return slices.DeleteFunc(upTo(n), func(i uint32) bool { return slices.Contains(but, i) })
}

// TestIMAPOneOfAHundred: a message that the server does not give keeps no other from coming, and is asked for again by the
// next run.
func TestIMAPOneOfAHundred(t *testing.T) {
	for _, c := range []struct {
		name   string
		broken func(b *testBox)
		want   string // what is said of it
		turns  int    // at most
	}{
		{"NO", func(b *testBox) { b.no[40] = "NO [SERVERBUG] cannot read" }, "UID FETCH: NO [SERVERBUG] cannot read", 3},
		{"BAD", func(b *testBox) { b.no[40] = "BAD what" }, "UID FETCH: BAD what", 3},
		{"left out", func(b *testBox) { b.omit[40] = true }, "the server sent nothing of it", 3},
		{"NIL", func(b *testBox) { b.empty[40] = "NIL" }, "the server sent nothing of it", 3},
		{"empty, though it has a size", func(b *testBox) { b.empty[40] = `""` }, "the server sent nothing of it", 3},
		{"the connection ends before it", func(b *testBox) { b.bye[40] = -1 }, "BYE", 12},
		{"the connection ends in it", func(b *testBox) { b.cut[40] = -1 }, "closed the connection", 12},
		{"two that are refused", func(b *testBox) { b.no[40], b.no[41] = "NO no", "NO no" }, "NO no", 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			box := newTestBox(upTo(100)...)
			c.broken(box)
			x := newIMAPTest(t, map[string]*testBox{"INBOX": box, "other": newTestBox(101)})
			lines := x.get("INBOX", "other")
			i := slices.IndexFunc(lines, func(s string) bool { return strings.HasPrefix(s, "INBOX 40: ") })
			if x.err != nil || i < 0 || !strings.Contains(lines[i], c.want) {
				t.Errorf("%v, %q", x.err, lines)
			}
			failed := []uint32{40}
			if box.no[41] != "" {
				failed = append(failed, 41)
			}
			x.holds(append(without(100, failed...), 101)...)
			if x.server.turned() > c.turns {
				t.Errorf("%d turns", x.server.turned())
			}
			x.server.set(func() { *box = *newTestBox(upTo(100)...) })
			x.shelf.texts = nil
			if lines := x.get("INBOX"); len(lines) != len(failed) {
				t.Errorf("the next run: %q", lines)
			}
			x.holds(failed...)
			sameLines(t, x.get("INBOX"))
		})
	}
}

// TestIMAPManyRefused: a server that refuses every other message does not make it many turns.
func TestIMAPManyRefused(t *testing.T) {
	box := newTestBox(upTo(200)...)
	for i := range uint32(100) {
		box.no[2*i+1] = "NO no"
	}
	x := newIMAPTest(t, map[string]*testBox{"INBOX": box})
	x.get("INBOX")
	if len(x.shelf.texts) != 100 || x.err != nil {
		t.Errorf("%d stored, %v", len(x.shelf.texts), x.err)
	}
	if x.server.turned() > 110 {
		t.Errorf("%d turns", x.server.turned())
	}
}

// TestIMAPSizeNotKept: the literal decides, whatever RFC822.SIZE says.
func TestIMAPSizeNotKept(t *testing.T) {
	box := newTestBox(1, 2)
	box.size[1], box.size[2] = 5, 5_000_000
	x := newIMAPTest(t, map[string]*testBox{"INBOX": box})
	sameLines(t, x.get("INBOX"), "INBOX 1", "INBOX 2")
	x.holds(1, 2)
}

// TestIMAPExpunged: what another client removes while it is fetched is not there, and nothing failed.
func TestIMAPExpunged(t *testing.T) {
	box := newTestBox(upTo(10)...)
	box.extra[3] = "* 3 FETCH (UID 3 BODY[] NIL)\r\n* 3 EXPUNGE\r\n"
	box.omit[3] = true
	x := newIMAPTest(t, map[string]*testBox{"INBOX": box})
	x.server.set(func() {
		x.server.hook = func(s *testServer, command string) {
			if strings.Contains(command, "SEARCH") {
				s.boxes["INBOX"].expunge(3)
			}
		}
	})
	if lines := x.get("INBOX"); len(lines) != 9 || x.err != nil {
		t.Errorf("%q", lines)
	}
	x.holds(without(10, 3)...)
}

// TestIMAPCutEverywhere cuts the first connections after so many octets: the rest comes over the
// next, no message is there in part or twice, and a later run has nothing to do.
func TestIMAPCutEverywhere(t *testing.T) {
	step := 3
	if testing.Short() {
		step = 17
	}
	for n := 1; ; n += step {
		boxes := map[string]*testBox{"a": newTestBox(1, 2, 3), "b": newTestBox(4, 5)}
		x := newIMAPTest(t, boxes)
		x.server.cutAfter(n, 2)
		lines := x.get("a", "b")
		if x.err != nil && n > 200 {
			t.Fatalf("%d octets: %q", n, lines)
		}
		if x.err != nil { // the login itself was cut, and nobody goes on
			x.server.cutAfter(0, 0)
			x.get("a", "b")
		}
		x.holds(1, 2, 3, 4, 5)
		sameLines(t, x.get("a", "b"))
		if t.Failed() {
			t.Fatalf("after %d octets: %q", n, lines)
		}
		if !slices.Contains(lines, "again") && x.err == nil && n > 200 {
			break // it was long enough for all
		}
	}
}

// TestIMAPGivesUp: connections that bring nothing are made five times, each after a longer time. The error is that of the last.
func TestIMAPGivesUp(t *testing.T) {
	x := newIMAPTest(t, map[string]*testBox{"INBOX": newTestBox(1, 2, 3)})
	x.server.cutAfter(170, 0)
	lines := x.get("INBOX")
	if x.err == nil || len(lines) != 6 {
		t.Errorf("%q", lines)
	}
	var reply *imap.Error
	if !errors.As(x.err, &reply) || !reply.Temporary() {
		t.Errorf("%v", x.err)
	}
	want := []time.Duration{1, 2, 4, 8, 16}
	for i := range want {
		want[i] *= time.Second
	}
	if !slices.Equal(x.pauses, want) {
		t.Errorf("pauses %v", x.pauses)
	}
	x.run.Pause = 3 * time.Second
	x.pauses = nil
	x.get("INBOX")
	if slices.Max(x.pauses) != 3*time.Second {
		t.Errorf("pauses %v", x.pauses)
	}
}

// TestIMAPSilent: a server that does not answer is waited for three times, and not five.
func TestIMAPSilent(t *testing.T) {
	x := newIMAPTest(t, map[string]*testBox{"INBOX": newTestBox(1, 2, 3)})
	x.server.set(func() { x.server.stall = "EXAMINE" })
	x.run.Dial = func(ctx context.Context) (*imap.Client, error) {
		return imap.Dial(ctx, imap.Config{
			Dialer: dialer.Config{Address: x.server.addr, Timeout: 100 * time.Millisecond}, Auth: &sasl.Credentials{Username: "u", Password: "p"},
		})
	}
	x.get("INBOX")
	if !errors.Is(x.err, os.ErrDeadlineExceeded) || len(x.pauses) != 2 {
		t.Errorf("%v, %v", x.err, x.pauses)
	}
}

// TestIMAPThrottled: the server wants less of it. The download waits longer, and goes on.
func TestIMAPThrottled(t *testing.T) {
	for _, reply := range []string{"NO [THROTTLED] slow down", "NO [LIMIT] FETCH rate limit hit", "NO Too many requests"} {
		box := newTestBox(upTo(20)...)
		box.no[11] = reply
		x := newIMAPTest(t, map[string]*testBox{"INBOX": box})
		x.server.set(func() {
			x.server.hook = func(s *testServer, command string) {
				if s.conns.Load() > 3 {
					delete(box.no, 11)
				}
			}
		})
		lines := x.get("INBOX")
		if x.err != nil || len(lines) != 23 {
			t.Errorf("%s: %q", reply, lines)
		}
		if !slices.Equal(x.pauses, []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second}) {
			t.Errorf("%s: pauses %v", reply, x.pauses)
		}
		x.holds(upTo(20)...)
	}
}

// TestIMAPFirstConnection: where the first connection cannot be made or the login is refused, nothing is tried again.
func TestIMAPFirstConnection(t *testing.T) {
	x := newIMAPTest(t, nil)
	refused := errors.New("refused")
	x.run.Dial = func(context.Context) (*imap.Client, error) { return nil, refused }
	x.get("INBOX")
	if x.err != refused || len(x.pauses) > 0 {
		t.Errorf("%v, %v", x.err, x.pauses)
	}
}

// TestIMAPFolderFails: a folder that cannot be read, or that the store cannot have, stops no other; what was asked for behind
// its SELECT is not taken for its content.
func TestIMAPFolderFails(t *testing.T) {
	boxes := map[string]*testBox{"a": newTestBox(1, 2), "b": newTestBox(3), "c": newTestBox(4)}
	boxes["b"].refused = "NO [NOPERM] not yours"
	x := newIMAPTest(t, boxes)
	sameLines(t, x.get("a", "none", "b", "c"), "a 1", "a 2",
		"none: EXAMINE: NO [NONEXISTENT] no such mailbox", "b: EXAMINE: NO [NOPERM] not yours", "c 4")
	x.holds(1, 2, 4)

	x = newIMAPTest(t, map[string]*testBox{"a": newTestBox(1, 2), "c": newTestBox(4)})
	dir := t.TempDir()
	st, err := store.OpenDir(dir, store.Options{Journal: x.run.State})
	must(t, err)
	defer st.Close()
	x.run.Stores = []store.Store{st}
	long := strings.Repeat("x", 300)
	x.server.boxes[long] = newTestBox(5, 6)
	lines := x.get(long, "a", "c")
	if len(lines) != 4 || !strings.Contains(lines[0], "too long") {
		t.Errorf("%q", lines)
	}
	if paths, _ := filepath.Glob(filepath.Join(dir, "*", "*.eml")); len(paths) != 3 {
		t.Errorf("%q", paths)
	}
}

// TestIMAPHostileNames: no name of a folder leads out of the store, and each is one of its own.
func TestIMAPHostileNames(t *testing.T) {
	names := []string{"..", ".", "../../x", "/etc", "a/../b", "new", "cur", "tmp", "\x1b[2J", "con", " ", "a\nb", "%41", "A", "INBOX.x", "\xff"}
	boxes := map[string]*testBox{}
	for i, name := range names {
		boxes[name] = newTestBox(uint32(i) + 1)
	}
	x := newIMAPTest(t, boxes)
	for i, kind := range []string{"maildir:", "dir:"} {
		x.run.State = NewIMAPState()
		dir := filepath.Join(t.TempDir(), "deep", "store")
		st, err := store.Open(kind+dir, nil, store.Options{Journal: x.run.State})
		must(t, err)
		x.run.Stores = []store.Store{st}
		var folders []Folder
		for _, name := range names {
			folders = append(folders, Folder{Name: name, Path: strings.Split(name, "/")})
		}
		paths := map[string]bool{}
		for a, err := range x.run.Run(context.Background(), folders) {
			if err != nil {
				t.Fatal(err)
			}
			if a.Err != nil && a.UID != 0 {
				t.Errorf("%q: %v", a.Folder, a.Err)
			}
			rel, err := filepath.Rel(dir, a.Path)
			if a.UID != 0 && (err != nil || !filepath.IsLocal(rel)) {
				t.Errorf("%q is at %s", a.Folder, a.Path)
			}
			paths[filepath.Dir(a.Path)] = true
		}
		must(t, st.Close())
		if len(paths) < len(names)-2 { // a name with a line end cannot be asked for
			t.Errorf("%d: %d folders of %d", i, len(paths), len(names))
		}
	}
}

// TestIMAPStoreFails: a store that cannot keep a message ends the run, with what was done kept.
func TestIMAPStoreFails(t *testing.T) {
	x := newIMAPTest(t, map[string]*testBox{"INBOX": newTestBox(1, 2)})
	x.shelf.err = &store.WriteError{Err: errors.New("no space left")}
	sameLines(t, x.get("INBOX"), "end: store: no space left")
	x.shelf.err = &store.WriteError{Err: &store.ExitError{Command: "cat", Err: errors.New("exit status 1")}}
	sameLines(t, x.get("INBOX"), "INBOX 1: store: cat: exit status 1", "INBOX 2: store: cat: exit status 1")
	x.shelf.err = nil
	sameLines(t, x.get("INBOX"), "INBOX 1", "INBOX 2")
}

// TestIMAPLeft: who has enough of the arrivals ends the run.
func TestIMAPLeft(t *testing.T) {
	x := newIMAPTest(t, map[string]*testBox{"INBOX": newTestBox(upTo(500)...)})
	n := 0
	for range x.run.Run(context.Background(), []Folder{{Name: "INBOX"}}) {
		if n++; n == 3 {
			break
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for a, err := range x.run.Run(ctx, []Folder{{Name: "INBOX"}}) {
		cancel()
		if a == nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
}

// TestIMAPScattered: what has not come is in many ranges, and they are not all said.
func TestIMAPScattered(t *testing.T) {
	box := newTestBox(upTo(2000)...)
	x := newIMAPTest(t, map[string]*testBox{"INBOX": box})
	for i := range goimap.UID(1000) {
		x.run.UIDs.AddNum(2*i + 1)
	}
	if lines := x.get("INBOX"); len(lines) != 1000 || x.err != nil {
		t.Errorf("%d, %v", len(lines), x.err)
	}
	x.run.UIDs = nil
	if lines := x.get("INBOX"); len(lines) != 1000 || x.err != nil {
		t.Errorf("%d, %v", len(lines), x.err)
	}
	x.holds(upTo(2000)...)
	for _, line := range x.server.said() {
		if len(line) > 8000 {
			t.Errorf("a line of %d octets: %.60s", len(line), line)
		}
	}
	sameLines(t, x.get("INBOX"))
}
