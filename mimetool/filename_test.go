package mimetool

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestSafeName(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"report.pdf", "report.pdf"},
		{"Bericht für Müller.pdf", "Bericht für Müller.pdf"},
		{"", ""},
		{"/home1/a/uk7200_110_6.jpg", "uk7200_110_6.jpg"}, // RFC 2183 §2.3
		{`C:\Documents\a.doc`, "a.doc"},
		{"../../etc/passwd", "passwd"},
		{"..", ""},
		{"../", ""},
		{"...", ""},
		{"/", ""},
		{"a/..", ""},
		{"dir/", "dir"},
		{".bashrc", "_bashrc"},
		{"-rf", "_rf"},
		{" \t-rf ", "_rf"},
		{"a\x00b.sh\x00.jpg", "ab.sh.jpg"},
		{"a\r\nb", "a  b"},
		{"\x1b[31mred\x1b[0m\u009b2J", "[31mred[0m2J"},
		{"photo\u202egpj.exe", "photogpj.exe"},
		{"\u200b\u2066.\u2069./x", "x"},
		{"\u202e..", ""},
		{"CON", "_CON"},
		{"nul.txt", "_nul.txt"},
		{"Com1 .log", "_Com1 .log"},
		{"com¹", "_com¹"},
		{"lpt0", "_lpt0"},
		{"console.log", "console.log"},
		{"com10", "com10"},
		{"name. . ", "name"},
		{"e\u0301.txt", "é.txt"},
		{"\xff\xfe.txt", "__.txt"},
		{"..%2f..%2fetc", "_.%2f..%2fetc"},
		{strings.Repeat("a", 4096) + ".tar", strings.Repeat("a", maxName-4) + ".tar"},
		{strings.Repeat("ё", 4096), strings.Repeat("ё", maxName/2)},
		{strings.Repeat("x/", 5000) + "y", "y"},
	} {
		if got := SafeName(c.in); got != c.want {
			t.Errorf("SafeName(%.60q) = %.60q, want %.60q", c.in, got, c.want)
		}
	}
}

func TestTwins(t *testing.T) {
	for _, c := range [][2]string{{"A.TXT", "a.txt"}, {"É.txt", "é.txt"}, {"ﬁ", "FI"}, {"ſ", "s"}, {"K", "k"}} {
		if twinKey(c[0]) != twinKey(c[1]) {
			t.Errorf("%q and %q are no twins", c[0], c[1])
		}
	}
	if twinKey("a") == twinKey("b") {
		t.Error("a and b are twins")
	}
}

func FuzzSafeName(f *testing.F) {
	for _, s := range []string{"../x", "a\\b", "\u202ea", "nul", ".a", strings.Repeat("ä", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		name := SafeName(in)
		if name == "" {
			return
		}
		if strings.ContainsAny(name, "/\\\x00") || name[0] == '.' || name[0] == '-' || isDevice(name) {
			t.Errorf("SafeName(%q) = %q", in, name)
		}
		if len(name) > maxName || !utf8.ValidString(name) || !norm.NFC.IsNormalString(name) {
			t.Errorf("SafeName(%q) = %q: length or form", in, name)
		}
		if strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }) {
			t.Errorf("SafeName(%q) = %q has control characters", in, name)
		}
		if again := SafeName(name); again != name {
			t.Errorf("SafeName(%q) = %q, and of that %q", in, name, again)
		}
	})
}
