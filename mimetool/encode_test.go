package mimetool

import (
	"bytes"
	"encoding/base64"
	"io"
	"math/rand/v2"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

func encodeWith(t *testing.T, encoding string, content []byte, chunk int, opt EncodeOptions) string {
	t.Helper()
	var b bytes.Buffer
	w, err := NewEncoder(&b, encoding, opt)
	if err != nil {
		t.Fatal(err)
	}
	for len(content) > 0 {
		k := min(chunk, len(content))
		if _, err := w.Write(content[:k]); err != nil {
			t.Fatal(err)
		}
		content = content[k:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestEncodeQP(t *testing.T) {
	x75 := strings.Repeat("x", 75)
	for _, c := range []struct {
		what, in, want string
		text           bool
	}{
		{"RFC 2045 §6.7(1): octets", "a=b\x00\xff", "a=3Db=00=FF", true},
		{"RFC 2045 §6.7(3): blank at a line's end", "a \nb\t\n", "a=20\nb=09\n", true},
		{"RFC 2045 §6.7(3): blank at the end", "a ", "a=20", true},
		{"RFC 2045 §6.7(4): line ends are CRLF or LF", "a\r\nb\nc", "a\nb\nc", true},
		{"bare CR", "a\rb", "a=0Db", true},
		{"RFC 2045 §6.7(4): binary", "a\r\nb\n", "a=0D=0A=\nb=0A", false},
		{"RFC 2045 §6.7(5): soft breaks", x75 + "yz", x75 + "=\nyz", true},
		{"an escape is not divided", x75[:73] + "=", x75[:73] + "=\n=3D", true},
		{"blank that does not fit at the end of a line", x75[:74] + " \n", x75[:74] + "=\n=20\n", true},
		{"dot at the start of a line", ".\n..\na.", "=2E\n=2E.\na.", true},
		{"From at the start of a line", "From x\nFrom\nxFrom y\n", "=46rom x\nFrom\nxFrom y\n", true},
		{"From after a soft break", x75 + "From x", x75 + "=\n=46rom x", true},
		{"empty lines", "\n\n", "\n\n", true},
	} {
		for _, chunk := range []int{1, 2, 7, 1 << 20} {
			got := encodeWith(t, "qp", []byte(c.in), chunk, EncodeOptions{Text: c.text, LineEnd: "\n"})
			if got != c.want {
				t.Errorf("%s, in pieces of %d:\n got %q\nwant %q", c.what, chunk, got, c.want)
			}
		}
	}
}

func FuzzEncodeQP(f *testing.F) {
	f.Add([]byte("a \r\n.\r\nFrom x=\xff\n"), 3, true)
	f.Add(bytes.Repeat([]byte("x "), 40000), 4096, false)
	f.Add(bytes.Repeat([]byte("ä\r\n \n"), 9000), 1000, true)
	f.Fuzz(func(t *testing.T, content []byte, chunk int, text bool) {
		got := encodeWith(t, "quoted-printable", content, max(1, chunk), EncodeOptions{Text: text})
		for line := range strings.SplitSeq(got, "\r\n") {
			if len(line) > 76 || strings.HasSuffix(line, " ") || strings.HasSuffix(line, "\t") || strings.ContainsAny(line, "\r\n") {
				t.Errorf("line %q", line)
			}
		}
		back, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(got)))
		want := string(content)
		if text {
			want = strings.ReplaceAll(strings.ReplaceAll(want, "\r\n", "\n"), "\n", "\r\n")
		}
		if err != nil || string(back) != want {
			t.Errorf("%q became %q: %q %v", content, got, back, err)
		}
	})
}

func TestEncodeBase64(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 3, 56, 57, 58, 114, 58367, 58368, 58369, 200_000} {
		content := make([]byte, n)
		for i := range content {
			content[i] = byte(rnd.Uint32())
		}
		for _, chunk := range []int{1, 1000, 58368, 1 << 20} {
			got := encodeWith(t, "base64", content, chunk, EncodeOptions{})
			lines := strings.Split(strings.TrimSuffix(got, "\r\n"), "\r\n")
			for i, line := range lines {
				if len(line) > 76 || len(line) < 76 && i < len(lines)-1 {
					t.Fatalf("%d octets: line %d has %d characters", n, i, len(line))
				}
			}
			back, err := base64.StdEncoding.DecodeString(strings.Join(lines, ""))
			if err != nil || !bytes.Equal(back, content) {
				t.Fatalf("%d octets in pieces of %d do not come back: %v", n, chunk, err)
			}
		}
	}
	if got, want := encodeWith(t, "base64", []byte("a\nb\r\n"), 2, EncodeOptions{Text: true}), base64.StdEncoding.EncodeToString([]byte("a\r\nb\r\n"))+"\r\n"; got != want {
		t.Errorf("RFC 2045 §6.8, text: %q, want %q", got, want)
	}
}

func TestEncodeLines(t *testing.T) {
	for _, chunk := range []int{1, 2, 100} {
		if got, want := encodeWith(t, "8bit", []byte("a\nb\r\nc\rd\xff\r"), chunk, EncodeOptions{}), "a\r\nb\r\nc\rd\xff\r"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	w, _ := NewEncoder(io.Discard, "7bit", EncodeOptions{})
	if _, err := w.Write([]byte("\x80")); err == nil {
		t.Error("7bit takes an octet above 127")
	}
}

// The example of uuencode(5) in POSIX and the two below are well known.
func TestEncodeOthers(t *testing.T) {
	for _, c := range []struct{ encoding, name, in, want string }{
		{"uu", "cat.txt", "Cat", "begin 644 cat.txt\n#0V%T\n`\nend\n"},
		{"uu", "", "", "begin 644 -\n`\nend\n"},
		{"uu", "a\nb", "", "begin 644 a_b\n`\nend\n"},
		{"yenc", "x", "\xd6abc\x00", "=ybegin line=128 size=5 name=x\n=@\x8b\x8c\x8d*\n=yend size=5 crc32=468ecaa8\n"},
	} {
		if got := encodeWith(t, c.encoding, []byte(c.in), 100, EncodeOptions{Name: c.name, LineEnd: "\n"}); got != c.want {
			t.Errorf("%s of %q:\n got %q\nwant %q", c.encoding, c.in, got, c.want)
		}
	}
}

func TestEncodeUnstructured(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", "Subject: \n"},
		{"Keith Moore", "Subject: Keith Moore\n"},
		{"Grüße", "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n"},
		{"a Grüße b", "Subject: a =?utf-8?q?Gr=C3=BC=C3=9Fe?= b\n"},
		{"ä ö plain", "Subject: =?utf-8?b?w6Qgw7Y=?= plain\n"},
		{"Привет", "Subject: =?utf-8?b?0J/RgNC40LLQtdGC?=\n"},
		{"read =?utf-8?q?x?= so", "Subject: read =?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?= so\n"},
		{"a  b", "Subject: a  b\n"},
		{"a  ä", "Subject: a =?utf-8?b?IMOk?=\n"},
		{"a          b", "Subject: a =?utf-8?q?_________b?=\n"},
	} {
		got := string(EncodeUnstructured("Subject", c.in, "\n"))
		if got != c.want {
			t.Errorf("%q:\n got %q\nwant %q", c.in, got, c.want)
		}
	}
}

func FuzzEncodeUnstructured(f *testing.F) {
	f.Add("a Grüße b")
	f.Add(strings.Repeat("слово ", 50))
	f.Add(strings.Repeat("x", 2000))
	f.Add("word " + strings.Repeat("日本語", 40) + " word")
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsAny(s, "\r\n") {
			return
		}
		got := string(EncodeUnstructured("Subject", s, "\r\n"))
		for line := range strings.SplitSeq(strings.TrimSuffix(got, "\r\n"), "\r\n") {
			if len(line) > 998 || strings.Contains(line, "=?utf-8?") && len(line) > 76 {
				t.Errorf("%q: line %q has %d characters", s, line, len(line))
			}
			for word := range strings.FieldsSeq(line) {
				if b, err := new(mime.WordDecoder).Decode(word); err == nil && !utf8.ValidString(b) {
					t.Errorf("%q: a character is divided in %q", s, word)
				}
			}
		}
		back, err := new(mime.WordDecoder).DecodeHeader(strings.ReplaceAll(strings.TrimPrefix(got, "Subject:"), "\r\n", ""))
		if want := strings.ToValidUTF8(strings.Trim(s, " \t"), "\uFFFD"); err != nil || strings.Trim(back, " \t") != strings.Trim(want, " \t") {
			t.Errorf("%q became %q: %q %v", s, got, back, err)
		}
	})
}

