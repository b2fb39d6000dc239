package mimetool

import (
	"io"
	"strings"
	"testing"
)

func BenchmarkDecodeWords(b *testing.B) {
	for _, c := range []struct{ name, raw string }{
		{"plain", "Plain subject 1234, as most are"},
		{"B", "=?utf-8?B?0J/RgNC40LLQtdGCINC80LjRgA==?= 1234"},
		{"Q", "=?iso-8859-1?Q?Caf=E9_au_lait?= plain 1234"},
		{"two", "=?koi8-r?B?8NLJ18XU?= =?utf-8?Q?_=E2=9C=93?= 1234"},
		{"jis", "=?iso-2022-jp?B?GyRCJUYlOSVIGyhC?="},
		{"gb", "=?gb2312?B?ztKw0b61zbfArb380Kk=?="},
		{"raw", "Die Hasen und die Fr\xf6sche"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				DecodeWords(c.raw, WordOptions{})
			}
		})
	}
}

func BenchmarkParseParams(b *testing.B) {
	for _, c := range []struct{ name, raw string }{
		{"charset", "text/plain; charset=utf-8"},
		{"boundary", "multipart/mixed;\r\n boundary=\"----=_NextPart_000_0003_6D8B929A\""},
		{"extended", "attachment; filename*0*=utf-8''%C3%A4%C3%B6; filename*1=\".txt\""},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ParseParams(c.raw, WordOptions{})
			}
		})
	}
}

func BenchmarkParseAddressList(b *testing.B) {
	for _, c := range []struct{ name, raw string }{
		{"bare", "a1234@example.org"},
		{"word", "=?utf-8?Q?J=C3=BCrgen?= <a1234@example.org>"},
		{"five", strings.Repeat("\"Doe, John\" <john.doe@example.org>, ", 5)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ParseAddressList(c.raw, WordOptions{})
			}
		})
	}
}

func BenchmarkParseDate(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ParseDate("Mon, 1 Jan 2024 00:12:34 +0200")
	}
}

func BenchmarkHTMLToText(b *testing.B) {
	html := strings.Repeat("<p>One &amp; two <a href=\"http://example.org/a\">three</a><table><tr><td>four</td></tr></table></p>\n", 1000)
	b.SetBytes(int64(len(html)))
	for b.Loop() {
		HTMLToText(io.Discard, strings.NewReader(html))
	}
}

func BenchmarkText(b *testing.B) {
	for _, c := range []struct{ name, head string }{
		{"plain", "Content-Type: text/plain; charset=utf-8\n\n"},
		{"flowed", "Content-Type: text/plain; charset=utf-8; format=flowed\n\n"},
		{"koi8-r", "Content-Type: text/plain; charset=koi8-r\n\n"},
	} {
		message := c.head + strings.Repeat("the quick brown fox jumps over the lazy dog \n", 100_000)
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(message)))
			for b.Loop() {
				Text(io.Discard, strings.NewReader(message), TextOptions{})
			}
		})
	}
}
