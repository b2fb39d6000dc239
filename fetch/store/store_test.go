package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"posta/mimetool/stream"
)

var errCut = errors.New("cut")

// cutReader gives text and then an error.
func cutReader(text string) io.Reader {
	return io.MultiReader(strings.NewReader(text), iotest.ErrReader(errCut))
}

func open(t *testing.T, spec string, out io.Writer, opt Options) Store {
	t.Helper()
	s, err := Open(spec, out, opt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, s Store, m *Message) *Receipt {
	t.Helper()
	r, err := s.Put(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// tree is the names of all files below dir.
func tree(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			rel, _ := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(names)
	return names
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func letter(i int) string { return fmt.Sprintf("Subject: %d\r\n\r\nFrom here\r\n.\x00\xff\r\n", i) }

func TestParseSpec(t *testing.T) {
	for spec, want := range map[string]Kind{
		"maildir:/a": KindMaildir, "mbox:a": KindMbox, "dir:a:b": KindDir, "exec:cat >x": KindExec, "-": KindStream,
		"": "", "a": "", "maildir": "", "maildir:": "", "imap:x": "", "dir:a\x00b": "",
	} {
		got, _, err := ParseSpec(spec)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q, %v", spec, got, err)
		}
	}
}

// TestFilesKeepOctets: what a Maildir or a directory holds is what came, and in no other file than its own.
func TestFilesKeepOctets(t *testing.T) {
	for _, kind := range []string{"maildir", "dir"} {
		t.Run(kind, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, kind+":"+dir, nil, Options{Group: 3})
			var receipts []*Receipt
			for i := range 10 {
				receipts = append(receipts, put(t, s, &Message{Reader: strings.NewReader(letter(i))}))
			}
			if err := s.Flush(context.Background()); err != nil {
				t.Fatal(err)
			}
			for i, r := range receipts {
				if err := r.Wait(context.Background()); err != nil {
					t.Fatal(err)
				}
				if got := read(t, r.Path); got != letter(i) {
					t.Errorf("%d: %q", i, got)
				}
				if ok, err := s.Holds(r.Place); !ok || err != nil {
					t.Errorf("Holds(%q) = %v, %v", r.Place, ok, err)
				}
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if got := tree(t, dir); len(got) != 10 {
				t.Errorf("files: %q", got)
			}
			if ok, _ := s.Holds("../../etc/passwd"); ok {
				t.Error("looked outside")
			}
		})
	}
}

// TestCutReader: a message whose reader fails is nowhere, and the next is taken.
func TestCutReader(t *testing.T) {
	for _, kind := range []string{"maildir", "dir", "mbox", "exec", "-"} {
		t.Run(kind, func(t *testing.T) {
			dir := t.TempDir()
			var out bytes.Buffer
			spec := map[string]string{
				"maildir": "maildir:" + dir, "dir": "dir:" + dir, "mbox": "mbox:" + dir + "/box",
				"exec": "exec:cat >>" + dir + "/out", "-": "-",
			}[kind]
			s := open(t, spec, &out, Options{Format: stream.Mboxrd})
			put(t, s, &Message{Reader: strings.NewReader("Subject: a\r\n\r\nwhole 1\r\n")})
			if _, err := s.Put(context.Background(), &Message{Reader: cutReader("Subject: b\r\n\r\npart")}); !errors.Is(err, errCut) {
				t.Errorf("%v, want %v", err, errCut)
			}
			put(t, s, &Message{Reader: strings.NewReader("Subject: c\r\n\r\nwhole 2\r\n")})
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			all := out.String()
			for _, name := range tree(t, dir) {
				all += read(t, filepath.Join(dir, name))
			}
			if strings.Contains(all, "part") || strings.Contains(all, "Subject: b") || strings.Count(all, "whole") != 2 {
				t.Errorf("kept:\n%s", all)
			}
		})
	}
}

func TestMaildirFlagsAndDates(t *testing.T) {
	dir := t.TempDir()
	s := open(t, "maildir:"+dir, nil, Options{})
	date := time.Date(2020, 2, 3, 4, 5, 6, 0, time.UTC)
	r := put(t, s, &Message{Reader: strings.NewReader("x"), Flags: Seen | Replied, Date: date})
	s.Close()
	if !strings.HasSuffix(r.Path, ":2,RS") || filepath.Base(filepath.Dir(r.Path)) != "cur" {
		t.Errorf("path %q", r.Path)
	}
	info, err := os.Stat(r.Path)
	if err != nil || !info.ModTime().Equal(date) {
		t.Errorf("%v, %v", info, err)
	}
	os.Rename(r.Path, strings.TrimSuffix(r.Path, "RS")+"FRS") // somebody flagged it
	if ok, err := s.Holds(r.Place); !ok || err != nil {
		t.Errorf("Holds after flagging: %v, %v", ok, err)
	}
}

func TestFlags(t *testing.T) {
	for f := range Flags(1 << 6) {
		if got := ParseLetters(f.Letters()); got != f {
			t.Errorf("%06b: %q, %06b", f, f.Letters(), got)
		}
	}
	if f := ParseFlag(`\SEEN`) | ParseFlag(`\Deleted`) | ParseFlag("Junk"); f != Seen|Trashed {
		t.Errorf("%06b", f)
	}
}

func TestLF(t *testing.T) {
	const text = "a\r\nb\rc\r\r\nd\n\r"
	for _, size := range []int{1, 2, 3, 100} {
		dir := t.TempDir()
		s := open(t, "dir:"+dir, nil, Options{LF: true})
		r := put(t, s, &Message{Reader: &chunks{text, size}})
		s.Close()
		if got := read(t, r.Path); got != "a\nb\rc\r\nd\n\r" {
			t.Errorf("by %d: %q", size, got)
		}
	}
}

// chunks gives so many octets at a time.
type chunks struct {
	text string
	size int
}

func (c *chunks) Read(p []byte) (int, error) {
	if c.text == "" {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), c.size)], c.text)
	c.text = c.text[n:]
	return n, nil
}

