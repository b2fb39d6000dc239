package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// keptNames are the paths of a folder's files that are of messages, below dir.
func keptNames(t *testing.T, dir string, f *KeptFolder) (names []string) {
	t.Helper()
	for file, err := range f.Files() {
		must(t, err)
		rel, err := filepath.Rel(dir, file.Path())
		must(t, err)
		names = append(names, filepath.ToSlash(rel))
	}
	slices.Sort(names)
	return names
}

func openFolder(t *testing.T, spec string, path ...string) *KeptFolder {
	t.Helper()
	k, err := OpenKept(spec)
	must(t, err)
	f, err := k.Folder(path)
	must(t, err)
	return f
}

// TestKeptMaildir: what was put is found by its tag, in its folder; flags change, others' letters stay, and nothing is overwritten.
func TestKeptMaildir(t *testing.T) {
	dir := t.TempDir()
	m, err := OpenMaildir(dir, Options{})
	must(t, err)
	var places []string
	for i, folder := range [][]string{nil, {"A.b"}, {"a.B"}} {
		r, err := m.Put(context.Background(), &Message{
			Reader: strings.NewReader("x"), Folder: folder, Flags: Flags(i) * Seen, Tag: Tag{"box", 7, uint32(i) + 1},
		})
		must(t, err)
		places = append(places, r.Place)
	}
	must(t, m.Close())
	for _, place := range places {
		if ok, err := m.Holds(place); !ok || err != nil {
			t.Errorf("%s: %v %v", place, ok, err)
		}
	}
	for i, folder := range [][]string{nil, {"A.b"}, {"a.B"}, {"none"}} {
		n := 0
		for file, err := range openFolder(t, "maildir:"+dir, folder...).Files() {
			must(t, err)
			n++
			if file.Tag != (Tag{"box", 7, uint32(i) + 1}) || !file.Made() || file.Flags != Flags(i)*Seen {
				t.Errorf("%+v", file)
			}
		}
		if n != 1 && i < 3 || n != 0 && i == 3 {
			t.Errorf("%q has %d", folder, n)
		}
	}
}

// TestKeptChange is what becomes of names. https://cr.yp.to/proto/maildir.html: flags are in the order of ASCII.
func TestKeptChange(t *testing.T) {
	for _, c := range []struct {
		from  string
		tag   Tag
		flags Flags
		want  string
	}{
		{"new/a.host", Tag{"m", 1, 2}, 0, "new/a.host,P=m.1.2"},
		{"new/a.host,P=m.1.2", Tag{"m", 1, 2}, Seen, "cur/a.host,P=m.1.2:2,S"},
		{"cur/a.host,P=m.1.2:2,S", Tag{"m", 1, 2}, 0, "cur/a.host,P=m.1.2:2,"},
		{"cur/a.host,P=m.1.2,S=10,W=11:2,RSbX", Tag{"m", 3, 4}, Flagged, "cur/a.host,S=10,W=11,P=m.3.4:2,FXb"},
		{"cur/a.host,U=5:2,a", Tag{"m", 1, 2}, Draft | Trashed, "cur/a.host,U=5,P=m.1.2:2,DTa"},
		{"cur/a.host,P=m.1", Tag{"m", 1, 2}, 0, "cur/a.host,P=m.1,P=m.1.2:2,"},
		{"new/a.host:2,S", Tag{"m", 1, 2}, Seen, "cur/a.host,P=m.1.2:2,S"},
	} {
		dir := t.TempDir()
		for _, sub := range []string{"cur", "new"} {
			must(t, os.Mkdir(filepath.Join(dir, sub), 0o700))
		}
		must(t, os.WriteFile(filepath.Join(dir, c.from), []byte("x"), 0o600))
		f := openFolder(t, "maildir:"+dir)
		for file, err := range f.Files() {
			must(t, err)
			changed, err := f.Change(file, c.tag, c.flags)
			if err != nil || changed.Tag != c.tag || changed.Flags != c.flags || changed.Path() != filepath.Join(dir, c.want) {
				t.Errorf("%s: %+v %v", c.from, changed, err)
			}
			break
		}
		must(t, f.Sync())
		if got := keptNames(t, dir, f); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s becomes %q, want %s", c.from, got, c.want)
		}
	}
}

