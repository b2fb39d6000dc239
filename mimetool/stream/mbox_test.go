package stream

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// readAll gives the messages of a stream as strings, and errors as "!error".
func readAll(r io.Reader, f Format, opt Options) (got []string) {
	for m, err := range Read(r, f, opt) {
		if err != nil {
			got = append(got, "!"+err.Error())
			continue
		}
		b, err := io.ReadAll(m)
		if err != nil {
			got = append(got, "!"+err.Error())
			continue
		}
		got = append(got, string(b))
	}
	return got
}

func equalMessages(a, b []string) bool {
	return len(a) == len(b) && strings.Join(a, "\x00") == strings.Join(b, "\x00")
}

func TestMboxRead(t *testing.T) {
	const f = "From a@example.org Thu Jan  1 00:00:00 1970\n"
	long := strings.Repeat("x", 200_000)
	for _, c := range []struct {
		what   string
		format Format
		in     string
		want   []string
	}{
		{"nothing", Mboxrd, "", nil},
		{"empty lines alone", Mboxrd, "\n\r\n\n", nil},
		{"no mbox", Mboxrd, "Subject: x\n\nFrom a\n", []string{"!" + ErrNotMbox.Error()}},
		{"empty lines before", Mboxrd, "\n\n" + f + "A: b\n\nx\n\n", []string{"A: b\n\nx\n"}},
		{"one", Mboxrd, f + "A: b\n\nx\n\n", []string{"A: b\n\nx\n"}},
		{"two", Mboxrd, f + "A: b\n\nx\n\n" + f + "A: c\n\ny\n\n", []string{"A: b\n\nx\n", "A: c\n\ny\n"}},
		{"no final newline", Mboxrd, f + "A: b\n\nx", []string{"A: b\n\nx"}},
		{"no final empty line", Mboxrd, f + "A: b\n\nx\n", []string{"A: b\n\nx\n"}},
		{"own empty line at the end", Mboxrd, f + "A: b\n\nx\n\n\n" + f, []string{"A: b\n\nx\n\n", ""}},
		{"CRLF throughout", Mboxrd, strings.ReplaceAll(f+"A: b\n\nx\n\n"+f+"y\n", "\n", "\r\n"), []string{"A: b\r\n\r\nx\r\n", "y\r\n"}},
		{"CRLF messages", Mboxrd, f + "A: b\r\n\r\nx\r\n\n" + f + "y\r\n\n", []string{"A: b\r\n\r\nx\r\n", "y\r\n"}},
		{"RFC 4155 quoting undone", Mboxrd, f + "\n>From a\n>>From b\n>Fromm\n> From\n\n", []string{"\nFrom a\n>From b\n>Fromm\n> From\n"}},
		{"mboxo quoting undone", Mboxo, f + "\n>From a\n>>From b\n\n", []string{"\nFrom a\n>>From b\n"}},
		{"mboxcl2 has none", Mboxcl2, f + "Content-Length: 16\n\n>From a\n>>From b\n\n", []string{"Content-Length: 16\n\n>From a\n>>From b\n"}},
		{"mboxcl2 counts", Mboxcl2, f + "A: b\ncontent-length:  47\n\n" + "\n" + f + "x\n\n" + f + "y\n", []string{"A: b\ncontent-length:  47\n\n\n" + f + "x\n", "y\n"}},
		{"mboxcl2 counted too little", Mboxcl2, f + "Content-Length: 2\n\nabcdef\n\n" + f + "y\n", []string{"Content-Length: 2\n\nabcdef\n", "y\n"}},
		{"mboxcl2 without a length", Mboxcl2, f + "A: b\n\nx\n\n" + f + "y\n", []string{"A: b\n\nx\n", "y\n"}},
		{"mboxcl2 without a body", Mboxcl2, f + "Content-Length: 0\n\n\n" + f + "y\n", []string{"Content-Length: 0\n\n", "y\n"}},
		{"From_ without an empty line before", Mboxrd, f + "x\n" + f + "y\n", []string{"x\n", "y\n"}},
		{"text that begins with From", Mboxrd, f + "x\nFrom here on\n", []string{"x\nFrom here on\n"}},
		{"From_ without a date", Mboxrd, f + "x\n\nFrom b\ny\n", []string{"x\n", "y\n"}},
		{"no messages in them", Mboxrd, f + f + "\n" + f, []string{"", "", ""}},
		{"long line", Mboxrd, f + long + "\n" + long + "\n\n" + f + long, []string{long + "\n" + long + "\n", long}},
		{"long From_ line", Mboxrd, "From " + long + "\nx\n\n" + f + "y", []string{"x\n", "y"}},
	} {
		for name, r := range map[string]io.Reader{
			"whole": strings.NewReader(c.in), "by the octet": iotest.OneByteReader(strings.NewReader(c.in)),
		} {
			if got := readAll(r, c.format, Options{}); !equalMessages(got, c.want) {
				t.Errorf("%s, %s:\n got %.200q\nwant %.200q", c.what, name, got, c.want)
			}
		}
	}
}

