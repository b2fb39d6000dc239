package mimetool

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

func TestApplyEdits(t *testing.T) {
	for _, c := range []struct {
		what  string
		edits []Edit
		want  string
	}{
		{"none", nil, "0123456789"},
		{"removal", []Edit{{Start: 2, End: 4}}, "01456789"},
		{"in any order", []Edit{{Start: 8, End: 10, Text: []byte("y")}, {Start: 0, End: 1, Text: []byte("x")}}, "x1234567y"},
		{"insertion", []Edit{{Start: 3, End: 3, Text: []byte("ab")}}, "012ab3456789"},
		{"at the end", []Edit{{Start: 10, End: 10, Text: []byte("ab")}}, "0123456789ab"},
		{"one within another", []Edit{{Start: 3, End: 5}, {Start: 2, End: 6}}, "016789"},
		{"two in one place", []Edit{{Start: 2, End: 2, Text: []byte("a")}, {Start: 2, End: 2, Text: []byte("b")}}, "01ab23456789"},
		{"overlap", []Edit{{Start: 2, End: 5}, {Start: 4, End: 7}}, "!"},
		{"beyond the end", []Edit{{Start: 9, End: 12}}, "!"},
	} {
		var b strings.Builder
		err := ApplyEdits(&b, strings.NewReader("0123456789"), c.edits)
		if got := b.String(); err != nil && c.want != "!" || err == nil && got != c.want {
			t.Errorf("%s: %q %v, want %q", c.what, got, err, c.want)
		}
	}
}

// FuzzRemovePart: after the removal of a part the others are there, octet for octet.
func FuzzRemovePart(f *testing.F) {
	f.Add([]byte("A: b\nContent-Type: multipart/mixed; boundary=q\n\n--q\n\nx\n--q\n\ny\n--q--\nz"), 1)
	f.Add([]byte("A: b\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n\r\n--q\r\n\r\ny\r\n--q"), 0)
	f.Add([]byte("Content-Type: multipart/mixed; boundary=q\n\n--q\nContent-Type: multipart/mixed; boundary=qq\n\n--qq\n\nx\n--q--"), 1)
	f.Fuzz(func(t *testing.T, message []byte, which int) {
		leaves, places := leavesOf(t, message)
		if len(leaves) == 0 {
			return
		}
		k := ((which % len(leaves)) + len(leaves)) % len(leaves)
		if places[k] == nil {
			return
		}
		src := bytes.NewReader(message)
		edit, err := RemovePart(src, 0, *places[k])
		if err != nil {
			return
		}
		var out bytes.Buffer
		if _, err := src.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if err := ApplyEdits(&out, src, []Edit{edit}); err != nil {
			t.Fatal(err)
		}
		if want := string(message[:edit.Start]) + string(message[edit.End:]); out.String() != want {
			t.Errorf("%q became %q", message, out.String())
		}
	})
}

// leavesOf are the contents of the leaves, and where those are that are parts of multiparts.
func leavesOf(t *testing.T, message []byte) (leaves []string, places []*Place) {
	t.Helper()
	w := NewWalker(bytes.NewReader(message), Limits{})
	multipart := map[int]bool{}
	for {
		p, err := w.Next()
		if err != nil {
			return leaves, places
		}
		multipart[p.Index] = p.IsMultipart()
		if p.IsContainer() {
			continue
		}
		place := &Place{HeaderStart: p.HeaderStart}
		if !multipart[p.Parent] || p.Encoded > 0 {
			place = nil
		}
		b, err := io.ReadAll(p.Raw())
		if err != nil {
			t.Fatal(err)
		}
		leaves, places = append(leaves, string(b)), append(places, place)
		for _, x := range w.Closed() { // the body was read to its end
			if x.Part == p.Index && place != nil {
				place.Extent = x
			}
		}
	}
}

func TestRemovePart(t *testing.T) {
	const head = "Content-Type: multipart/mixed; boundary=q\n\n"
	for _, c := range []struct{ what, in, want string }{
		{"first", "pre\n--q\n\nx\n--q\n\ny\n--q--\nepi", "pre\n--q\n\ny\n--q--\nepi"},
		{"CR LF", "--q\r\n\r\nx\r\n--q\r\n\r\ny\r\n--q--\r\n", "--q\r\n\r\ny\r\n--q--\r\n"},
		{"empty body", "--q\n\n--q\n\ny\n--q--\n", "--q\n\ny\n--q--\n"},
		{"no header and no body", "--q\n\n\n--q\n\ny\n--q--\n", "--q\n\ny\n--q--\n"},
		{"alone", "--q\n\nx\n--q--\n", "--q--\n"},
		{"unclosed", "--q\n\nx\n", ""},
	} {
		message := []byte(head + c.in)
		_, places := leavesOf(t, message)
		if len(places) == 0 || places[0] == nil {
			t.Errorf("%s: no part", c.what)
			continue
		}
		edit, err := RemovePart(bytes.NewReader(message), 0, *places[0])
		var out strings.Builder
		if err == nil {
			err = ApplyEdits(&out, bytes.NewReader(message), []Edit{edit})
		}
		if err != nil || out.String() != head+c.want {
			t.Errorf("%s: %q %v, want %q", c.what, out.String(), err, head+c.want)
		}
	}
}
