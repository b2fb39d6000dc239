package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func create(t *testing.T, dir, text string) *File {
	t.Helper()
	f, err := Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	return f
}

func content(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return strings.Join(list, " ")
}

func TestCommit(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a")
	f := create(t, dir, "one")
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("before Commit: %v", err)
	}
	if err := f.Commit(name); err != nil {
		t.Fatal(err)
	}
	f.Abandon()
	if got := content(t, name); got != "one" {
		t.Errorf("content %q", got)
	}
	if err := create(t, dir, "two").Commit(name); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file: %v, want fs.ErrExist", err)
	}
	if got := content(t, name); got != "one" {
		t.Errorf("content %q after a second Commit", got)
	}
	if got := names(t, dir); got != "a" {
		t.Errorf("left: %q", got)
	}
}

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a")
	for _, text := range []string{"one", "two"} {
		if err := WriteFile(name, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got := content(t, name); got != text {
			t.Errorf("content %q, want %q", got, text)
		}
	}
	if got := names(t, dir); got != "a" {
		t.Errorf("left: %q", got)
	}
}

// TestFaults: whatever fails, nothing is left under the final name, nor under a temporary one.
func TestFaults(t *testing.T) {
	cases := map[string]func(dir string, f *File) error{
		"abandoned":     func(_ string, f *File) error { f.Abandon(); return fs.ErrClosed },
		"closed before": func(dir string, f *File) error { f.Close(); return f.Commit(filepath.Join(dir, "a")) },
		"no folder":     func(dir string, f *File) error { return f.Commit(filepath.Join(dir, "none", "a")) },
		"twice": func(dir string, f *File) error {
			f.Abandon()
			return f.Commit(filepath.Join(dir, "a"))
		},
	}
	for name, do := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := do(dir, create(t, dir, "text")); err == nil {
				t.Error("no error")
			}
			if got := names(t, dir); got != "" {
				t.Errorf("left: %q", got)
			}
		})
	}
}

func TestCreateWithoutFolder(t *testing.T) {
	if _, err := Create(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v, want fs.ErrNotExist", err)
	}
}

func TestRenameByLink(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	for _, name := range []string{a, b} {
		if err := os.WriteFile(name, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := renameByLink(a, b); !errors.Is(err, fs.ErrExist) {
		t.Errorf("%v, want fs.ErrExist", err)
	}
	if err := renameByLink(a, filepath.Join(dir, "c")); err != nil {
		t.Error(err)
	}
	if got := names(t, dir); got != "b c" {
		t.Errorf("left: %q", got)
	}
}

func TestLock(t *testing.T) {
	name := filepath.Join(t.TempDir(), "state")
	f, err := OpenLocked(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenLocked(name); !errors.Is(err, ErrLocked) {
		t.Errorf("second: %v, want ErrLocked", err)
	}
	if err := WriteFile(name, []byte("new")); err != nil { // the lock stays with the file that had the name
		t.Fatal(err)
	}
	g, err := OpenLocked(name)
	if err != nil {
		t.Fatal(err)
	}
	g.Close()
	f.Close()
	if h, err := OpenLocked(name); err != nil {
		t.Error(err)
	} else {
		h.Close()
	}
}
