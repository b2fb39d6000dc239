package sandbox

import (
	"os"
	"path"
	"strings"
	"testing"
)

func countFiles(t *testing.T, dir string) int {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestMatchAddress(t *testing.T) {
	for _, tc := range []struct {
		pattern, address string
		want             bool
	}{
		{"bob@example.org", "Bob@Example.org", true},
		{"bob@example.org", "bob@example.org.x", false},
		{"bob", "bob@example.org", true},
		{"b?b", "bob@example.org", true},
		{"b?b", "büb@example.org", true},
		{"b*", "bob@example.org", true},
		{"*@example.*", "bob@example.org", true},
		{"*a*b*c", "xaybzbzc", true},
		{"*a*b*c", "xaybzbz", false},
		{"", "x@y", false},
		{"*", "", true},
		{"<>", "", true},
		{"<>", "x@y", false},
		{"example.org", "bob@example.org", false},
		{strings.Repeat("*a", 50), strings.Repeat("a", 5000) + "b", false},
	} {
		if got := matchAddress(tc.pattern, tc.address); got != tc.want {
			t.Errorf("%.20q, %.20q: %v", tc.pattern, tc.address, got)
		}
	}
}

// FuzzGlob holds glob against the standard library's, for text without its other special characters.
func FuzzGlob(f *testing.F) {
	f.Add("*a?b*", "xxaybz")
	f.Add("?", "ü")
	f.Add("**", "")
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern) > 20 || strings.ContainsAny(pattern+s, "[]\\/") || strings.ToValidUTF8(pattern+s, "") != pattern+s {
			return
		}
		want, err := path.Match(strings.ToLower(pattern), strings.ToLower(s))
		if err == nil && glob(pattern, s) != want {
			t.Errorf("glob(%q, %q) is not %v", pattern, s, want)
		}
	})
}

// TestBody: text is found under transfer encodings and in parts, also where the letter is malformed.
func TestBody(t *testing.T) {
	for _, tc := range []struct {
		letter, text string
		want         bool
	}{
		{"\r\nHello World\r\n", "hello world", true},
		{"Subject: hello\r\n\r\nx", "hello", false},
		{"Content-Transfer-Encoding: base64\r\n\r\naGVsbG8g\r\nd29ybGQ=\r\n", "hello world", true},
		{"Content-Transfer-Encoding: quoted-printable\r\n\r\nhel=\r\nlo=20world", "hello world", true},
		{"Content-Type: multipart/x; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: multipart/y; boundary=c\r\n\r\n--c\r\n\r\ntwo\r\n--c--\r\n--b--\r\n", "two", true},
		{"Content-Type: multipart/x; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n", "two", false},
		{"no header at all", "header at", true},
		{"Content-Transfer-Encoding: base64\r\n\r\naGVsbG8g!!", "hello", true},
		{"\r\nline\r\nline\r\n", "line\nline", true},
	} {
		m := &Message{content: content{mem: []byte(tc.letter)}}
		if got, err := bodyContains(m, tc.text); got != tc.want || err != nil {
			t.Errorf("%q in %q: %v, %v", tc.text, tc.letter, got, err)
		}
	}
}

func TestSubject(t *testing.T) {
	for letter, want := range map[string]string{
		"Subject: a\r\n b\r\n\tc\r\nTo: x\r\n\r\n":                  "a b\tc",
		"To: x\nSUBJECT : b\n\n":                                    "b",
		"To: x\r\n\r\nSubject: in the body\r\n":                     "",
		"Subject: =?iso-8859-1?q?=E4?= =?utf-8?b?w7Y=?= x\r\n\r\n":  "äö x",
		"Subject: =?unknown-charset?q?x?=\r\n\r\n":                  "=?unknown-charset?q?x?=",
		"Subject:\r\n folded at once\r\n\r\n":                       "folded at once",
		"X-Subject: no\r\nSubject: 1\r\nSubject: 2\r\n\r\nSubject:": "1",
	} {
		if got := subject([]byte(letter)); got != want {
			t.Errorf("%q: %q, want %q", letter, got, want)
		}
	}
}
