package stream

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// TestRoundTrip: what is written is read again, the envelope too where the format has a place for it.
func TestRoundTrip(t *testing.T) {
	date := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	messages := []Message{
		{From: "a@example.org", To: []string{"b@example.org", "c@example.org"}, Date: date, Name: "x/1.eml"},
		{NullFrom: true, To: []string{"b@example.org"}, Date: date, Name: strings.Repeat("long/", 60) + "2.eml"},
		{Date: date, Name: "größe.eml"},
	}
	bodies := []string{"A: b\n\nFrom x\n", "\x00\xff binary\r\n\r\n\n", strings.Repeat("x", 100_000) + "\n"}
	for _, format := range []Format{Mboxrd, JSONL, Tar} {
		var b bytes.Buffer
		w, err := NewWriter(&b, format, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range messages {
			m.Reader, m.Size = strings.NewReader(bodies[i]), -1
			if i == 2 {
				m.Size = int64(len(bodies[i]))
			}
			if err := w.WriteMessage(&m); err != nil {
				t.Fatalf("%s: %v", format, err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		i := 0
		for m, err := range Read(&b, format, Options{}) {
			if err != nil {
				t.Fatalf("%s: %v", format, err)
			}
			got, err := io.ReadAll(m)
			if err != nil || string(got) != bodies[i] {
				t.Errorf("%s %d: %d octets %v", format, i, len(got), err)
			}
			want := messages[i]
			if m.From != want.From || !m.Date.Equal(date) || m.Index != i+1 {
				t.Errorf("%s %d: %+v", format, i, m)
			}
			if format != Mboxrd && (m.Name != want.Name || !slices.Equal(m.To, want.To)) {
				t.Errorf("%s %d: %+v", format, i, m)
			}
			i++
		}
		if i != len(messages) {
			t.Errorf("%s: %d messages", format, i)
		}
	}
}

func TestTarRead(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range []tar.Header{
		{Typeflag: tar.TypeDir, Name: "d/", Mode: 0o755},
		{Typeflag: tar.TypeSymlink, Name: "link", Linkname: "/etc/passwd"},
		{Typeflag: tar.TypeReg, Name: "../../outside", Size: 3, Mode: 0o644},
		{Typeflag: tar.TypeReg, Name: "empty", Mode: 0o644},
	} {
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			w.Write([]byte("abc"))
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := readAll(iotest.HalfReader(&b), Tar, Options{}); !equalMessages(got, []string{"abc", ""}) {
		t.Errorf("%q", got)
	}
	whole := b.Bytes()
	for _, bad := range []string{"no archive at all, but text that goes on for more than a block of five hundred and twelve octets " + strings.Repeat("x", 600), string(whole[:min(len(whole), 700)])} {
		got := readAll(strings.NewReader(bad), Tar, Options{})
		if len(got) == 0 && bad != "" || len(got) > 0 && got[len(got)-1][0] != '!' {
			t.Errorf("%.20q…: %.100q", bad, got)
		}
	}
}

func TestPaths(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	a, b := file("a", "A"), file("b\nc", "B")
	for _, c := range []struct {
		what, list string
		nul        bool
		want       []string
	}{
		{"lines", a + "\n" + a + "\r\n\n" + a, false, []string{"A", "A", "A"}},
		{"NUL", a + "\x00" + b + "\x00\x00", true, []string{"A", "B"}},
		{"no end", a + "\x00" + b, true, []string{"A", "B"}},
		{"missing", dir + "/none\n" + a + "\n", false, []string{"!" + dir + "/none: no such file or directory", "A"}},
		{"directory", dir + "\n" + a + "\n", false, []string{"!" + dir + ": is a directory", "A"}},
		{"long", strings.Repeat("x", 2<<20), false, []string{"!" + errLongName.Error()}},
	} {
		for name, r := range map[string]io.Reader{
			"whole": strings.NewReader(c.list), "in halves": iotest.HalfReader(strings.NewReader(c.list)), "with the error": iotest.DataErrReader(strings.NewReader(c.list)),
		} {
			if got := readAll(r, Paths, Options{NUL: c.nul}); !equalMessages(got, c.want) {
				t.Errorf("%s, %s: %.200q, want %.200q", c.what, name, got, c.want)
			}
		}
	}
	for m, err := range Read(strings.NewReader(a+"\n"), Paths, Options{}) {
		if err != nil || m.File() == nil {
			t.Fatal("no file")
		}
		if got, err := io.ReadAll(m); string(got) != "A" || err != nil {
			t.Errorf("after File: %q %v", got, err)
		}
	}
}

// TestNamesDoNotWait: a name is given when it is there, not with the next.
func TestNamesDoNotWait(t *testing.T) {
	r, w := io.Pipe()
	go func() {
		io.WriteString(w, "a\nb\nc")
	}()
	for names, err := range Names(r, Options{}) {
		if err != nil || !slices.Equal(names, []string{"a", "b"}) {
			t.Errorf("%q %v", names, err)
		}
		break
	}
}

func TestPathWriter(t *testing.T) {
	var b strings.Builder
	w, err := NewWriter(&b, Paths, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteMessage(&Message{Name: "a"}); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"", "a\nb"} {
		if err := w.WriteMessage(&Message{Name: name}); !isEntryError(err) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if b.String() != "a\n" {
		t.Errorf("%q", b.String())
	}
}

func TestFormats(t *testing.T) {
	if _, err := ParseFormat("zip"); err == nil {
		t.Error("zip is a format")
	}
	for _, f := range []Format{Mboxo, Mboxcl2, "zip"} {
		if _, err := NewWriter(io.Discard, f, Options{}); err == nil {
			t.Errorf("%s can be written", f)
		}
	}
	if got := readAll(strings.NewReader(""), "zip", Options{}); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

// TestFlatMemory: neither the size of a message nor their number matters.
func TestFlatMemory(t *testing.T) {
	const size = 64 << 20
	for _, format := range []Format{Mboxrd, JSONL, Tar} {
		r, w := io.Pipe()
		go func() {
			out, err := NewWriter(w, format, Options{})
			if err == nil {
				err = out.WriteMessage(&Message{Reader: io.LimitReader(&lines{}, size), Size: size})
			}
			if err == nil {
				err = out.Close()
			}
			w.CloseWithError(err)
		}()
		before := allocated()
		for m, err := range Read(r, format, Options{TempDir: t.TempDir()}) {
			if err != nil {
				t.Fatal(err)
			}
			if n, err := io.Copy(io.Discard, m); n != size || err != nil {
				t.Errorf("%s: %d octets %v", format, n, err)
			}
		}
		if used := allocated() - before; used > 16<<20 && !underRace {
			t.Errorf("%s: %d octets were allocated for a message of %d", format, used, size)
		}
	}
}
