package mimetool

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/mail"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

// FuzzDraftRoundTrip: what is packed comes out again by the walker, octet for octet, under its name.
func FuzzDraftRoundTrip(f *testing.F) {
	f.Add("a.txt", []byte("From x\n.\r\n--B\n"), "Grüße\n", "Größe", uint8(0))
	f.Add(strings.Repeat("ü", 300)+`";*'%.bin`, bytes.Repeat([]byte("\x00\xff\r\n"), 5000), "", "a  b =?x?q?y?=", uint8(1))
	f.Add("x", []byte{}, strings.Repeat("x", 2000), strings.Repeat("слово ", 60), uint8(2))
	f.Fuzz(func(t *testing.T, name string, content []byte, text, subject string, mode uint8) {
		if strings.ContainsAny(name+subject, "\r\n\x00") {
			return
		}
		d := &Draft{Subject: subject, Text: strings.NewReader(text), LineEnd: []string{"\n", "\r\n"}[mode&1]}
		a := BytesAttachment(name, content)
		a.Type = "application/octet-stream"
		a.Encoding = []string{"", "base64", "quoted-printable", "quoted-printable"}[mode>>1&3]
		d.Attachments = []Attachment{a}
		var b bytes.Buffer
		if _, err := d.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		checkLines(t, b.String())
		n := 0
		for file, err := range Files(&b, FileOptions{All: true}) {
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(file.Body)
			if err != nil {
				t.Fatal(err)
			}
			if n++; n == 1 && !strings.HasPrefix(text, "begin ") {
				if want := lineEnds(text); lineEnds(string(got)) != want && !strings.Contains(text, "=ybegin") {
					t.Errorf("text %q came out as %q", text, got)
				}
				continue
			}
			if file.Disposition == "attachment" && !bytes.Equal(got, content) {
				t.Errorf("%q came out as %q", content, got)
			}
			for _, d := range file.Defects() {
				if d.Name != "param-control" { // the name was so
					t.Errorf("%q: %v", b.String(), d)
				}
			}
		}
	})
}

// lineEnds is text with LF at line ends, and a line end at its end that does not count.
func lineEnds(s string) string { return strings.TrimSuffix(strings.ReplaceAll(s, "\r\n", "\n"), "\n") }

// checkLines: RFC 5322 §2.1.1 and RFC 2045 §6.7, §6.8.
func checkLines(t *testing.T, message string) {
	t.Helper()
	for line := range strings.SplitSeq(message, "\n") {
		if len(strings.TrimSuffix(line, "\r")) > 998 {
			t.Errorf("a line of %d characters", len(line))
		}
		for i := range len(line) {
			if line[i] >= 0x80 || line[i] == 0 {
				t.Errorf("octet %#x in line %q", line[i], line)
				break
			}
		}
	}
}

func TestDraftNames(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune(`abcXYZ 0.9-_'%*;:"\()<>@,[]?={}~!äßñ€日本語😀`)
	for range 500 {
		name := make([]rune, 1+rnd.IntN(120))
		for i := range name {
			name[i] = alphabet[rnd.IntN(len(alphabet))]
		}
		want := strings.TrimSpace("x" + string(name))
		var b bytes.Buffer
		d := &Draft{Attachments: []Attachment{BytesAttachment(want, nil)}}
		if _, err := d.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		if max := longestLine(b.String()); max > 78 {
			t.Errorf("%q: a line of %d characters", want, max)
		}
		for f, err := range Files(&b, FileOptions{}) {
			if err != nil || f.Name != want || len(f.Defects()) > 0 {
				t.Errorf("%q came out as %q, %v %v", want, f.Name, f.Defects(), err)
			}
		}
	}
}

func longestLine(s string) (n int) {
	for line := range strings.SplitSeq(s, "\r\n") {
		n = max(n, len(line))
	}
	return n
}

