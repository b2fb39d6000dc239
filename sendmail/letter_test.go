package sendmail

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

// inFile is text as a letter that stays in its file.
func inFile(t testing.TB, text string) (*Letter, *os.File) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "letter"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if _, err := f.WriteString("before" + text); err != nil {
		t.Fatal(err)
	}
	f.Seek(6, io.SeekStart)
	l, err := ReadLetter(f, LetterOptions{MemoryLimit: 1})
	if err != nil {
		t.Fatal(err)
	}
	return l, f
}

func wire(t testing.TB, l *Letter) string {
	t.Helper()
	var b bytes.Buffer
	n, err := l.WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatal(n, err)
	}
	if l.Size() != n {
		t.Errorf("size %d, written %d", l.Size(), n)
	}
	return b.String()
}

func TestLetterWire(t *testing.T) {
	for _, test := range []struct {
		name, in, out string
	}{
		{"LF", "A: b\n\nx\ny\n", "A: b\r\n\r\nx\r\ny\r\n"},
		{"CRLF", "A: b\r\n\r\nx\r\ny\r\n", "A: b\r\n\r\nx\r\ny\r\n"},
		{"mixed", "A: b\r\n\nx\r\ny\n", "A: b\r\n\r\nx\r\ny\r\n"},
		{"no last line end", "A: b\n\nx", "A: b\r\n\r\nx\r\n"},
		{"header alone", "A: b\n", "A: b\r\n"},
		{"header alone, no line end", "A: b", "A: b\r\n"},
		{"header and empty line", "A: b\n\n", "A: b\r\n\r\n"},
		{"empty", "", ""},
		{"a line that is no field ends the header", "A: b\nhello\n", "A: b\r\n\r\nhello\r\n"},
		{"no header", "hello\n", "hello\r\n"},
		{"no header, empty line first", "\nhello\n", "\r\nhello\r\n"},
		{"mbox line", "From a@b Mon Nov  2 10:00:00 2026\nA: b\n\nx\n", "A: b\r\n\r\nx\r\n"},
		{"Bcc", "A: b\nBcc: c,\n d\nC: d\nresent-bcc: x\n\nBcc: body\n", "A: b\r\nC: d\r\n\r\nBcc: body\r\n"},
		{"Bcc first and last", "Bcc: a\nX: y\nBcc: b\n\n", "X: y\r\n\r\n"},
		{"Bcc with white space before the colon, RFC 5322 §4.5.3", "Bcc : a\nX: y\n\n", "X: y\r\n\r\n"},
		{"folds", "A: b\n c\n\td\n\nx\n", "A: b\r\n c\r\n\td\r\n\r\nx\r\n"},
		{"empty lines at the end", "A: b\n\nx\n\n\n", "A: b\r\n\r\nx\r\n\r\n\r\n"},
	} {
		if got := wire(t, letter(t, test.in)); got != test.out {
			t.Errorf("%s: %q, want %q", test.name, got, test.out)
		}
		file, _ := inFile(t, test.in)
		if got := wire(t, file); got != test.out {
			t.Errorf("%s, in a file: %q, want %q", test.name, got, test.out)
		}
		spooled, err := ReadLetter(iotest.OneByteReader(strings.NewReader(test.in)), LetterOptions{MemoryLimit: 1, TempDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		if got := wire(t, spooled); got != test.out {
			t.Errorf("%s, spooled: %q, want %q", test.name, got, test.out)
		}
		if err := spooled.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestLetterFacts(t *testing.T) {
	long := strings.Repeat("x", 999)
	for _, test := range []struct {
		in                       string
		eightBit, utf8H, binary  bool
		longLines, header, fault bool
	}{
		{in: "A: b\n\nx\n", header: true},
		{in: "A: b\n\nx\xe9\n", header: true, eightBit: true},
		{in: "A: é\n\nx\n", header: true, eightBit: true, utf8H: true},
		{in: "A: \xe9\n\nx\n", header: true, eightBit: true},
		{in: "A: b\n\nx\x00\n", header: true, binary: true, fault: true},
		{in: "A: b\n\nx\ry\n", header: true, binary: true, fault: true},
		{in: "A: b\n\nx\r", header: true, binary: true, fault: true},
		{in: "A: b\n\nx\r\r\n", header: true, binary: true, fault: true},
		{in: "A: b\rc\n\nx\n", header: true, fault: true},
		{in: "A: b\x00\n\nx\n", header: true, fault: true},
		{in: "A: b\n\n" + long + "\r\n", header: true, longLines: true},
		{in: "A: b\n\n" + long[1:] + "\r\n", header: true},
		{in: "A: " + long + "\n\nx", header: true, longLines: true},
		{in: "x"},
	} {
		for _, l := range []*Letter{letter(t, test.in), first(inFile(t, test.in))} {
			if l.EightBit() != test.eightBit || l.UTF8Header() != test.utf8H || l.Binary() != test.binary ||
				l.HasLongLines() != test.longLines || l.HasHeader() != test.header {
				t.Errorf("%.30q: %+v", test.in, l.body)
			}
			var fault *LetterError
			if err := l.check(&Extensions{}); errors.As(err, &fault) != test.fault {
				t.Errorf("%.30q: check says %v", test.in, err)
			}
		}
	}
}

func first[A, B any](a A, _ B) A { return a }

// TestLetterBlockEnds: CRLF, dots and the rest across the ends of blocks.
func TestLetterBlockEnds(t *testing.T) {
	for _, end := range []string{"\r\n", "\n"} {
		for shift := -3; shift <= 3; shift++ {
			body := strings.Repeat("y", blockSize+shift-len(end)) + end + "." + end + ".." + end + "z" + end
			text := "A: b" + end + end + body
			want := strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
			for _, l := range []*Letter{letter(t, text), first(inFile(t, text))} {
				if wire(t, l) != want {
					t.Errorf("%q, shift %d: changed", end, shift)
				}
				if l.Binary() {
					t.Errorf("%q, shift %d: binary", end, shift)
				}
				if got := stuffed(t, l); got != strings.ReplaceAll(want, "\n.", "\n..") {
					t.Errorf("%q, shift %d: wrongly stuffed", end, shift)
				}
			}
		}
	}
}

// stuffed is the letter as DATA has it.
func stuffed(t testing.TB, l *Letter) string {
	t.Helper()
	var all []byte
	w := l.open(true)
	for {
		out, last, err := w.next(nil)
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, out...); last {
			return string(all)
		}
	}
}

// TestLetterFileChanges: a file that is not what was scanned never comes to its end.
func TestLetterFileChanges(t *testing.T) {
	text := "A: b\n\n" + strings.Repeat("0123456789abcdef\n", 40000)
	for name, change := range map[string]func(*os.File) error{
		"shorter":   func(f *os.File) error { return f.Truncate(int64(len(text) / 2)) },
		"one less":  func(f *os.File) error { return f.Truncate(int64(6 + len(text) - 1)) },
		"longer":    func(f *os.File) error { _, err := f.WriteAt([]byte("x"), int64(6+len(text))); return err },
		"other":     func(f *os.File) error { _, err := f.WriteAt([]byte("x"), 100000); return err },
		"last byte": func(f *os.File) error { _, err := f.WriteAt([]byte("x"), int64(6+len(text)-1)); return err },
	} {
		l, f := inFile(t, text)
		if err := change(f); err != nil {
			t.Fatal(err)
		}
		size, err := l.WriteTo(io.Discard)
		if !errors.Is(err, ErrLetterChanged) || size >= l.Size() {
			t.Errorf("%s: wrote %d of %d, %v", name, size, l.Size(), err)
		}
	}
}

func TestLetterReadError(t *testing.T) {
	broken := errors.New("broken")
	for _, limit := range []int{0, 1} {
		r := io.MultiReader(strings.NewReader("A: b\n\nx\n"), iotest.ErrReader(broken))
		l, err := ReadLetter(r, LetterOptions{MemoryLimit: limit, TempDir: t.TempDir()})
		if l != nil || !errors.Is(err, broken) {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
	var fault *LetterError
	if _, err := ReadLetter(strings.NewReader("A: "+strings.Repeat("b\n ", 1<<20)), LetterOptions{}); !errors.As(err, &fault) {
		t.Errorf("endless header: %v", err)
	}
}

func TestLetterEdits(t *testing.T) {
	l := letter(t, "From: a\nX: 1\nx: 2\n\nbody\n")
	for _, err := range []error{
		l.AddMissing("from", "other"), l.AddMissing("Date", "now"), l.AddMissing("date", "then"),
		l.Prepend("Received", "here"), l.Prepend("Received", "there\n\tand on"), l.Replace("X", "3"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := "Received: there\r\n\tand on\r\nReceived: here\r\nFrom: a\r\nDate: now\r\nX: 3\r\n\r\nbody\r\n"
	if got := wire(t, l); got != want {
		t.Errorf("%q", got)
	}
	if string(l.Header()) != "From: a\r\nX: 1\r\nx: 2\r\n" {
		t.Errorf("%q", l.Header())
	}
	for _, body := range []string{"a\nBcc: x", "a\r\nb", "a\rb", "a\x00b", "a\n \n b", strings.Repeat("x", 999), "a\n\nb"} {
		var fault *LetterError
		if err := l.Append("Y", body); !errors.As(err, &fault) {
			t.Errorf("%.20q was taken", body)
		}
	}
	for _, name := range []string{"", "a b", "a:b", "a\nb", "é"} {
		if l.Append(name, "x") == nil {
			t.Errorf("field name %q was taken", name)
		}
	}
	if got := wire(t, l); got != want {
		t.Errorf("refused fields changed it: %q", got)
	}
	bare := letter(t, "hello\n")
	bare.Append("Subject", "x")
	if got := wire(t, bare); got != "Subject: x\r\n\r\nhello\r\n" {
		t.Errorf("%q", got)
	}
}

// FuzzLetter: whatever comes, the wire form has only CRLF as line ends, is as long as Size said, and dot-stuffing can
// be undone; memory and file agree.
func FuzzLetter(f *testing.F) {
	for _, s := range []string{
		"", "A: b\n\nx\n", "A: b\r\n\r\n.x\r\n..\r\n", "A: b\n\nx\ry\x00", "From x\nA : b\n c\n", ".\n.\n", "\r", "\r\r\n", "A: b\r",
		"Bcc: x", "Bcc: x\n\n", "A: b\n\r", "A: b\r\n\r", " : x\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		l, err := ReadLetter(bytes.NewReader(in), LetterOptions{})
		if err != nil {
			t.Fatal(err)
		}
		got := wire(t, l)
		file, _ := inFile(t, string(in))
		if wire(t, file) != got {
			t.Fatalf("file: %q, memory: %q", wire(t, file), got)
		}
		if l.check(&Extensions{}) != nil {
			return
		}
		rest := strings.ReplaceAll(got, "\r\n", "")
		if strings.ContainsAny(rest, "\r\n\x00") || got != "" && !strings.HasSuffix(got, "\r\n") {
			t.Fatalf("%q", got)
		}
		for line := range strings.Lines(string(l.header())) {
			if strings.EqualFold(strings.TrimRight(fieldName([]byte(line)), " "), "Bcc") {
				t.Fatalf("Bcc in %q", l.header())
			}
		}
		lines := strings.SplitAfter(stuffed(t, l), "\r\n")
		for i, line := range lines {
			if line == ".\r\n" {
				t.Fatal("a lone dot")
			}
			lines[i] = strings.TrimPrefix(line, ".")
		}
		if strings.Join(lines, "") != got {
			t.Fatalf("%q does not come back as %q", lines, got)
		}
	})
}
