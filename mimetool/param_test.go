package mimetool

import (
	"strings"
	"testing"
)

// wordsParams shows what was read: value; name=value; …
func wordsParams(value string, params Params) string {
	s := value
	for _, p := range params {
		s += "; " + p.Name + "=" + p.Value
	}
	return s
}

func TestParseParams(t *testing.T) {
	for _, c := range []struct{ why, raw, want, defects string }{
		{"RFC 2045 §5.1", "text/plain; charset=us-ascii (Plain text)", "text/plain; charset=us-ascii", ""},
		{"RFC 2045 §5.1", `text/plain; charset="us-ascii"`, "text/plain; charset=us-ascii", ""},
		{"RFC 2046 §5.1.1", `multipart/mixed; boundary="gc0pJq0M:08jU534c0p"`, "multipart/mixed; boundary=gc0pJq0M:08jU534c0p", ""},
		{
			"RFC 2046 §5.1.1", "multipart/mixed;\n     boundary=gc0pJq0M:08jU534c0p",
			"multipart/mixed; boundary=gc0pJq0M:08jU534c0p", "param-unquoted",
		},
		{"RFC 2183 §3", "inline", "inline", ""},
		{
			"RFC 2183 §3", "attachment; filename=genome.jpeg;\n  modification-date=\"Wed, 12 Feb 1997 16:29:51 -0500\";",
			"attachment; filename=genome.jpeg; modification-date=Wed, 12 Feb 1997 16:29:51 -0500", "",
		},
		{
			"RFC 2231 §3", "message/external-body; access-type=URL;\n URL*0=\"ftp://\";\n URL*1=\"cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar\"",
			"message/external-body; access-type=URL; url=ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar", "",
		},
		{
			"RFC 2231 §4", "application/x-stuff;\n title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A",
			"application/x-stuff; title=This is ***fun***", "",
		},
		{
			"RFC 2231 §4.1", "application/x-stuff;\n title*0*=us-ascii'en'This%20is%20even%20more%20;\n title*1*=%2A%2A%2Afun%2A%2A%2A%20;\n title*2=\"isn't it!\"",
			"application/x-stuff; title=This is even more ***fun*** isn't it!", "",
		},
		{"RFC 6266 §4.3", `attachment; filename="EURO rates"; filename*=utf-8''%e2%82%ac%20rates`, "attachment; filename=€ rates", ""},
		{"RFC 5987 §3.2.2", "attachment; filename*=UTF-8''%c2%a3%20and%20%e2%82%ac%20rates", "attachment; filename=£ and € rates", ""},
		{"RFC 2047 §5 forbids, Outlook writes", `attachment; filename="=?utf-8?B?w6QudHh0?="`, "attachment; filename=ä.txt", "param-word"},
		{"without quotes", "attachment; filename==?utf-8?Q?a;b=20=C3=A4?=; x=y", "attachment; filename=a;b ä; x=y", "param-unquoted param-word"},
		{"words folded in quotes", "a/b; name=\"=?utf-8?Q?=C3=A4?=\r\n =?utf-8?Q?.txt?=\"", "a/b; name=ä.txt", "param-word"},
		{"words in pieces", `a/b; name*0="=?utf-8?Q?=C3"; name*1="=A4?="`, "a/b; name=ä", "param-word"},
		{"raw UTF-8 (RFC 6532)", `a/b; name="grüße.txt"`, "a/b; name=grüße.txt", ""},
		{"raw 8-bit", "a/b; name=\"Fr\xf6sche.txt\"", "a/b; name=Frösche.txt", "header-8bit"},

		{"pieces out of order", "a/b; n*2=c; n*0=a; n*1=b", "a/b; n=abc", ""},
		{"a gap", "a/b; n*0=a; n*2=c", "a/b; n=ac", "param-gap"},
		{"a piece twice", "a/b; n*0=a; n*0=z; n*1=b", "a/b; n=ab", "param-duplicate"},
		{"a character over two pieces", "a/b; n*0*=utf-8''%C3; n*1*=%A4", "a/b; n=ä", ""},
		{"charset, then plain pieces", "a/b; n*0*=iso-8859-1''%E4; n*1=\"%E4\"", "a/b; n=ä%E4", ""},
		{"only later pieces extended", "a/b; n*0=a; n*1*=%C3%A4", "a/b; n=aä", ""},
		{"extended in quotes", `a/b; n*="utf-8''%C3%A4"`, "a/b; n=ä", ""},
		{"extended without charset", "a/b; n*=%C3%A4", "a/b; n=ä", "param-no-charset"},
		{"extended with empty charset", "a/b; n*=''%C3%A4", "a/b; n=ä", ""},
		{"extended, quotes after the charset", `a/b; n*=utf-8''"a b"`, "a/b; n=a b", "param-unquoted"},
		{"extended, unknown charset", "a/b; n*=nonesuch''%C3%A4", "a/b; n=ä", "param-charset-unknown"},
		{"extended, lying charset", "a/b; n*=utf-8''%E4", "a/b; n=ä", "param-charset"},
		{"extended, a word in it", `a/b; n*="=?utf-8?Q?=C3=A4?="`, "a/b; n=ä", "param-no-charset param-word"},
		{"bad percent", "a/b; n*=utf-8''100%zz%4", "a/b; n=100%zz%4", "param-percent"},
		{"pieces that meet as ../", "a/b; n*0*=utf-8''%2E; n*1=\"./x\"", "a/b; n=../x", ""},
		{"NUL and line end", "a/b; n*=utf-8''a%00b%0d%0ac", "a/b; n=ab c", "param-control"},
		{"a star that is none", "a/b; n*x=1; *=2", "a/b; n*x=1; *=2", ""},

		{"case", "Text/PLAIN; CHARSET=UTF-8", "text/plain; charset=UTF-8", ""},
		{"blanks and comments", " text (x) / (y) plain (z) ; (a) charset (b) = (c) utf-8 (d) ", "text/plain; charset=utf-8", ""},
		{"backslashes of Windows", `a/b; name="C:\new\file.txt"`, `a/b; name=C:\new\file.txt`, ""},
		{"quoted pairs", `a/b; name="a\"b\\c"`, `a/b; name=a"b\c`, ""},
		{"a quote inside", `a/b; name="a "b" c.txt"; x=y`, `a/b; name=a "b" c.txt; x=y`, "quote-inside"},
		{"blanks without quotes", "a/b; name=my file.txt; x=y", "a/b; name=my file.txt; x=y", "param-unquoted"},
		{"parentheses in a name without quotes", "a/b; name=my file (1).txt", "a/b; name=my file (1).txt", "param-unquoted"},
		{"quotes that do not end", "a/b; name=\"my file.txt", "a/b; name=my file.txt", "quote-open"},
		{"no semicolon after the value", `text/plain charset="utf-8" name=x`, "text/plain; charset=utf-8; name=x", "param-semicolon"},
		{"no semicolon after a token", "text/plain; charset=utf-8 name=x", "text/plain; charset=utf-8; name=x", "param-semicolon"},
		{"semicolons too many", ";; text/plain;; ;charset=utf-8;", "; charset=utf-8", "param-junk"},
		{"a comma", "text/plain, charset=utf-8", "text/plain; charset=utf-8", "param-junk"},
		{"a parameter first", "filename=x.txt", "; filename=x.txt", "value-missing"},
		{"twice: the first", "a/b; n=1; n=2", "a/b; n=1", "param-duplicate"},
		{"no value", "a/b; n=; m=2", "a/b; n=; m=2", ""},
		{"no equals sign", "a/b; junk; m=2", "a/b; m=2", "param-junk"},
		{"quoted value", `"text/plain"; a=b`, "text/plain; a=b", "value-quoted"},
		{"no subtype", "text; a=b", "text; a=b", ""},
		{"nothing", "", "", ""},
		{"a comment that does not end", "a/b; (x; n=1", "a/b; n=1", "comment-open param-junk"},
		{"a boundary is not decoded", `a/b; boundary="=?utf-8?Q?x?="`, "a/b; boundary==?utf-8?Q?x?=", ""},
	} {
		value, params, defects := ParseParams(c.raw, WordOptions{})
		if got := wordsParams(value, params); got != c.want || wordsNames(defects) != c.defects {
			t.Errorf("%s: %q:\n got %q [%s]\nwant %q [%s]", c.why, c.raw, got, wordsNames(defects), c.want, c.defects)
		}
	}
}