func TestDraftAddressesComeBack(t *testing.T) {
	for _, name := range []string{"", "A B", "Doe, John", `a "b" \c`, "Jürgen", "Ünal, B. (x)", "=?utf-8?q?x?=", strings.Repeat("lang und länger ", 20) + "x", "a.b", "日本語 日本語"} {
		raw := EncodeAddresses("To", []mail.Address{{Name: name, Address: "a@b.example"}, {Name: name, Address: "c d@e.example"}}, "\r\n")
		list, defects := ParseAddressList(string(raw[len("To:"):]), WordOptions{})
		if len(list) != 2 || len(defects) > 0 || list[0].Name != name || list[1].Name != name || list[0].Addr != "a@b.example" || list[1].Addr != `"c d"@e.example` {
			t.Errorf("%q as %q came out as %+v %v", name, raw, list, defects)
		}
	}
}

// TestDraftForms: the form of the body is the simplest that holds what there is.
func TestDraftForms(t *testing.T) {
	text := func() io.Reader { return strings.NewReader("x\n") }
	file := BytesAttachment("a.bin", []byte{0})
	inline := file
	inline.Disposition, inline.ContentID = "inline", "cid"
	message := BytesAttachment("m.eml", []byte("Subject: x\n\nä\n"))
	for _, c := range []struct {
		what string
		d    Draft
		want string
	}{
		{"nothing", Draft{}, "text/plain"},
		{"text", Draft{Text: text()}, "text/plain"},
		{"HTML", Draft{HTML: text()}, "text/html"},
		{"RFC 2046 §5.1.4", Draft{Text: text(), HTML: text()}, "multipart/alternative text/plain text/html"},
		{"RFC 2046 §5.1.3", Draft{Text: text(), Attachments: []Attachment{file}}, "multipart/mixed text/plain application/octet-stream"},
		{"a file alone", Draft{Attachments: []Attachment{file}}, "multipart/mixed application/octet-stream"},
		{"RFC 2387", Draft{HTML: text(), Attachments: []Attachment{inline}}, "multipart/related text/html application/octet-stream"},
		{"inline without HTML", Draft{Text: text(), Attachments: []Attachment{inline}}, "multipart/mixed text/plain application/octet-stream"},
		{
			"all of it",
			Draft{Text: text(), HTML: text(), Attachments: []Attachment{file, inline}},
			"multipart/mixed multipart/alternative text/plain multipart/related text/html application/octet-stream application/octet-stream",
		},
		{"a type", Draft{Text: text(), Type: "multipart/parallel"}, "multipart/parallel text/plain"},
		{"RFC 2046 §5.2.1", Draft{Attachments: []Attachment{message}}, "multipart/mixed message/rfc822 text/plain"},
	} {
		var b bytes.Buffer
		if _, err := c.d.WriteTo(&b); err != nil {
			t.Errorf("%s: %v", c.what, err)
		}
		var got []string
		for p, err := range NewWalker(&b, Limits{}).Parts() {
			if err != nil || len(p.Defects) > 0 {
				t.Errorf("%s: %v %v", c.what, err, p.Defects)
				break
			}
			got = append(got, p.Type)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s, want %s", c.what, s, c.want)
		}
	}
}

func TestDraftIsDeterministic(t *testing.T) {
	make := func(boundary string) string {
		return draftString(t, &Draft{
			Text: strings.NewReader("x"), HTML: strings.NewReader("y"), Boundary: boundary,
			Attachments: []Attachment{{Name: "a", Type: `text/csv; b=c; header="d e"; a=b`, Open: BytesAttachment("", []byte("z")).Open}},
		})
	}
	if first, second := make("b"), make("b"); first != second {
		t.Error("the same draft makes two messages")
	}
	if first, second := make(""), make(""); first == second {
		t.Error("a boundary comes twice")
	}
}