// TestKeptOthers: other people's files are seen, and no other than messages' are.
func TestKeptOthers(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"cur", "new", "cur/x:1,e", "cur/.hidden", "cur/1.2.host:2,S", "new/1.M2P3Q4_short.host"} {
		path := filepath.Join(dir, name)
		if strings.Contains(name, "/") {
			must(t, os.WriteFile(path, nil, 0o600))
		} else {
			must(t, os.Mkdir(path, 0o700))
		}
	}
	f := openFolder(t, "maildir:"+dir)
	for file, err := range f.Files() {
		must(t, err)
		if file.Made() || file.Tag != (Tag{}) {
			t.Errorf("%+v", file)
		}
	}
	if got := keptNames(t, dir, f); len(got) != 2 {
		t.Errorf("%q", got)
	}
	for _, spec := range []string{"mbox:x", "exec:x", "-"} {
		if _, err := OpenKept(spec); !errors.Is(err, ErrUnmarked) {
			t.Errorf("%s: %v", spec, err)
		}
	}
}

// TestKeptFaults: what somebody else was faster with is told by its error, and no file takes the place of another, but one
// that is the same.
func TestKeptFaults(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "cur"), 0o700))
	path := filepath.Join(dir, "cur", "a,P=m.1.2:2,")
	must(t, os.WriteFile(path, []byte("x"), 0o600))
	f := openFolder(t, "maildir:"+dir)
	var file File
	for file = range f.Files() {
		break
	}
	must(t, os.WriteFile(path+"S", []byte("other"), 0o600))
	if _, err := f.Change(file, file.Tag, Seen); !errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
	must(t, os.Link(path, path+"F")) // what a rename by links leaves when it is killed
	if _, err := f.Change(file, file.Tag, Flagged); err != nil {
		t.Error(err)
	}
	for _, err := range []error{f.Remove(file), f.rename(file, File{Dir: file.Dir, Name: "y"})} {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	}
	must(t, f.Sync())
	if got := keptNames(t, dir, f); !slices.Equal(got, []string{"cur/a,P=m.1.2:2,F", "cur/a,P=m.1.2:2,S"}) {
		t.Errorf("%q", got)
	}
}

// TestKeptDir: files of a directory are called after their UIDs.
func TestKeptDir(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"5.eml", "7.eml", "7~2.eml", "x.eml", "7.txt", ".posta-tmp-1.eml"} {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600))
	}
	f := openFolder(t, "dir:"+dir)
	for file, err := range f.Files() {
		must(t, err)
		if uid := file.Tag.UID; uid != 0 != file.Made() || uid != 0 && uid != 5 && uid != 7 {
			t.Errorf("%+v", file)
		}
		if file.Name == "5.eml" {
			if _, err := f.Change(file, Tag{"m", 1, 7}, 0); err != nil {
				t.Error(err)
			}
		}
	}
	if got := keptNames(t, dir, f); !slices.Equal(got, []string{"7.eml", "7~2.eml", "7~3.eml", "x.eml"}) {
		t.Errorf("%q", got)
	}
}

// FuzzKept reads any file's name: what it becomes by another tag and flags stays in its folder, and is read as that.
func FuzzKept(f *testing.F) {
	for _, name := range []string{"a.host", "1.M2P3Q4_abcdefghijklmnop.host,P=x.1.2:2,FS", ",P=a.1.2,P=b.3.4:2,ab", "x:2,:2,S", ":2,", "a,P=.1.1", "a,P=b.99999999999.1", "7~2.eml", ":1,x", ":2:2,"} {
		f.Add(name, uint8(3))
	}
	f.Fuzz(func(t *testing.T, name string, flags uint8) {
		if strings.ContainsAny(name, "/\x00") || name == "" || len(name) > 150 {
			return
		}
		dir := t.TempDir()
		must(t, os.Mkdir(filepath.Join(dir, "cur"), 0o700))
		k := &KeptFolder{kind: KindMaildir, dir: dir, touched: map[string]error{}}
		file, ok := k.parse(filepath.Join(dir, "cur"), name)
		if !ok {
			return
		}
		must(t, os.WriteFile(file.Path(), nil, 0o600))
		want := Tag{"new", 9, 8}
		changed, err := k.Change(file, want, Flags(flags)&63)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			t.Fatalf("%q: %v", name, err)
		}
		again, ok := k.parse(changed.Dir, changed.Name)
		if !ok || again.Tag != want || again.Flags != Flags(flags)&63 || filepath.Dir(changed.Path()) != filepath.Join(dir, "cur") {
			t.Errorf("%q becomes %q: %+v", name, changed.Name, again)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