func TestParamCharset(t *testing.T) {
	_, params, _ := ParseParams("a/b; t*0*=iso-8859-1'de'%FC; t*1*=%20x; boundary=\"\xe4 \"", WordOptions{})
	p, ok := params.Lookup("t")
	if !ok || p.Charset != "iso-8859-1" || p.Language != "de" || p.Value != "ü x" || p.Raw != "\xfc x" {
		t.Errorf("%+v", p)
	}
	if p, _ := params.Lookup("boundary"); p.Raw != "\xe4 " || p.Value != p.Raw {
		t.Errorf("%+v", p)
	}
	if _, ok := params.Lookup("none"); ok || params.Get("none") != "" {
		t.Error("a parameter that is not there")
	}
	_, params, _ = ParseParams("a/b; n*=utf-8''%D4; m=\"\xd4\"", WordOptions{Override: "koi8-r"})
	if params.Get("n") != "т" && params.Get("n") != "Т" || params.Get("m") != params.Get("n") {
		t.Errorf("override: %+v", params)
	}
}

// More names than are searched one by one.
func TestManyParams(t *testing.T) {
	var b strings.Builder
	b.WriteString("a/b")
	for _, suffix := range []string{"", "x"} {
		for c := 'a'; c <= 'z'; c++ {
			b.WriteString("; " + string(c) + suffix + "=" + string(c) + "1; " + string(c) + suffix + "=2")
		}
	}
	_, params, defects := ParseParams(b.String(), WordOptions{})
	if len(params) != 52 || params.Get("zx") != "z1" || params[0].Name != "a" || params[51].Name != "zx" || wordsNames(defects) != "param-duplicate" {
		t.Errorf("%d params, %v %v", len(params), params, defects)
	}
}

func FuzzParseParams(f *testing.F) {
	for _, s := range []string{
		"text/plain; charset=us-ascii (Plain text)", `a/b; name="=?utf-8?B?w6QudHh0?="`, "a/b; n*0*=utf-8''%C3; n*1*=%A4; n*3=x",
		`a/b; name="a "b" c"; x=(y`, "a/b; name==?utf-8?q?a;b?= c=d", "a/b; n*=utf-8'", `"`, "a/b; x=\"\\", "a/b; n=a (b) (c", "=;=",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		value, params, _ := ParseParams(raw, WordOptions{})
		wordsOneLine(t, value)
		seen := map[string]bool{}
		for _, p := range params {
			if seen[p.Name] {
				t.Errorf("%q twice", p.Name)
			}
			seen[p.Name] = true
			if p.Name != "boundary" {
				wordsOneLine(t, p.Value)
			}
		}
	})
}
