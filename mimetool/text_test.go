package mimetool

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

// wordsMessage makes a message of lines; "{" and "}" begin and end a multipart of the type that follows "{".
func wordsMessage(lines ...string) string {
	var b strings.Builder
	var open []string
	for _, line := range lines {
		switch {
		case strings.HasPrefix(line, "{"):
			boundary := strings.Repeat("=", len(open)+1) + "b"
			b.WriteString("Content-Type: multipart/" + line[1:] + "; boundary=\"" + boundary + "\"\n\n")
			open = append(open, boundary)
		case line == "}":
			b.WriteString("\n--" + open[len(open)-1] + "--\n")
			open = open[:len(open)-1]
		case line == "--":
			b.WriteString("\n--" + open[len(open)-1] + "\n")
		default:
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

func TestText(t *testing.T) {
	plain, html := "Content-Type: text/plain\n\nplain", "Content-Type: text/html\n\n<p>rich"
	for _, c := range []struct{ why, message, want string }{
		{"no type", "Subject: x\n\nbody\n", "body\n"},
		{"no line end", "\nbody", "body\n"},
		{"CR LF, bare CR", "\n\na\r\nb\rc\r\r\nd\r\n", "a\nb\nc\nd\n"},
		{"HTML alone", html, "rich\n"},
		{"plain and HTML", wordsMessage("{alternative", "--", plain, "--", html, "}"), "plain\n"},
		{"HTML and plain", wordsMessage("{alternative", "--", html, "--", plain, "}"), "plain\n"},
		{"an empty plain text", wordsMessage("{alternative", "--", "\n \n", "--", html, "}"), "rich\n"},
		{"an empty plain text behind", wordsMessage("{alternative", "--", html, "--", "\n \n", "}"), "rich\n"},
		{"the last of two (RFC 2046 §5.1.4)", wordsMessage("{alternative", "--", "Content-Type: text/enriched\n\na", "--", "Content-Type: text/x-b\n\nb", "}"), "b\n"},
		{"a calendar loses", wordsMessage("{alternative", "--", html, "--", "Content-Type: text/calendar\n\nBEGIN", "}"), "rich\n"},
		{
			"related in alternative", wordsMessage("{alternative", "--", plain, "--", "{related", "--", html, "--", "Content-Type: image/png\n\nx", "}", "}"),
			"plain\n",
		},
		{
			"mixed in alternative, all of the chosen branch",
			wordsMessage("{alternative", "--", html, "--", "{mixed", "--", plain, "--", html, "}", "--", html, "}"), "plain\n\nrich\n",
		},
		{
			"alternative in mixed", wordsMessage("{mixed", "--", "{alternative", "--", html, "--", "\n", "}", "--", plain, "}"), "rich\n\nplain\n",
		},
		{
			"alternative in alternative", wordsMessage("{alternative", "--", "{alternative", "--", html, "}", "--", "{alternative", "--", html, "--", plain, "}", "}"), "plain\n",
		},
		{"two texts", wordsMessage("{mixed", "--", "\na\n\n", "--", "\nb", "}"), "a\n\nb\n"},
		{"an attachment", wordsMessage("{mixed", "--", plain, "--", "Content-Disposition: attachment\n\nx", "}"), "plain\n"},
		{"an attachment by its name, inline", wordsMessage("{mixed", "--", plain, "--", "Content-Disposition: inline; filename=x\n\nx", "}"), "plain\n\nx\n"},
		{
			"a message in the message",
			wordsMessage("{mixed", "--", plain, "--", "Content-Type: message/rfc822\n", "From: =?utf-8?Q?J=C3=B6?= <j@x>\nSubject: =?utf-8?Q?a=0Ab?=\n", "inner", "}"),
			"plain\n\nFrom: Jö <j@x>\nSubject: a b\n\ninner\n",
		},
		{
			"a message without text in the message",
			wordsMessage("{mixed", "--", "Content-Type: message/rfc822\n", "From: j@x\nContent-Type: image/png\n", "x", "--", plain, "}"), "plain\n",
		},
		{"base64", "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nZ3LDvG4K\n", "grün\n"},
		{"declared charset", "Content-Type: text/plain; charset=koi8-r\n\n\xf0\xd2\xc9\n", "При\n"},
		{"undeclared UTF-8", "\ngrün\n", "grün\n"},
		{"undeclared Latin", "\nDie Hasen und die Fr\xf6sche\n", "Die Hasen und die Frösche\n"},
		{"declared UTF-8, is Latin", "Content-Type: text/plain; charset=utf-8\n\nDie Hasen und die Fr\xf6sche\n", "Die Hasen und die Frösche\n"},
		{"declared UTF-8, damaged", "Content-Type: text/plain; charset=utf-8\n\ngrün \xff\n", "grün \ufffd\n"},
		{"unknown charset", "Content-Type: text/plain; charset=nonesuch\n\ngrün\n", "grün\n"},
		{"raw ISO-2022-JP", "\n\x1b$B%F%9%H\x1b(B\n", "テスト\n"},
		{"charset in HTML", "Content-Type: text/html\n\n<meta http-equiv=x content='text/html; charset=windows-1251'>\xcf\xf0", "Пр\n"},
		{"charset in HTML, quoted", "Content-Type: text/html\n\n<META CHARSET=\"koi8-r\">\xf0\xd2", "Пр\n"},
		{"the header's charset goes before", "Content-Type: text/html; charset=koi8-r\n\n<meta charset=windows-1251>\xf0\xd2", "Пр\n"},
		{"flowed", "Content-Type: text/plain; format=flowed\n\na \nb\n> c \n> d\n", "a b\n> c d\n"},
		{"flowed, DelSp", "Content-Type: text/plain; format=Flowed; DelSp=Yes\n\na \nb\n", "ab\n"},
		{"terminal escapes", "\na\x1b[31mb\x00c\x07\n", "a\ufffd[31mbc\ufffd\n"},
		{"leading blanks belong to the line", "\n\n  \n  indented\n", "  indented\n"},
		{"no text", "Content-Type: image/png\n\nx", ""},
		{"nothing", "", ""},
	} {
		var got strings.Builder
		_, err := Text(&got, strings.NewReader(c.message), TextOptions{})
		if got.String() != c.want || err != nil {
			t.Errorf("%s: %q:\n got %q %v\nwant %q", c.why, c.message, got.String(), err, c.want)
		}
	}
	var got strings.Builder
	Text(&got, strings.NewReader("Content-Type: text/plain; charset=iso-8859-1\n\n\xf0\xd2"), TextOptions{Charset: "koi8-r"})
	if got.String() != "Пр\n" {
		t.Errorf("override: %q", got.String())
	}
}

// Alternatives that are too large to be held are shown at once, and nothing is lost or doubled.
func TestTextLargeAlternative(t *testing.T) {
	large := "Content-Type: text/html\n\n" + strings.Repeat("0123456789abcde<br>\n", maxHeld/16+1000)
	message := wordsMessage("{mixed", "--", "\nfirst", "--", "{alternative", "--", "{alternative", "--", "Content-Type: text/html\n\nsmall", "--", large, "}", "--", "Content-Type: text/plain\n\nplain", "}", "--", "\nlast", "}")
	var got strings.Builder
	if _, err := Text(&got, strings.NewReader(message), TextOptions{}); err != nil {
		t.Fatal(err)
	}
	want := "first\n\n" + strings.Repeat("0123456789abcde\n", maxHeld/16+1000) + "\nlast\n"
	if got.String() != want {
		t.Errorf("%d octets, want %d", got.Len(), len(want))
	}
}

func TestTextErrors(t *testing.T) {
	cause := errors.New("cut")
	var got strings.Builder
	cut := io.MultiReader(strings.NewReader("Content-Type: text/html\n\n<p>abc"), iotest.ErrReader(cause))
	if _, err := Text(&got, cut, TextOptions{}); !errors.Is(err, cause) || got.String() != "abc\n" {
		t.Errorf("%v, %q", err, got.String())
	}
	if _, err := Text(wordsFullDisk{}, strings.NewReader("\nabc\n"), TextOptions{}); !errors.Is(err, errWordsFull) {
		t.Errorf("%v", err)
	}
	message := wordsMessage("{alternative", "--", "Content-Type: text/html\n\nx", "}")
	if _, err := Text(wordsFullDisk{}, strings.NewReader(message), TextOptions{}); !errors.Is(err, errWordsFull) {
		t.Errorf("%v", err)
	}
	var limit *LimitError
	got.Reset()
	message = wordsMessage("{mixed", "--", "\na", "--", "\nb", "}")
	if _, err := Text(&got, strings.NewReader(message), TextOptions{Limits: Limits{Parts: 2}}); !errors.As(err, &limit) || got.String() != "a\n" {
		t.Errorf("%v, %q", err, got.String())
	}
}

func TestUnfoldFlowed(t *testing.T) {
	for _, c := range []struct {
		why, flowed, want string
		delSp             bool
	}{
		{"RFC 3676 §4.1, a fixed line", "a\nb\n", "a\nb\n", false},
		{"RFC 3676 §4.1, a flowed line", "a \nb\n", "a b\n", false},
		{"RFC 3676 §4.1, CR LF", "a \r\nb\r\n", "a b\n", false},
		{"RFC 3676 §4.1, DelSp", "a \nb  \nc\n", "ab c\n", true},
		{"RFC 3676 §4.3, a signature", "a \n-- \nb \nc\n", "a \n-- \nb c\n", false},
		{"RFC 3676 §4.3, a quoted signature", "> -- \n> b\n", "> -- \n> b\n", false},
		{"RFC 3676 §4.4, stuffed", " >a\n From b\n  c\n", ">a\nFrom b\n c\n", false},
		{
			"RFC 3676 §4.5, quotations",
			"> Thou villanous ill-breeding spongy dizzy-eyed \n> reeky elf-skinned pigeon-egg! \n>> Thou artless swag-bellied milk-livered \n>> dismal-dreaming idle-headed scut!\n>>> Thou errant folly-fallen spleeny reeling-ripe \n>>> unmuzzled ratsbane!\n",
			"> Thou villanous ill-breeding spongy dizzy-eyed reeky elf-skinned pigeon-egg! \n>> Thou artless swag-bellied milk-livered dismal-dreaming idle-headed scut!\n>>> Thou errant folly-fallen spleeny reeling-ripe unmuzzled ratsbane!\n", false,
		},
		{"RFC 3676 §4.5, another depth ends a paragraph", "> a \nb \n>> c \n", "> a \nb \n>> c \n", false},
		{"RFC 3676 §4.5, no blank after the marks", ">a \n>b\n", "> a b\n", false},
		{"an empty quoted line", ">\n> \n", ">\n>\n", false},
		{"a paragraph at the end", "a \n", "a \n", false},
		{"no line end", "a \nb", "a b\n", false},
		{"nothing", "", "", false},
		{"a blank line between", "a\n\nb\n", "a\n\nb\n", false},
		{"a long line", strings.Repeat("a ", 40000) + "\nb\n", strings.Repeat("a ", 40000) + "b\n", false},
		{"a long line, DelSp, CR LF", strings.Repeat("a ", 40000) + "\r\nb\n", strings.Repeat("a ", 39999) + "ab\n", true},
	} {
		for _, src := range []io.Reader{strings.NewReader(c.flowed), iotest.OneByteReader(strings.NewReader(c.flowed))} {
			var got strings.Builder
			if err := UnfoldFlowed(&got, src, c.delSp); got.String() != c.want || err != nil {
				t.Errorf("%s: %.80q:\n got %.300q %v\nwant %.300q", c.why, c.flowed, got.String(), err, c.want)
				break
			}
		}
	}
	if err := UnfoldFlowed(wordsFullDisk{}, strings.NewReader("a"), false); !errors.Is(err, errWordsFull) {
		t.Errorf("%v", err)
	}
	cause := errors.New("cut")
	if err := UnfoldFlowed(io.Discard, iotest.ErrReader(cause), false); !errors.Is(err, cause) {
		t.Errorf("%v", err)
	}
}

func TestDecodeField(t *testing.T) {
	for _, c := range []struct{ raw, want, defects string }{
		{"Subject: =?utf-8?Q?a=C3=A4?=\r\n b\r\n", "aä b", ""},
		{"From: =?utf-8?Q?J=C3=B6?= <j@x>, k@y (K)\n", "Jö <j@x>, K <k@y>", ""},
		{"To: G: a@x, B <b@x>;, c@x, H:;\n", "G: a@x, B <b@x>;, c@x, H:;", ""},
		{"TO: J.R. <j@x>\n", `"J.R." <j@x>`, "phrase-dot"},
		{"Content-Type: Text/Plain; name*=utf-8''%C3%A4%20b; charset=utf-8\n", `text/plain; name="ä b"; charset=utf-8`, ""},
		{"Message-ID: <=?utf-8?Q?a?=@x>\n", "<=?utf-8?Q?a?=@x>", ""},
		{"Received: from a\n\tby b\x1b\n", "from a\tby b\ufffd", ""},
		{"X-Whatever: =?utf-8?Q?=C3=A4?=\n", "ä", ""},
		{"Subject:\n", "", ""},
	} {
		h := ParseHeader([]byte(c.raw))
		got, defects := DecodeField(h[0], WordOptions{})
		if got != c.want || wordsNames(defects) != c.defects {
			t.Errorf("%q: %q [%s], want %q [%s]", c.raw, got, wordsNames(defects), c.want, c.defects)
		}
		for _, d := range defects {
			if d.Where != h[0].Name {
				t.Errorf("%q: %+v", c.raw, d)
			}
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add([]byte("Content-Type: text/html; charset=utf-16\n\n<p>a"), "")
	f.Add([]byte(wordsMessage("{alternative", "--", "Content-Type: text/html\n\na", "--", "\n", "}")), "koi8-r")
	f.Add([]byte("Content-Type: text/plain; format=flowed; delsp=yes\n\n> a \n>> b\n-- \nc"), "")
	f.Add([]byte("Content-Type: message/rfc822\n\nFrom: a\n\nb\r\rc"), "")
	f.Fuzz(func(t *testing.T, message []byte, charset string) {
		var got strings.Builder
		_, err := Text(&got, strings.NewReader(string(message)), TextOptions{Charset: charset})
		var limit *LimitError
		if err != nil && !errors.As(err, &limit) {
			t.Fatal(err)
		}
		if !utf8.ValidString(got.String()) {
			t.Errorf("not UTF-8: %q", got.String())
		}
		for line := range strings.Lines(got.String()) {
			wordsOneLine(t, strings.TrimSuffix(line, "\n"))
		}
	})
}

func FuzzUnfoldFlowed(f *testing.F) {
	f.Add("a \nb\n> c \n>> d\n-- \ne", true)
	f.Add(" >a\r\n\r\n>\r\n", false)
	f.Fuzz(func(t *testing.T, s string, delSp bool) {
		var whole, pieces strings.Builder
		if err := UnfoldFlowed(&whole, strings.NewReader(s), delSp); err != nil {
			t.Fatal(err)
		}
		if err := UnfoldFlowed(&pieces, iotest.OneByteReader(strings.NewReader(s)), delSp); err != nil || pieces.String() != whole.String() {
			t.Errorf("%q: %q at once, %q %v in pieces", s, whole.String(), pieces.String(), err)
		}
		if got, in := strings.Count(whole.String(), "\n"), strings.Count(s, "\n")+1; got > in {
			t.Errorf("%d lines became %d", in, got)
		}
	})
}
