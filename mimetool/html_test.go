package mimetool

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

func TestHTMLToText(t *testing.T) {
	for _, c := range []struct{ why, html, want string }{
		{"paragraphs", "<p>One\n  two</p>\n<p>three", "One two\n\nthree\n"},
		{"line breaks", "a<br>b<br/><br>c<br><br><br><br>d", "a\nb\n\nc\n\nd\n"},
		{"blocks", "<div>a</div><div>b<div>c</div></div>d", "a\nb\nc\nd\n"},
		{"empty lines of mail programs", "<div>a</div><div><br></div><div>b</div>", "a\n\nb\n"},
		{"headings", "<h1>A</h1><p>b</p><h2>C</h2>d", "A\n\nb\n\nC\n\nd\n"},
		{"white space", "  a <b> b </b>\t c&nbsp;&nbsp;d ", "a b c d\n"},
		{"inline elements", "<b>a</b><i>b</i> <o:p>c</o:p>", "ab c\n"},
		{"entities", "&lt;a&gt; &amp; &eacute; &#8364; &#x20ac; &bogus; &eacute", "<a> & é € € &bogus; é\n"},
		{"head, style, script, title", "<html><head><title>t</title><style>p > a {}</style></head><body><script>x<y</script>b", "b\n"},
		{"comments", "a<!-- b > c -->d<![if !x]>e<?xml f?>g", "adeg\n"},
		{"no tags", "1 < 2 > 0 <3", "1 < 2 > 0 <3\n"},
		{"lists", "x<ul><li>a</li><li>b<ul><li>c</ul><li><p>d</p></ul>y", "x\n\n* a\n* b\n  * c\n* d\n\ny\n"},
		{"numbered lists", `<ol><li>a<li>b</ol><ol start="7"><li>c</ol>`, "1. a\n2. b\n\n7. c\n"},
		{"an item of two lines", "<ul><li>a<br>b</ul>", "* a\n  b\n"},
		{"quotations", "a<blockquote>b<p>c<blockquote>d</blockquote></blockquote>e", "a\n\n> b\n>\n> c\n>\n>> d\n\ne\n"},
		{"links", `<a href="http://a.test/?x=1&amp;y=2">here</a>.`, "here <http://a.test/?x=1&y=2>.\n"},
		{"links that say their address", `<a href="https://a.test/">a.test</a> <a href="mailto:b@c.test">b@c.test</a>`, "a.test b@c.test\n"},
		{"links of no use", `<a href="#top">a</a> <a href="javascript:x()">b</a> <a href="cid:1">c</a> <a>d</a>`, "a b c d\n"},
		{"links with control characters", "<a href=\"http://a.test/\x1b[31m&#10;b\">x</a>", "x <http://a.test/[31mb>\n"},
		{"the same link twice", `<a href="http://a.test/1"><img alt="logo"></a> <a href="http://a.test/1">go</a>`, "[logo] <http://a.test/1> go\n"},
		{"a link not closed", `<a href="http://a.test/1">x<p>y`, "x\n\ny\n"},
		{"pictures", `<img src="cid:1" alt="A cat"><img src="x">`, "[A cat]\n"},
		{"tables", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td></td><td>d</td></tr></table>", "a  b\nc  d\n"},
		{"pre", "<pre>a\n  b\n\n c</pre>d", "a\n  b\n\n c\n\nd\n"},
		{"pre in a quotation", "<blockquote><pre>a\n\nb</pre></blockquote>", "> a\n>\n> b\n"},
		{"a rule", "a<hr>b", "a\n────────\nb\n"},
		{"hidden", `<div style="display: none">x<div>y</div>z</div>a<span hidden>b</span>c`, "ac\n"},
		{"fillers", "a&zwnj;&nbsp;&zwnj;&nbsp;&#847; b\u200bc\u00ad", "a\u200c bc\n"},
		{"paragraphs of Outlook", `<p class=MsoNormal>a</p><p class=MsoNormal>b</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>c</p>`, "a\nb\n\nc\n"},
		{"noscript", "<noscript><p>a</p></noscript>b", "a\n\nb\n"},
		{"control characters", "a&#27;[1m\x1b\x00b&#133;c&#x9b;", "a\ufffd[1m\ufffdb…c›\n"},
		{"nothing", "", ""},
		{"nothing to see", "<p> </p><br>&nbsp;", ""},
		{"end tags without start", "</div></blockquote></ul></a></pre>a", "a\n"},
		{"a long text", strings.Repeat("ab ", 50000), strings.TrimRight(strings.Repeat("ab ", 50000), " ") + "\n"},
		{"a long tag", "a<img src=\"data:" + strings.Repeat("x", 3*wordsLong) + "\">b", "ab\n"},
		{"a long comment", "a<!--" + strings.Repeat("x>", 3*wordsLong) + "-->b", "ab\n"},
		{"a long declaration", "a<!x " + strings.Repeat("x", 3*wordsLong) + ">b", "ab\n"},
		{"a long script", "a<script>" + strings.Repeat("</b>x", 3*wordsLong) + "</SCRIPT >b", "ab\n"},
		{"a long tag that does not end", "a<img src=\"" + strings.Repeat("x", 3*wordsLong), "a\n"},
		{"a tag of many attributes", "a<p" + strings.Repeat(" x", 4096) + ">b<script>c</script>d", "a\n\nbd\n"},
	} {
		for _, src := range []io.Reader{strings.NewReader(c.html), iotest.OneByteReader(strings.NewReader(c.html))} {
			var got strings.Builder
			if err := HTMLToText(&got, src); err != nil || got.String() != c.want {
				t.Errorf("%s: %.80q:\n got %.200q %v\nwant %.200q", c.why, c.html, got.String(), err, c.want)
				break
			}
		}
	}
}

func TestHTMLToTextErrors(t *testing.T) {
	cause := errors.New("cut")
	var got strings.Builder
	err := HTMLToText(&got, io.MultiReader(strings.NewReader("<p>a"), iotest.ErrReader(cause)))
	if !errors.Is(err, cause) || got.String() != "a\n" {
		t.Errorf("%v, %q", err, got.String())
	}
	long := strings.Repeat("ab ", 100000)
	if err := HTMLToText(wordsFullDisk{}, strings.NewReader(long)); !errors.Is(err, errWordsFull) {
		t.Errorf("%v", err)
	}
	if err := HTMLToText(wordsFullDisk{}, strings.NewReader("a")); !errors.Is(err, errWordsFull) {
		t.Errorf("%v", err)
	}
	tag := "<img src=\"" + strings.Repeat("x", 2*wordsLong)
	if err := HTMLToText(io.Discard, io.MultiReader(strings.NewReader(tag), iotest.ErrReader(cause))); !errors.Is(err, cause) {
		t.Errorf("%v", err)
	}
}

// wordsLong is more than what is held of HTML.
const wordsLong = 64 << 10

var errWordsFull = errors.New("no space")

type wordsFullDisk struct{}

func (wordsFullDisk) Write([]byte) (int, error) { return 0, errWordsFull }

func FuzzHTMLToText(f *testing.F) {
	for _, s := range []string{
		"<p>a<br>b<ul><li>c<ol><li>d", "<blockquote><pre>\n\n a", "<a href=http://x>y</a><img alt=z>", "<script>a</b><style>", "<!--", "<table><td>a<td>b",
		"<div style=display:none>a<div>b", "&#27;&zwnj;&nbsp;\u200b", "</p></ul>", "<p class=MsoNormal></p>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var whole, pieces strings.Builder
		if err := HTMLToText(&whole, strings.NewReader(s)); err != nil {
			t.Fatal(err)
		}
		if err := HTMLToText(&pieces, iotest.OneByteReader(strings.NewReader(s))); err != nil || pieces.String() != whole.String() {
			t.Errorf("%q: %q at once, %q %v in pieces", s, whole.String(), pieces.String(), err)
		}
		for line := range strings.Lines(whole.String()) {
			if utf8.ValidString(s) {
				wordsOneLine(t, strings.TrimSuffix(line, "\n"))
			}
		}
	})
}