func TestMboxSkips(t *testing.T) {
	in := strings.Repeat("From a\nS: x\n\n>From\n\n\n", 1000)
	n := 0
	for m, err := range Read(strings.NewReader(in), Mboxrd, Options{}) {
		if n++; err != nil || m.Index != n {
			t.Fatalf("message %d: %v %v", n, m, err)
		}
	}
	if n != 1000 {
		t.Errorf("%d messages, want 1000", n)
	}
}

func TestMboxReadError(t *testing.T) {
	fault := errors.New("fault")
	in := "From a\nA: b\n\nx\n"
	got := readAll(io.MultiReader(strings.NewReader(in), iotest.ErrReader(fault)), Mboxrd, Options{})
	if want := []string{"!fault", "!fault"}; !equalMessages(got, want) {
		t.Errorf("got %q, want %q: a message that is cut short must not look whole", got, want)
	}
}

func TestFromLine(t *testing.T) {
	for _, c := range []struct {
		line, sender string
		null         bool
		date         string
	}{
		{"From a@example.org Fri Jan  2 03:04:05 2026", "a@example.org", false, "2026-01-02 03:04:05 +0000"},
		{"From a@example.org Fri Jan 2 03:04:05 2026\r", "a@example.org", false, "2026-01-02 03:04:05 +0000"},
		{"From a@example.org  Fri Jan 02 03:04:05 +0100 2026", "a@example.org", false, "2026-01-02 03:04:05 +0100"},
		{"From - Fri Jan  2 03:04:05 2026", "", false, "2026-01-02 03:04:05 +0000"},
		{"From MAILER-DAEMON Fri Jan  2 03:04:05 2026", "", true, "2026-01-02 03:04:05 +0000"},
		{`From "a b"@example.org Fri Jan  2 03:04:05 2026`, `"a b"@example.org`, false, "2026-01-02 03:04:05 +0000"},
		{"From a!b Fri Jan  2 03:04 2026 remote from c", "a!b", false, "2026-01-02 03:04:00 +0000"},
		{"From Fri Jan  2 03:04:05 2026", "", false, "2026-01-02 03:04:05 +0000"},
		{"From a@example.org", "a@example.org", false, "0001-01-01 00:00:00 +0000"},
		{"From ", "", false, "0001-01-01 00:00:00 +0000"},
		{`From "a b c`, `"a`, false, "0001-01-01 00:00:00 +0000"},
	} {
		sender, null, date := parseFromLine([]byte(c.line + "\n"))
		if got := date.Format("2006-01-02 15:04:05 -0700"); sender != c.sender || null != c.null || got != c.date {
			t.Errorf("%q: %q %v %s, want %q %v %s", c.line, sender, null, got, c.sender, c.null, c.date)
		}
	}
}

func FuzzMboxRoundTrip(f *testing.F) {
	f.Add("A: b\n\nFrom x\n", ">From y\n\n\n", 3)
	f.Add("", "From ", 1)
	f.Add(">>>From a\r\n\r\n", "x", 7)
	f.Fuzz(func(t *testing.T, a, b string, chunk int) {
		var box bytes.Buffer
		w, err := NewWriter(&box, Mboxrd, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, s := range []string{a, b} {
			if strings.Contains(s, strings.Repeat(">", 900)) {
				return
			}
			if err := w.WriteMessage(&Message{Reader: &chunkReader{strings.NewReader(s), max(1, chunk&15)}}); err != nil {
				t.Fatal(err)
			}
			if s != "" && !strings.HasSuffix(s, "\n") {
				s += "\n"
			}
			want = append(want, s)
		}
		text := box.String()
		if got := readAll(&chunkReader{strings.NewReader(text), max(1, chunk&15)}, Mboxrd, Options{}); !equalMessages(got, want) {
			t.Errorf("%q and %q became %q: %q", a, b, text, got)
		}
	})
}

// chunkReader gives n octets at a time.
type chunkReader struct {
	r io.Reader
	n int
}

func (c *chunkReader) Read(p []byte) (int, error) { return c.r.Read(p[:min(len(p), c.n)]) }
