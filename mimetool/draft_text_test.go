package mimetool

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTextMeasure(t *testing.T) {
	for _, c := range []struct{ what, in, charset, encoding string }{
		{"empty", "", "us-ascii", Encoding7bit},
		{"plain", "a\nb\r\nc", "us-ascii", Encoding7bit},
		{"RFC 5322 §2.1.1: 998 characters", strings.Repeat("x", 998) + "\n", "us-ascii", Encoding7bit},
		{"RFC 5322 §2.1.1: 1,000 characters", strings.Repeat("x", 1000) + "\n", "us-ascii", EncodingQP},
		{"equals signs and escapes stand for themselves", "= \x1b$B = \f", "us-ascii", Encoding7bit},
		{"RFC 2045 §2.7: no NUL", "a little text that has a \x00 in it", "us-ascii", EncodingQP},
		{"bare CR", "a little text that has a\rbare CR in it", "us-ascii", EncodingQP},
		{"CR at the end", "a little text that has a CR at its end\r", "us-ascii", EncodingQP},
		{"some UTF-8", "a little text that has one ä in it", "utf-8", EncodingQP},
		{"much UTF-8", "äöü", "utf-8", EncodingBase64},
		{"RFC 1428 §2: not UTF-8", "a little text that has one \xe4 in it", "unknown-8bit", EncodingQP},
		{"cut in a character", "a little text that ends in an \xc3", "unknown-8bit", EncodingQP},
	} {
		for _, chunk := range []int{1, 3, 1 << 20} {
			var m textMeasure
			for s := c.in; s != ""; {
				k := min(chunk, len(s))
				m.Write([]byte(s[:k]))
				s = s[k:]
			}
			m.end()
			if m.charset() != c.charset || m.encoding() != c.encoding {
				t.Errorf("%s, in pieces of %d: %s %s, want %s %s", c.what, chunk, m.charset(), m.encoding(), c.charset, c.encoding)
			}
		}
	}
}

func FuzzUTF8Check(f *testing.F) {
	f.Add([]byte("aä日😀"), 1)
	f.Add([]byte("\xed\xa0\x80"), 2)
	f.Add([]byte("\xf4\x90\x80\x80\xc0\x80\xe0\x80\x80"), 2)
	f.Fuzz(func(t *testing.T, b []byte, at int) {
		at = min(max(0, at), len(b))
		var u utf8Check
		u.write(b[:at])
		u.write(b[at:])
		if u.whole() != utf8.Valid(b) {
			t.Errorf("%q: %v", b, u.whole())
		}
		long := bytes.Repeat(append(b, 'x'), 2*utf8Halves/(len(b)+1)+1)
		at = at * 7 % len(long)
		u = utf8Check{}
		u.write(long[:at])
		u.write(long[at:])
		if u.whole() != utf8.Valid(long) {
			t.Errorf("%q, cut at %d: %v", long, at, u.whole())
		}
	})
}
