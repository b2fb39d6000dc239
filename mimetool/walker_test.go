package mimetool

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
)

// walkText is a walk as text: a line for each part with its number, type and body (a leaf's), and then how it ended.
func walkText(r io.Reader, limits Limits) string {
	var out strings.Builder
	for p, err := range NewWalker(r, limits).Parts() {
		if err != nil {
			fmt.Fprintf(&out, "error %v\n", err)
			break
		}
		fmt.Fprintf(&out, "%s %s", p.Number, p.Type)
		if !p.IsContainer() {
			body, err := io.ReadAll(p.Decoded())
			fmt.Fprintf(&out, " %q", body)
			if err != nil {
				fmt.Fprintf(&out, " %v", err)
			}
		}
		fmt.Fprintln(&out)
	}
	return out.String()
}

var walkCases = []struct{ name, message, want string }{
	{"RFC 5322 A.1.1", "From: a@b\r\nSubject: x\r\n\r\nThis is it.\r\n", "1 text/plain \"This is it.\\r\\n\"\n"},
	{"no body", "From: a@b\n", "1 text/plain \"\"\n"},
	{"nothing at all", "", "1 text/plain \"\"\n"},
	{
		"RFC 2046 §5.1.1", "Content-type: multipart/mixed; boundary=\"simple boundary\"\r\n\r\n" +
			"This is the preamble.\r\n--simple boundary\r\n\r\nimplicit\r\n--simple boundary\r\n" +
			"Content-type: text/plain; charset=us-ascii\r\n\r\nexplicit, ends with a line end\r\n\r\n--simple boundary--\r\n\r\nepilogue\r\n",
		"TEXT multipart/mixed\n1 text/plain \"implicit\"\n2 text/plain \"explicit, ends with a line end\\r\\n\"\n",
	},
	{
		"nested, LF", "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; boundary=b\n\n" +
			"--b\n\n1\n--b\nContent-Type: text/html\n\n2\n--b--\n--a\nContent-Type: message/rfc822\n\nSubject: in\n\nin\n\n--a--\n",
		"TEXT multipart/mixed\n1 multipart/alternative\n1.1 text/plain \"1\"\n1.2 text/html \"2\"\n2 message/rfc822\n2.1 text/plain \"in\\n\"\n",
	},
	{
		"message of a multipart in a message", "Content-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\nx\n--a--\n",
		"1 message/rfc822\n1.TEXT multipart/mixed\n1.1 text/plain \"x\"\n",
	},
	{
		"no close-delimiter", "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nx\n--a\n\ny\n",
		"TEXT multipart/mixed\n1 text/plain \"x\"\n2 text/plain \"y\\n\"\n",
	},
	{
		"one boundary begins with the other", "Content-Type: multipart/mixed; boundary=ab\n\n--ab\nContent-Type: multipart/mixed; boundary=abc\n\n" +
			"--abc\n\nx\n--abc--\n--ab\n\ny\n--ab--\n",
		"TEXT multipart/mixed\n1 multipart/mixed\n1.1 text/plain \"x\"\n2 text/plain \"y\"\n",
	},
	{
		"the inner one is the shorter", "Content-Type: multipart/mixed; boundary=abc\n\n--abc\nContent-Type: multipart/mixed; boundary=ab\n\n" +
			"--ab\n\nx\n--ab--\n--abc\n\ny\n--abc--\n",
		"TEXT multipart/mixed\n1 multipart/mixed\n1.1 text/plain \"x\"\n2 text/plain \"y\"\n",
	},
	{
		"the same boundary inside", "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=a\n\n" +
			"--a\n\nx\n--a--\n--a\n\ny\n--a--\n",
		"TEXT multipart/mixed\n1 multipart/mixed\n1.1 text/plain \"x\"\n2 text/plain \"y\"\n",
	},
	{
		"blanks after the boundary, the start of a line is enough (RFC 2046 §5.1.1)",
		"Content-Type: multipart/mixed; boundary=a\n\n--a  \t\r\n\r\nx\r\n--a-->\r\nz",
		"TEXT multipart/mixed\n1 text/plain \"x\"\n",
	},
	{
		"header ends at a delimiter", "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: text/html\n--a\n--a--\n",
		"TEXT multipart/mixed\n1 text/html \"\"\n",
	},
	{
		"doubled delimiters", "Content-Type: multipart/mixed; boundary=a\n\n--a\n--a\n\nx\n--a\n--a\n--a--\n",
		"TEXT multipart/mixed\n1 text/plain \"x\"\n",
	},
	{
		"a boundary that is over is not taken for a shorter one's", "Content-Type: multipart/mixed; boundary=ab\n\n--ab\n" +
			"Content-Type: multipart/mixed; boundary=abc\n\n--abc\n\nx\n--ab\n\ny\n--abc\nz\n--abz\n\n--ab--\n",
		"TEXT multipart/mixed\n1 multipart/mixed\n1.1 text/plain \"x\"\n2 text/plain \"y\\n--abc\\nz\"\n3 text/plain \"\"\n",
	},
	{
		"the empty line has a blank", "Content-Type: multipart/mixed; boundary=a\n \n--a\nContent-Type: text/html\n\nx\n--a--\n",
		"TEXT multipart/mixed\n1 text/html \"x\"\n",
	},
	{
		"no boundary is declared", "Content-Type: multipart/mixed\n\nprose\n--xyz\nContent-Type: text/html\n\nx\n--xyz--\n",
		"TEXT multipart/mixed\n1 text/html \"x\"\n",
	},
	{
		"another boundary is declared", "Content-Type: multipart/mixed; boundary=abc\n\n-- \n--xyz\n\nx\n--xyz--\n",
		"TEXT multipart/mixed\n1 text/plain \"x\"\n",
	},
	{
		"the boundary of what is around is not taken", "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed\n\nx\n" +
			"--a\nContent-Type: text/html\n\ny\n--a--\n",
		"TEXT multipart/mixed\n1 multipart/mixed\n2 text/html \"y\"\n",
	},
	{
		"digest (RFC 2046 §5.1.5)", "Content-Type: multipart/digest; boundary=a\n\n--a\n\nSubject: x\n\nx\n--a\nContent-Type: text/plain\n\ny\n--a--",
		"TEXT multipart/digest\n1 message/rfc822\n1.1 text/plain \"x\"\n2 text/plain \"y\"\n",
	},
	{
		"no boundary is found", "Content-Type: multipart/mixed; boundary=a\n\nx\n--b\n",
		"TEXT multipart/mixed\n",
	},
	{
		"From_ line", "From a@b Mon Jan  1 00:00:00 2024\nSubject: x\n\nx\n",
		"1 text/plain \"x\\n\"\n",
	},
	{
		"no empty line", "Subject: x\nthis is the body\n", "1 text/plain \"this is the body\\n\"\n",
	},
	{
		"hyphens", "Content-Type: multipart/mixed; boundary=a\n\n--a\n\n--\n-- \n--b\n--\n\n-\n--a\n\n-\n--a\n\n--",
		"TEXT multipart/mixed\n1 text/plain \"--\\n-- \\n--b\\n--\\n\\n-\"\n2 text/plain \"-\"\n3 text/plain \"--\"\n",
	},
}

