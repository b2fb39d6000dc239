package mimetool

import (
	"bytes"
	"encoding/base64"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// decodeAll is what a decoder gives, and its defects' names.
func decodeAll(t testing.TB, d Decoder) (string, string) {
	t.Helper()
	b, err := io.ReadAll(d)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range d.Defects() {
		names = append(names, f.Name)
	}
	return string(b), strings.Join(names, " ")
}

func TestBase64(t *testing.T) {
	for _, c := range []struct{ in, want, defects string }{
		{"", "", ""},
		{"Zg==", "f", ""}, // RFC 4648 §10
		{"Zm8=", "fo", ""},
		{"Zm9v\r\nYmFy\r\n", "foobar", ""},
		{"Zm9vYg==\n", "foob", ""},
		{"Zm\n9vYm\r\nFy", "foobar", ""},
		{"Z m 9 v\tYmFy", "foobar", ""},
		{"Zm9vYmE", "fooba", "base64-padding"},
		{"Zm9vYg", "foob", "base64-padding"},
		{"Zm9vY", "foo", "base64-truncated"},
		{"Zm9v!YmFy", "foobar", "base64-junk"}, // RFC 2045 §6.8: other characters must be ignored
		{"Zg==Zg==", "ff", "base64-concatenated"},
		{"Zg==\nZg==\n", "ff", "base64-concatenated"},
		{"Zg==\nZm9v\n", "ffoo", "base64-concatenated"},
		{"Zg==\n____________\nThe list\n", "f", "base64-trailing"},
		{"Zg==\n\n", "f", ""},
		{"Zg=\n=\n", "f", ""},
		{"-_-_", "\xfb\xff\xbf", "base64-url"},
		{"====", "", "base64-junk"},
		{"Z===", "", "base64-junk base64-truncated"},
		{"Zm9v\rYmFy\r", "foobar", ""},
	} {
		got, defects := decodeAll(t, NewBase64Decoder(strings.NewReader(c.in)))
		if got != c.want || defects != c.defects {
			t.Errorf("%q: got %q (%s), want %q (%s)", c.in, got, defects, c.want, c.defects)
		}
	}
}

// wrapped is base64 in lines, as a message has it.
func wrapped(raw []byte, columns int, eol string) []byte {
	text := base64.StdEncoding.EncodeToString(raw)
	var out bytes.Buffer
	for len(text) > 0 {
		n := min(columns, len(text))
		out.WriteString(text[:n])
		out.WriteString(eol)
		text = text[n:]
	}
	return out.Bytes()
}

func TestBase64Large(t *testing.T) {
	src := rand.NewChaCha8([32]byte{})
	for _, size := range []int{1, 49_000, 49_152, 65_536, 300_001} {
		raw := make([]byte, size)
		src.Read(raw)
		for _, columns := range []int{1, 3, 60, 76, 70_000, 1 << 20} {
			for _, eol := range []string{"\n", "\r\n", " \r\n", "\n\n"} {
				got, defects := decodeAll(t, NewBase64Decoder(bytes.NewReader(wrapped(raw, columns, eol))))
				if got != string(raw) || defects != "" {
					t.Errorf("%d octets in lines of %d, end %q: %d octets came (%s)", size, columns, eol, len(got), defects)
				}
			}
		}
	}
}

func FuzzBase64(f *testing.F) {
	for _, s := range []string{"Zm9v\r\nYmFy", "Zg==Zg==", "Z!==", "-_", "Zg==\n____"} {
		f.Add([]byte(s), 3)
	}
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		fast, _ := decodeAll(t, NewBase64Decoder(bytes.NewReader(b)))
		want, err := base64.StdEncoding.DecodeString(string(b)) // which passes over line ends
		if err == nil && fast != string(want) {
			t.Errorf("%q: got %q, want %q", b, fast, want)
		}
		c := &base64Codec{}
		dst := make([]byte, len(b)+4)
		k := c.slow(dst, b)
		k += c.finish(dst[k:])
		if string(dst[:k]) != fast {
			t.Errorf("%q: slowly %q, fast %q", b, dst[:k], fast)
		}
		wide := bytes.Repeat(b, min(1+n&0xff, 1+len(b)))
		if _, err := io.Copy(io.Discard, NewBase64Decoder(bytes.NewReader(wide))); err != nil {
			t.Error(err)
		}
	})
}

func BenchmarkBase64(b *testing.B) {
	raw := make([]byte, 10<<20)
	rand.NewChaCha8([32]byte{}).Read(raw)
	text := wrapped(raw, 76, "\r\n")
	for _, c := range []struct {
		name string
		open func(io.Reader) io.Reader
	}{
		{"posta", func(r io.Reader) io.Reader { return NewBase64Decoder(r) }},
		{"stdlib", func(r io.Reader) io.Reader { return base64.NewDecoder(base64.StdEncoding, r) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				io.Copy(io.Discard, c.open(bytes.NewReader(text)))
			}
		})
	}
}