func TestDraftRefuses(t *testing.T) {
	file := BytesAttachment("a", []byte("x"))
	with := func(change func(*Attachment)) Draft {
		a := file
		change(&a)
		return Draft{Attachments: []Attachment{a}}
	}
	fault := errors.New("fault")
	for what, d := range map[string]Draft{
		"line end in a subject":         {Subject: "a\nBcc: b"},
		"line end in a name":            {From: []mail.Address{{Name: "a\r\n", Address: "b@c"}}},
		"line end in an address":        {To: []mail.Address{{Address: "b@c\nX: y"}}},
		"field's name":                  {Fields: []DraftField{{"A B", "x"}}},
		"field of the body":             {Fields: []DraftField{{"content-type", "x"}}},
		"line end in a file's name":     with(func(a *Attachment) { a.Name = "a\nb" }),
		"line end in a type":            with(func(a *Attachment) { a.Type = "a/b; c=\"d\r\n\"" }),
		"no type":                       with(func(a *Attachment) { a.Type = "text" }),
		"line end in a description":     with(func(a *Attachment) { a.Description = "a\n" }),
		"line end in a Content-ID":      with(func(a *Attachment) { a.ContentID = "a\n" }),
		"line end in a disposition":     with(func(a *Attachment) { a.Disposition = "a\n" }),
		"unknown encoding":              with(func(a *Attachment) { a.Encoding = "rot13" }),
		"RFC 2046 §5.2.1: base64":       with(func(a *Attachment) { a.Type, a.Encoding = "message/rfc822", "base64" }),
		"nothing to open":               with(func(a *Attachment) { a.Open = nil }),
		"8-bit octets as 7bit":          {Text: strings.NewReader("ä"), Encoding: "7bit"},
		"unknown encoding of text":      {Text: strings.NewReader("ä"), Encoding: "rot13"},
		"no multipart":                  {Type: "text/plain", Text: strings.NewReader("x")},
		"boundary of wrong characters":  {Boundary: "a;b"},
		"boundary that ends in a blank": {Boundary: "a "},
		"boundary that is too long":     {Boundary: strings.Repeat("x", 80)},
		"boundary in a text":            {Text: strings.NewReader("x\n--b\n"), Boundary: "b", Attachments: []Attachment{file}},
		"text that cannot be read":      {Text: iotest.ErrReader(fault)},
		"attachment that cannot be read": with(func(a *Attachment) {
			a.Open = func() (io.ReadCloser, error) { return io.NopCloser(iotest.ErrReader(fault)), nil }
		}),
		"attachment that breaks off": with(func(a *Attachment) {
			a.Open = func() (io.ReadCloser, error) {
				return io.NopCloser(io.MultiReader(strings.NewReader(strings.Repeat("x", 1<<20)), iotest.ErrReader(fault))), nil
			}
		}),
		"attachment that cannot be opened": with(func(a *Attachment) { a.Open = func() (io.ReadCloser, error) { return nil, fault } }),
	} {
		if _, err := d.WriteTo(io.Discard); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}

func TestDraftWriteErrors(t *testing.T) {
	for n := range 2000 {
		d := &Draft{Subject: "x", Text: strings.NewReader("ä"), Attachments: []Attachment{BytesAttachment("a", []byte("b"))}}
		w := &shortDisk{left: n}
		if _, err := d.WriteTo(w); err == nil {
			if w.full {
				t.Fatalf("full after %d octets, and no error", n)
			}
			return
		}
	}
	t.Error("it never ends")
}

// shortDisk takes so many octets.
type shortDisk struct {
	left int
	full bool
}

func (s *shortDisk) Write(p []byte) (int, error) {
	if len(p) > s.left {
		s.full = true
		return s.left, errors.New("full")
	}
	s.left -= len(p)
	return len(p), nil
}

// TestDraftFlatMemory: text that comes from a pipe, and an attachment, of 64 MiB each.
func TestDraftFlatMemory(t *testing.T) {
	const size = 64 << 20
	content := func() io.Reader { return io.LimitReader(zeros{}, size) }
	d := &Draft{Text: content(), Attachments: []Attachment{{Name: "a", Open: func() (io.ReadCloser, error) { return io.NopCloser(content()), nil }}}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n, err := d.WriteTo(io.Discard)
	runtime.ReadMemStats(&after)
	if err != nil || n < 2*size {
		t.Errorf("%d octets, %v", n, err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
		t.Errorf("%d octets were allocated", used)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
