package mimetool

import (
	"bytes"
	"io"
	"mime/quotedprintable"
	"strings"
	"testing"
)

func TestQuotedPrintable(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	for _, c := range []struct{ in, want, defects string }{
		{"", "", ""},
		{"Now's the time =\r\nfor all folk to come=\r\n to the aid of their country.", "Now's the time for all folk to come to the aid of their country.", ""}, // §6.7(5)
		{"caf=E9=\n", "caf\xe9", ""},
		{"caf=e9\n", "caf\xe9\n", ""},
		{"a=3D=3Db", "a==b", ""},
		{"bare = sign, =XY, =4", "bare = sign, =XY, =4", "qp-bad-escape"},
		{"a=", "a", ""},
		{"a= \t\nb", "ab", "qp-trailing-blank"},
		{"a \t\r\nb  ", "a\r\nb", "qp-trailing-blank"}, // §6.7(3)
		{"a=20\r\nb=09\n", "a \r\nb\t\n", ""},
		{"=\n=\n\n", "\n", ""},
		{long + "=41" + long, long + "A" + long, ""},
		{strings.Repeat("=41", 100_000), strings.Repeat("A", 100_000), ""},
	} {
		got, defects := decodeAll(t, NewQPDecoder(strings.NewReader(c.in)))
		if got != c.want || defects != c.defects {
			t.Errorf("%.60q: got %.60q (%s), want %.60q (%s)", c.in, got, defects, c.want, c.defects)
		}
	}
}

func FuzzQuotedPrintable(f *testing.F) {
	for _, s := range []string{"a=\r\nb", "=e9=E9", "= ", "a \n", "=4"} {
		f.Add([]byte(s), uint16(1))
	}
	f.Fuzz(func(t *testing.T, b []byte, n uint16) {
		got, defects := decodeAll(t, NewQPDecoder(bytes.NewReader(b)))
		want, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(b)))
		if err == nil && defects == "" && !bytes.Contains(b, []byte("\r")) && string(want) != got {
			t.Errorf("%q: got %q, want %q", b, got, want)
		}
		// What goes before must not change how a line is read, wherever the blocks are cut.
		front := strings.Repeat("0123456789\n", 1+int(n)%6000)
		all, _ := decodeAll(t, NewQPDecoder(io.MultiReader(strings.NewReader(front), bytes.NewReader(b))))
		if all != front+got {
			t.Errorf("%q reads otherwise after %d octets", b, len(front))
		}
	})
}

func BenchmarkQuotedPrintable(b *testing.B) {
	var text bytes.Buffer
	w := quotedprintable.NewWriter(&text)
	w.Write([]byte(strings.Repeat("слово word naïve the = über mail строка xxxxxxxxx and\r\n", 100_000)))
	w.Close()
	for _, c := range []struct {
		name string
		open func(io.Reader) io.Reader
	}{
		{"posta", func(r io.Reader) io.Reader { return NewQPDecoder(r) }},
		{"stdlib", func(r io.Reader) io.Reader { return quotedprintable.NewReader(r) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(text.Len()))
			for b.Loop() {
				io.Copy(io.Discard, c.open(bytes.NewReader(text.Bytes())))
			}
		})
	}
}