func TestWalk(t *testing.T) {
	for _, c := range walkCases {
		t.Run(c.name, func(t *testing.T) {
			if got := walkText(strings.NewReader(c.message), Limits{}); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
			if got := walkText(iotest.OneByteReader(strings.NewReader(c.message)), Limits{}); got != c.want {
				t.Errorf("octet by octet got\n%swant\n%s", got, c.want)
			}
		})
	}
}

// checkPlaces holds the places that a walk gives against the message: the header's octets and the body's stand there.
func checkPlaces(t *testing.T, b []byte) {
	t.Helper()
	w := NewWalker(bytes.NewReader(b), Limits{})
	type place struct {
		start int64
		raw   []byte
		leaf  bool
	}
	var places []place
	ended := 0
	for {
		p, err := w.Next()
		for _, x := range w.Closed() {
			ended++
			from := places[x.Part]
			if x.BodyStart < from.start || x.End < x.BodyStart || x.End > int64(len(b)) {
				t.Fatalf("part %d goes from %d to %d", x.Part, x.BodyStart, x.End)
			}
			if from.leaf && !bytes.Equal(b[x.BodyStart:x.End], from.raw) {
				t.Errorf("at %d to %d there is not %q", x.BodyStart, x.End, from.raw)
			}
		}
		if err == io.EOF {
			if w.Offset() != int64(len(b)) || ended != len(places) {
				t.Errorf("%d of %d octets, %d ends of %d parts", w.Offset(), len(b), ended, len(places))
			}
			return
		}
		if err != nil || p.Encoded > 0 {
			return
		}
		at := p.HeaderStart
		for _, f := range p.Header {
			if !bytes.HasPrefix(b[at:], f.Raw) {
				t.Errorf("field %q is not at %d", f.Raw, at)
			}
			at += int64(len(f.Raw))
		}
		from := place{start: p.BodyStart, leaf: !p.IsContainer()}
		if from.leaf {
			from.raw, _ = io.ReadAll(p.Raw())
		}
		places = append(places, from)
	}
}

