package fetch

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"posta/fetch/pop3"
	"posta/fetch/store"
)

func openState(t *testing.T, path string) *State {
	t.Helper()
	s, err := OpenState(path, "pop3-a@b", nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func receipts(keys ...string) (list []*store.Receipt) {
	for _, k := range keys {
		list = append(list, &store.Receipt{Key: pop3.Letter{UID: k, Size: int64(len(k))}, Place: "place of " + k})
	}
	return list
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var awkward = []string{"uid-1", "with blank", "%", "\xff\n\x00", "ü", strings.Repeat("x", 255)}

func TestStateIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "state")
	s := openState(t, path)
	must(t, s.Prepare(receipts(awkward...)))
	must(t, s.Stored(receipts(awkward...)))
	must(t, s.Forget(slices.Values([]string{"uid-1"})))
	must(t, s.Close())
	s = openState(t, path)
	for i, key := range awkward {
		if _, ok := s.Since(key); ok != (i > 0) {
			t.Errorf("%q: %v", key, ok)
		}
	}
	if s.Len() != len(awkward)-1 {
		t.Errorf("%d letters", s.Len())
	}
	must(t, s.Close())
}

// TestStateCutEverywhere: whatever part of the file a crash left, it opens, and no key is known that was not stored.
func TestStateCutEverywhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	s := openState(t, path)
	must(t, s.Prepare(receipts(awkward...)))
	must(t, s.Stored(receipts(awkward[:3]...)))
	must(t, s.Close())
	whole, err := os.ReadFile(path)
	must(t, err)
	for n := range whole {
		must(t, os.WriteFile(path, whole[:n], 0o600))
		s := openState(t, path)
		if s.Len() > 3 {
			t.Fatalf("%d octets: %d stored", n, s.Len())
		}
		must(t, s.Stored(receipts("later")))
		must(t, s.Close())
		s = openState(t, path)
		if _, ok := s.Since("later"); !ok {
			t.Fatalf("%d octets: what came later is lost", n)
		}
		must(t, s.Close())
	}
}

// TestSettle: what a run was about to store when it was killed is asked for.
func TestSettle(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	s := openState(t, path)
	must(t, s.Prepare(receipts("a", "b", "c")))
	must(t, s.Stored(receipts("a")))
	must(t, s.Close())
	s = openState(t, path)
	var asked []string
	must(t, s.Settle(func(place string) (bool, error) {
		asked = append(asked, place)
		return place == "place of b", nil
	}))
	if len(asked) != 2 {
		t.Errorf("asked for %q", asked)
	}
	must(t, s.Close())
	s = openState(t, path)
	defer s.Close()
	for key, want := range map[string]bool{"a": true, "b": true, "c": false} {
		if _, ok := s.Since(key); ok != want {
			t.Errorf("%s: %v", key, ok)
		}
	}
}

func TestStateIsLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	s := openState(t, path)
	if _, err := OpenState(path, "pop3-a@b", nil); !errors.Is(err, ErrBusy) {
		t.Errorf("%v, want ErrBusy", err)
	}
	must(t, s.Close())
	if _, err := OpenState(path, "pop3-c@d", nil); !errors.Is(err, ErrState) {
		t.Errorf("%v, want ErrState", err)
	}
	must(t, os.WriteFile(path, []byte("something else\n"), 0o600))
	if _, err := OpenState(path, "pop3-a@b", nil); !errors.Is(err, ErrState) {
		t.Errorf("%v, want ErrState", err)
	}
}

// TestStateStaysSmall: what is forgotten leaves the file, too.
func TestStateStaysSmall(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	for range 50 {
		s := openState(t, path)
		for _, key := range []string{"a", "b", "c", "d"} {
			must(t, s.Prepare(receipts(key)))
			must(t, s.Stored(receipts(key)))
			must(t, s.Forget(slices.Values([]string{key})))
		}
		must(t, s.Close())
	}
	s := openState(t, path)
	must(t, s.Stored(receipts("kept")))
	must(t, s.Prune(time.Now().Add(time.Hour)))
	if _, ok := s.Since("kept"); !ok {
		t.Error("it was pruned before anything was listed")
	}
	s.List(slices.Values([]pop3.Letter{{UID: "other"}}))
	must(t, s.Prune(time.Now().Add(-time.Hour)))
	if _, ok := s.Since("kept"); !ok {
		t.Error("it was pruned too early")
	}
	must(t, s.Prune(time.Now().Add(time.Hour)))
	if s.Len() != 0 {
		t.Error("it was not pruned")
	}
	must(t, s.Close())
	if info, err := os.Stat(path); err != nil || info.Size() > 8<<10 {
		t.Errorf("%d octets, %v", info.Size(), err)
	}
}

func TestStatePath(t *testing.T) {
	for spec, want := range map[string]string{
		"maildir:/m": "/m/.posta-pop3-a@b", "dir:d": "d/.posta-pop3-a@b", "mbox:/x/box": "/x/.posta-box-pop3-a@b",
	} {
		if got, err := StatePath(spec, "pop3-a@b", "/s"); filepath.ToSlash(got) != want || err != nil {
			t.Errorf("%s: %s, %v", spec, got, err)
		}
	}
	a, _ := StatePath("exec:a", "pop3-a@b", "/s")
	b, _ := StatePath("exec:b", "pop3-a@b", "/s")
	if a == b || filepath.Dir(a) != filepath.FromSlash("/s") {
		t.Error(a, b)
	}
	if stateName("../../x") == stateName("../..:x") || strings.Contains(stateName("../../x"), "/") {
		t.Error(stateName("../../x"))
	}
}

// TestStateTakesBack: what a full disk took of a record does not spoil those that come later.
func TestStateTakesBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	s := openState(t, path)
	const part = "? 17 uid-"
	if _, err := s.file.file.WriteString(part); err != nil {
		t.Fatal(err)
	}
	must(t, s.file.takeBack(len(part)))
	must(t, s.Stored(receipts("uid-1")))
	must(t, s.Close())
	s = openState(t, path)
	defer s.Close()
	if _, ok := s.Since("uid-1"); !ok || s.Len() != 1 {
		t.Errorf("%d stored", s.Len())
	}
}
