package mimetool

import (
	"io"
	"strings"
	"testing"
)

// wordsHostile are header values of some megabytes that cost an hour where the cost is quadratic, and a second at most
// where it is linear: the test's own limit of time tells.
func wordsHostile() map[string]string {
	const n = 200_000
	repeat := strings.Repeat
	return map[string]string{
		"words":                    repeat("=?utf-8?B?0J/RgNC4?= ", n),
		"words of two charsets":    repeat("=?utf-8?B?0J/R?= =?koi8-r?Q?=F0?=\r\n ", n),
		"words with line ends":     repeat("=?utf-8?Q?a=0A?= ", n),
		"words, glued":             repeat("=?utf-8?Q?a?=", n),
		"words, charset unknown":   repeat("=?nonesuch?Q?=E4?= ", n),
		"words, charset lying":     repeat("=?utf-8?Q?=E4?= x ", n),
		"words that are rubbish":   repeat("=?utf-8?B?nnDusSMb?= ", n),
		"words not ended":          repeat("=?utf-8?Q?a", n),
		"words not ended, one end": repeat("=?utf-8?Q?a", n) + "?=",
		"words not ended, blanks":  repeat("=?utf-8?Q?a ", n) + "?=",
		"starts of words":          repeat("=?", 5*n),
		"ends of words":            repeat("?=", 5*n),
		"question marks":           repeat("=?a?q", n),
		"raw 8-bit":                repeat("\xd2\xe5 =?utf-8?Q?a?= ", n),
		"escapes":                  repeat("\x1b$B\x1b", n),
		"parameters":               "a/b" + repeat("; a=b", n),
		"parameters of many names": "a/b" + wordsNumbered("; n%=v", 100_000),
		"segments":                 "a/b" + wordsNumbered("; n*%=v", 50_000),
		"segments, extended":       "a/b" + wordsNumbered("; n*%*=%C3", 50_000),
		"segments of many names":   "a/b" + wordsNumbered("; n%*1*=v", 50_000),
		"parameters, raw 8-bit":    "a/b" + wordsNumbered("; n%=\xe4", 100_000),
		"parameters, lying":        "a/b" + wordsNumbered("; n%*=utf-8''%E4", 100_000),
		"addresses, raw 8-bit":     repeat("\xe4 <\xe4@x>,", n),
		"addresses, lying":         repeat("=?utf-8?Q?=E4?= <a@x>,", n),
		"quotes":                   "a/b; n=" + repeat(`"`, 5*n),
		"quotes inside":            `a/b; n="` + repeat(`a"b`, n),
		"quotes and backslashes":   "a/b; n=" + repeat(`"\`, n),
		"semicolons":               repeat(";", 5*n),
		"equals signs":             repeat("=", 5*n),
		"blanks":                   "a/b; n=x" + repeat(" ", 5*n) + "y",
		"words as parameters":      "a/b; n=" + repeat("=?a?q?b c", n),
		"addresses":                repeat("a@x,", n),
		"addresses without commas": repeat("a@x ", n),
		"addresses with names":     repeat("A B <a@x>, ", n),
		"brackets without commas":  repeat("A <a@x>", n),
		"groups":                   repeat("G:a@x;", n),
		"comments, deep":           repeat("(", 5*n) + repeat(")", 5*n),
		"comments, not ended":      repeat("(", 5*n),
		"comments, some ended":     repeat("((a)", n),
		"comments in brackets":     "<" + repeat("(c)", n) + repeat(":", n),
		"comments in a value":      "a/b; n=x " + repeat("( ", n) + repeat(")", n) + "y",
		"comments in words":        repeat("a(b)", n) + "@x",
		"signs":                    repeat("@", 5*n),
		"signs and words":          repeat("a@", n),
		"dots":                     repeat("a.", n) + "@" + repeat("a.", n),
		"colons":                   repeat("a:", n),
		"brackets":                 repeat("<", 5*n) + repeat(">", 5*n),
		"routes":                   "<" + repeat("@a,", n) + ":a@x>",
		"literals":                 repeat("@[", n),
		"quoted":                   repeat(`"a"`, n) + "@x",
		"identifiers":              repeat("<a@x>", n),
		"identifiers, comments":    "< " + repeat("(a)", n) + repeat("(", n) + ">",
	}
}

// wordsNumbered repeats s n times with numbers for its first "%".
func wordsNumbered(s string, n int) string {
	before, after, _ := strings.Cut(s, "%")
	var b strings.Builder
	for i := range n {
		b.WriteString(before)
		for rest := i; ; rest /= 10 { // digits in whatever order: each number once is enough
			b.WriteByte(byte('0' + rest%10))
			if rest < 10 {
				break
			}
		}
		b.WriteString(after)
	}
	return b.String()
}

func TestHostileHeadersAreLinear(t *testing.T) {
	for name, raw := range wordsHostile() {
		text, defects := DecodeWords(raw, WordOptions{})
		wordsOneLine(t, text)
		_, params, more := ParseParams(raw, WordOptions{})
		list, others := ParseAddressList(raw, WordOptions{})
		MessageIDs(raw)
		ParseDate(raw)
		if len(defects)+len(more)+len(others) > 50 {
			t.Errorf("%s: a defect for each", name)
		}
		switch name {
		case "words":
			if text != strings.Repeat("При", 200_000) {
				t.Errorf("%s: %d octets", name, len(text))
			}
		case "parameters of many names":
			if len(params) < 50_000 {
				t.Errorf("%s: %d", name, len(params))
			}
		case "segments":
			if len(params.Get("n")) < 10_000 {
				t.Errorf("%s: %d", name, len(params.Get("n")))
			}
		case "addresses", "addresses without commas", "addresses with names", "brackets without commas", "groups":
			if len(list) != 200_000 {
				t.Errorf("%s: %d", name, len(list))
			}
		}
	}
}

func TestHostileBodiesAreLinear(t *testing.T) {
	for _, piece := range []string{
		"<a b=\"", "<", "<!--", "<script>", "<a x1 x2 x3>", "&amp;", "&", "</", "<b>", "<div>", "<pre>\n", "<li>", "<ul>", "<blockquote>", "<td>",
		"<![", "<a href=http://x>", "<span style=display:none>", "<" + strings.Repeat("a", wordsLong), "<p" + strings.Repeat(" x", 4096) + ">",
		"<a href=\"" + strings.Repeat("x", 2000) + "\">", "\u200c", " ", "x",
	} {
		html := strings.Repeat(piece, 2<<20/len(piece))
		if err := HTMLToText(io.Discard, strings.NewReader(html)); err != nil {
			t.Errorf("%.20q: %v", piece, err)
		}
	}
	// A table of attributes that is cleared at every tag would cost.
	attributes := wordsNumbered(" a%", 10_000)
	if err := HTMLToText(io.Discard, strings.NewReader("<p"+attributes+">"+strings.Repeat("<b>", 1_000_000))); err != nil {
		t.Error(err)
	}
	for _, piece := range []string{" \n", "> \n", ">", " ", "a \n", "-- \n", "\r", "a"} {
		if err := UnfoldFlowed(io.Discard, strings.NewReader(strings.Repeat(piece, 2<<20/len(piece))), true); err != nil {
			t.Errorf("%.20q: %v", piece, err)
		}
	}
}