// TestNames: no name of a server's leaves the directory, hides a file, or is given twice.
func TestNames(t *testing.T) {
	dir := t.TempDir()
	s := open(t, "dir:"+dir, nil, Options{})
	for _, name := range []string{"../../x", "/etc/x", "a/b", ".hidden", "-rf", "a\nb", "same", "same", "", "..", strings.Repeat("x", 999), "\x1b[2J"} {
		put(t, s, &Message{Reader: strings.NewReader("x"), Name: name})
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	got := tree(t, dir)
	if len(got) != 12 {
		t.Errorf("%d files: %q", len(got), got)
	}
	for _, name := range got {
		if strings.ContainsAny(name, "/\n\x1b") || name[0] == '.' || name[0] == '-' || len(name) > 140 {
			t.Errorf("name %q", name)
		}
	}
}

func TestFolders(t *testing.T) {
	for _, kind := range []string{"maildir", "dir"} {
		dir := filepath.Join(t.TempDir(), "a")
		s := open(t, kind+":"+dir, nil, Options{})
		paths := [][]string{{"Sent"}, {"SENT"}, {"sent"}, {"..", ".."}, {"a.b"}, {"a", "b"}, {""}, {"a/b"}, {"\x1b\n"}, {"Entwürfe"}, {" x "}}
		seen := map[string]bool{}
		for _, p := range paths {
			r := put(t, s, &Message{Reader: strings.NewReader("x"), Folder: p})
			folder := strings.ToLower(filepath.Dir(r.Path))
			if seen[folder] || !strings.HasPrefix(r.Path, dir+"/") {
				t.Errorf("%s %q: %s", kind, p, r.Path)
			}
			seen[folder] = true
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func FuzzFolderName(f *testing.F) {
	for _, name := range []string{"INBOX", "..", ".", "", "%", "a/b", "a.b", "\xff", "Entwürfe", "\u202e", "CON", "\uFFFD"} {
		f.Add(name, true)
		f.Add(name, false)
	}
	f.Fuzz(func(t *testing.T, name string, twin bool) {
		enc := EncodeFolder(name, twin)
		if got, err := DecodeFolder(enc); err != nil || got != name {
			t.Errorf("%q → %q → %q, %v", name, enc, got, err)
		}
		if strings.ContainsAny(enc, "/\\.:\x00\n\x1b") || enc == "" {
			t.Errorf("%q → %q", name, enc)
		}
	})
}

// TestSweep: what a program that is no more left behind is removed, and nothing else, nor what is young.
func TestSweep(t *testing.T) {
	old := time.Now().Add(-48 * time.Hour)
	for kind, left := range map[string][]string{
		"maildir": {"tmp/a", "tmp/.posta-tmp-x/b", ".F/tmp/c"},
		"dir":     {".posta-tmp-a", ".posta-tmp-x/b", "F/.posta-tmp-c"},
	} {
		dir := t.TempDir()
		folder := []string{"F"}
		for _, name := range []string{"cur/kept", "new/kept", "kept/kept"} {
			writeOld(t, filepath.Join(dir, name), old)
		}
		for _, name := range left {
			writeOld(t, filepath.Join(dir, name), old)
			if side := filepath.Dir(filepath.Join(dir, name)); !strings.HasSuffix(side, "-x") {
				writeOld(t, filepath.Join(side, ".posta-tmp-young"), time.Now())
			}
		}
		s := open(t, kind+":"+dir, nil, Options{})
		put(t, s, &Message{Reader: strings.NewReader("x"), Folder: folder})
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		got := strings.Join(tree(t, dir), " ")
		for _, name := range left {
			if strings.Contains(got+" ", name+" ") {
				t.Errorf("%s: %s is left: %s", kind, name, got)
			}
		}
		if n := strings.Count(got, "young"); n != 2 || strings.Count(got, "kept/kept") != 1 || !strings.Contains(got, "cur/kept") {
			t.Errorf("%s: too much is gone: %s", kind, got)
		}
	}
}

// TestSweepSparesOthers: a message's file has the message's date, which may be old; another program does not take it for forgotten.
func TestSweepSparesOthers(t *testing.T) {
	for _, kind := range []string{"maildir", "dir"} {
		dir := t.TempDir()
		s := open(t, kind+":"+dir, nil, Options{})
		var receipts []*Receipt
		for range 2 * manyFrom {
			receipts = append(receipts, put(t, s, &Message{Reader: strings.NewReader("x"), Date: time.Unix(1e9, 0)}))
		}
		other := open(t, kind+":"+dir, nil, Options{})
		if err := errors.Join(other.Close(), s.Close()); err != nil {
			t.Fatal(err)
		}
		for _, r := range receipts {
			if err := r.Err(); err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
		}
	}
}

func writeOld(t *testing.T, path string, at time.Time) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		err = os.WriteFile(path, nil, 0o600)
	}
	if err == nil {
		err = os.Chtimes(path, at, at)
	}
	if err == nil {
		err = os.Chtimes(filepath.Dir(path), at, at)
	}
	if err != nil {
		t.Fatal(err)
	}
}
