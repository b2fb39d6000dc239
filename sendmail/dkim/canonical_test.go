package dkim

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
)

// TestExamples: RFC 6376 §3.4.5 and §3.4.3, §3.4.4.
func TestExamples(t *testing.T) {
	if got := string(relaxField([]byte("A: X\r\n"))) + string(relaxField([]byte("B : Y\t\r\n\tZ  \r\n"))); got != "a:X\r\nb:Y Z\r\n" {
		t.Errorf("fields: %q", got)
	}
	for _, c := range []struct {
		name, body, simple, relaxed string
	}{
		{"the example", " C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"},
		{"empty", "", "\r\n", ""},
		{"one empty line", "\r\n", "\r\n", ""},
		{"many empty lines", "\r\n\r\n\r\n", "\r\n", ""},
		{"white space alone", " \t \r\n", " \t \r\n", ""},
		{"no line end", "a", "a\r\n", "a\r\n"},
		{"no line end but white space", "a ", "a \r\n", "a\r\n"},
		{"LF", "a \nb\n\n", "a \r\nb\r\n", "a\r\nb\r\n"},
		{"empty lines within", "\r\n\r\na\r\n\r\nb", "\r\n\r\na\r\n\r\nb\r\n", "\r\n\r\na\r\n\r\nb\r\n"},
		{"bare CR", "a \rb\r\r\n", "a \rb\r\r\n", "a \rb\r\r\n"},
		{"CR at the end", "a\r", "a\r\r\n", "a\r\r\n"},
		{"control characters and eight bits", "\x00a\x01 \xff\r\n", "\x00a\x01 \xff\r\n", "\x00a\x01 \xff\r\n"},
	} {
		for can, want := range map[Canonicalization]string{Simple: c.simple, Relaxed: c.relaxed} {
			if got := canonicalBody(c.body, can, len(c.body)+1); got != want {
				t.Errorf("%s, %s: got %q, want %q", c.name, can, got, want)
			}
			if got := canonicalBody(c.body, can, 1); got != want {
				t.Errorf("%s, %s, octet by octet: got %q, want %q", c.name, can, got, want)
			}
		}
	}
}

func canonicalBody(text string, c Canonicalization, chunk int) string {
	var out bytes.Buffer
	b := newBody(&out, c)
	for len(text) > 0 {
		n := min(chunk, len(text))
		b.Write([]byte(text[:n]))
		text = text[n:]
	}
	b.close()
	return out.String()
}

// naive is the same by the letter of the RFC, on the whole body at once.
func naive(text string, c Canonicalization) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
	if c == Relaxed {
		text = regexp.MustCompile(`[ \t]+(\r\n|$)`).ReplaceAllString(text, "$1")
		text = regexp.MustCompile(`[ \t]+`).ReplaceAllString(text, " ")
	}
	for strings.HasSuffix(text, "\r\n") {
		text = strings.TrimSuffix(text, "\r\n")
	}
	if text == "" && c == Relaxed {
		return ""
	}
	return text + "\r\n"
}

// FuzzBody: however it is cut, a body has the canonical form that the RFC describes.
func FuzzBody(f *testing.F) {
	for _, s := range []string{" C \r\nD \t E\r\n\r\n", "", "\r", "a \r \n", "\n\r\n\r\r\n", strings.Repeat("a \r\n", 20)} {
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, text string, chunk int) {
		for _, c := range []Canonicalization{Simple, Relaxed} {
			if got, want := canonicalBody(text, c, max(1, chunk)), naive(text, c); got != want {
				t.Errorf("%s of %q by %d: got %q, want %q", c, text, chunk, got, want)
			}
		}
	})
}

// TestLongBody crosses the buffer at every offset.
func TestLongBody(t *testing.T) {
	for off := 14; off < 24; off++ {
		text := strings.Repeat("x", bodyBuffer-20+off) + " \t \r\n\r\n y\r\n" + strings.Repeat("z \n", 100)
		for _, c := range []Canonicalization{Simple, Relaxed} {
			if got, want := canonicalBody(text, c, 32<<10), naive(text, c); got != want {
				t.Fatalf("%s at %d: %d octets, want %d", c, off, len(got), len(want))
			}
		}
	}
}

// TestReadErrors: a letter that cannot be read to its end has no signature.
func TestReadErrors(t *testing.T) {
	key, err := GenerateEd25519()
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	for n := range len(letter) {
		r := io.MultiReader(strings.NewReader(letter[:n]), iotest.ErrReader(broken))
		if sig, err := Sign(r, Options{Domain: "example.org", Keys: []Key{{"s", key}}}); !errors.Is(err, broken) {
			t.Fatalf("after %d octets: %q, %v", n, sig, err)
		}
	}
}