func TestEncodeAddresses(t *testing.T) {
	for _, c := range []struct {
		in   mail.Address
		want string
	}{
		{mail.Address{Address: "a@b"}, "a@b"},
		{mail.Address{Name: "A B", Address: "a@b"}, "A B <a@b>"},
		{mail.Address{Name: `Doe, "J" \`, Address: "a@b"}, `"Doe, \"J\" \\" <a@b>`},
		{mail.Address{Name: "Jürgen", Address: "a@b"}, "=?utf-8?q?J=C3=BCrgen?= <a@b>"},
		{mail.Address{Address: "a b@c"}, `"a b"@c`},
		{mail.Address{Address: `"a b"@c`}, `"a b"@c`},
		{mail.Address{Name: "x", Address: "jürgen@müller.example"}, "x <jürgen@müller.example>"},
	} {
		if got, want := string(EncodeAddresses("To", []mail.Address{c.in}, "\n")), "To: "+c.want+"\n"; got != want {
			t.Errorf("%v: %q, want %q", c.in, got, want)
		}
	}
	var many []mail.Address
	for range 30 {
		many = append(many, mail.Address{Name: "Somebody Müller", Address: "somebody@example.org"})
	}
	for line := range strings.SplitSeq(string(EncodeAddresses("To", many, "\n")), "\n") {
		if len(line) > 78 {
			t.Errorf("line %q has %d characters", line, len(line))
		}
	}
}

func TestEncodeAddressText(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`Jürgen <a@b>, "Ö, P" <c@d>`, `=?utf-8?q?J=C3=BCrgen?= <a@b>, =?utf-8?q?=C3=96=2C_P?= <c@d>`},
		{`Friends: a@b, Bob <c@d>;`, `Friends: a@b, Bob <c@d>;`},
		{`Größe: a@b;`, `=?utf-8?b?R3LDtsOfZQ==?=: a@b;`},
		{`a@b (Jürgen)`, `a@b (=?utf-8?q?J=C3=BCrgen?=)`},
		{`"a, b" <c@d>`, `"a, b" <c@d>`},
		{`jürgen@b`, `jürgen@b`},
	} {
		got, want := string(EncodeAddressText("To", c.in, "\n")), "To: "+c.want+"\n"
		if !strings.Contains(c.want, "=?") && got != want || wordsUndone(t, got) != "To: "+strings.ReplaceAll(c.in, `"Ö, P"`, "Ö, P")+"\n" {
			t.Errorf("%q: %q, want %q", c.in, got, want)
		}
	}
}

func wordsUndone(t *testing.T, s string) string {
	t.Helper()
	out, err := new(mime.WordDecoder).DecodeHeader(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEncodeParam(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"a.txt", "n=a.txt"},
		{"a b.txt", `n="a b.txt"`},
		{`a"b\c`, `n="a\"b\\c"`},
		{"", `n=""`},
		{"Ü.txt", "n*=utf-8''%C3%9C.txt"},
		{"a'%*ü", "n*=utf-8''a%27%25%2A%C3%BC"},
	} {
		if got := strings.Join(EncodeParam("n", c.in), "; "); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
	for _, long := range []string{strings.Repeat("x", 300), strings.Repeat("ü", 100), strings.Repeat("日", 5000)} {
		var whole strings.Builder
		for i, p := range EncodeParam("filename", long) {
			if len(p) > 78 {
				t.Errorf("piece of %d characters: %s", len(p), p)
			}
			_, value, _ := strings.Cut(p, "=")
			if i == 0 {
				value = strings.TrimPrefix(value, "utf-8''")
			}
			dec, err := url.PathUnescape(value)
			if err != nil || !utf8.ValidString(dec) {
				t.Errorf("piece %q: %v", p, err)
			}
			whole.WriteString(dec)
		}
		if whole.String() != long {
			t.Errorf("%.20q… does not come back", long)
		}
	}
}

func TestEncodeFieldRefuses(t *testing.T) {
	for _, c := range [][2]string{{"X", "a\r\nBcc: b"}, {"X", "a\n b"}, {"X", "a\x00"}, {"X: Y", "a"}, {"X\n", "a"}, {"", "a"}, {"Ü", "a"}, {"To", "a\rb"}} {
		if b, err := EncodeField(c[0], c[1], "\n"); err == nil {
			t.Errorf("field %q with %q: %q", c[0], c[1], b)
		}
	}
}

func BenchmarkEncodeBase64(b *testing.B) { benchmarkEncode(b, "base64", 1<<20) }
func BenchmarkEncodeQP(b *testing.B)     { benchmarkEncode(b, "quoted-printable", 1<<20) }

func benchmarkEncode(b *testing.B, encoding string, size int) {
	text := bytes.Repeat([]byte("the naïve слово = über mail\nстрока xxxxxxxxx and the\n"), size/56)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		w, err := NewEncoder(io.Discard, encoding, EncodeOptions{Text: encoding != "base64"})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			b.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