func TestPlaces(t *testing.T) {
	for _, c := range walkCases {
		checkPlaces(t, []byte(c.message))
		checkPlaces(t, []byte(strings.ReplaceAll(c.message, "\n", "\r\n")))
	}
}

func FuzzWalk(f *testing.F) {
	for _, c := range walkCases {
		f.Add([]byte(c.message))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		want := walkText(bytes.NewReader(b), Limits{})
		if got := walkText(iotest.HalfReader(bytes.NewReader(b)), Limits{}); got != want {
			t.Errorf("in halves\n%sat once\n%s", got, want)
		}
		checkPlaces(t, b)
	})
}

// TestPartAlone: what is read is a part that was fetched by its number, and those in it count on from there.
func TestPartAlone(t *testing.T) {
	for _, c := range []struct{ number, part, want string }{
		{"2.1", "Content-Type: image/png\n\nx", "2.1"},
		{"3", "Content-Type: message/rfc822\n\nSubject: x\n\nx", "3 3.1"},
		{"3", "Content-Type: message/rfc822\n\n" + attachments("", "a", "", "b"), "3 3.TEXT 3.1 3.2"},
		{"3", "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeAoKeA==\n", "3 3.1"},
		{"2", attachments("", "a", "", "b"), "2 2.1 2.2"},
		{"", attachments("", "a", "", "b"), "TEXT 1 2"},
	} {
		w := NewWalker(strings.NewReader(c.part), Limits{})
		w.Number = c.number
		var got []string
		for p, err := range w.Parts() {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, p.Number)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("part %s: %q has the parts %v, want %s", c.number, c.part, got, c.want)
		}
	}
}

// TestUnpackPart: a file without a name is called by the number that its part has in the message.
func TestUnpackPart(t *testing.T) {
	dir, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	u := NewUnpacker(dir, UnpackOptions{FileOptions: FileOptions{All: true}})
	for _, number := range []string{"2", "3.1"} {
		for e, err := range u.UnpackPart(strings.NewReader("Content-Type: image/png\n\nx"), number) {
			if err != nil || e.Part != number || e.Path != "part-"+number+".png" {
				t.Errorf("part %s is %+v, %v", number, e, err)
			}
		}
	}
}

// hyphenLine finds what a plain search finds.
func FuzzHyphenLine(f *testing.F) {
	for _, s := range []string{"", "-", "--", "\n--", "a\n--b", "----\n--", "\n-\n--", "-\n--\n--", "\n---", "--\n", "a--\n--b\n--"} {
		f.Add([]byte(s), 0)
		f.Add([]byte(s), 2)
	}
	f.Fuzz(func(t *testing.T, b []byte, from int) {
		if from < 0 || from > len(b) {
			return
		}
		want := bytes.Index(b[from:], []byte("\n--"))
		if want >= 0 {
			want += from
		}
		if got := hyphenLine(b, from); got != want {
			t.Errorf("%q from %d: %d, not %d", b, from, got, want)
		}
	})
}
