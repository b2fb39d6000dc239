package mimetool

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

func TestDecodeCharset(t *testing.T) {
	for _, c := range []struct{ name, octets, want string }{
		{"UTF-8", "gr\xc3\xbcn", "grün"},
		{"utf8", "\xef\xbb\xbfa", "a"},
		{"us-ascii", "a\xe4", "a\ufffd"},
		{"ISO-8859-1", "\xe4\x80", "ä€"},
		{"latin1", "\xe4", "ä"},
		{"iso8859_15", "\xa4", "€"},
		{"ISO_8859-2:1987", "\xb1", "ą"},
		{"windows-1251", "\xcf\xf0", "Пр"},
		{"cp1251", "\xcf\xf0", "Пр"},
		{"x-cp1251", "\xcf\xf0", "Пр"},
		{"KOI8-R", "\xf0\xd2", "Пр"},
		{"koi8-u", "\xa6", "і"},
		{"IBM850", "\x81", "ü"},
		{"cp866", "\x8f", "П"},
		{"tis-620", "\xa1", "ก"},
		{"x-mac-roman", "\x8a", "ä"},
		{"iso-8859-8-i", "\xe0", "א"},
		{"gb2312", "\xc4\xe3\x8fd", "你" + gb18030Of("\x8fd")},
		{"GBK", "\xc4\xe3", "你"},
		{"gb18030", "\x81\x30\x81\x30", "\u0080"},
		{"hz-gb-2312", "~{VP~}", "中"},
		{"Big5", "\xa4\xa4", "中"},
		{"Shift_JIS", "\x83e\x83X\x83g", "テスト"},
		{"cp932", "\x87@", "①"},
		{"EUC-JP", "\xa5\xc6", "テ"},
		{"ks_c_5601-1987", "\xc7\xd1\x8c\x63", "한" + koreanOf("\x8c\x63")},
		{"utf-16", "\xfe\xff\x00a", "a"},
		{"utf-16le", "a\x00", "a"},
		{"utf-16be", "\x00a", "a"},
		{"utf-32", "\x00\x00\x00a", "a"},
		{"ebcdic-cp-us", "\xc1", "A"},

		{"ISO-2022-JP, RFC 1468", "\x1b$B%F%9\x1b(B ok\x1b(Jx", "テス okx"},
		{"iso-2022-jp", "\x1b$@%F\x1b(B", "テ"},
		{"iso-2022-jp", "\x1b$B%F\n\x1b(Ba", "テ\na"},
		{"cp50221", "\x1b(I1\x1b(B \xb1\x0e1\x0f", "ｱ ｱｱ"},
		{"iso-2022-jp-1", "\x1b$(D0!\x1b(B", "丂"},
		{"iso-2022-jp-2", "\x1b$AVP\x1b$(C0!\x1b.A\x1bNi\x1b.F\x1bNa", "中가éα"},
		{"iso-2022-jp", "\x1b$B%", "\ufffd"},
		{"iso-2022-jp", "\x1b$B%\x1b(Ba", "\ufffda"},
		{"iso-2022-jp", "\x1b!a", "\ufffd!a"},
		{"ISO-2022-KR, RFC 1557", "\x1b$)C\x0e0!\x0f a", "가 a"},
		{"ISO-2022-CN, RFC 1922", "\x1b$)A\x0eVP\x0f a", "中 a"},
		{"utf-7", "+AGEAYg-c+2D3eAA-", "abc😀"},
	} {
		name, _, _ := strings.Cut(c.name, ",")
		got, err := DecodeCharset(name, []byte(c.octets))
		if got != c.want || err != nil {
			t.Errorf("%s: %q: %q %v, want %q", c.name, c.octets, got, err, c.want)
		}
		r, err := NewCharsetReader(name, iotest.OneByteReader(strings.NewReader(c.octets)))
		if err != nil {
			t.Fatal(c.name, err)
		}
		b, err := io.ReadAll(r)
		if string(b) != c.want || err != nil {
			t.Errorf("%s: read octet by octet: %q %v, want %q", c.name, b, err, c.want)
		}
	}
	for _, name := range []string{"", "nonesuch", "x-unknown", strings.Repeat("utf8", 100)} {
		if _, err := DecodeCharset(name, nil); !errors.Is(err, ErrCharset) {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := NewCharsetReader(name, nil); !errors.Is(err, ErrCharset) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func gb18030Of(s string) string {
	out, _ := simplifiedchinese.GB18030.NewDecoder().String(s)
	return out
}

func koreanOf(s string) string {
	out, _ := korean.EUCKR.NewDecoder().String(s)
	return out
}

// Whatever golang.org/x/text can decode has a name here, and decodes to the same or to more.
func TestEveryCharset(t *testing.T) {
	all := append([]encoding.Encoding{}, charmap.All...)
	all = append(all, japanese.All...)
	all = append(all, korean.All...)
	all = append(all, simplifiedchinese.All...)
	all = append(all, traditionalchinese.All...)
	for _, e := range all {
		if e == charmap.XUserDefined {
			continue // says that the charset is not known, which has it detected
		}
		name, err := ianaindex.MIME.Name(e)
		if err != nil || name == "" {
			if name, err = ianaindex.IANA.Name(e); err != nil || name == "" {
				name = strings.ReplaceAll(e.(interface{ String() string }).String(), " ", "-")
			}
		}
		cs, ok := lookupCharset(name)
		if !ok {
			t.Errorf("%s is not known", name)
			continue
		}
		table, ok := e.(*charmap.Charmap)
		if !ok {
			continue
		}
		for i := range 256 {
			if i >= 0x80 && i < 0xa0 && (strings.HasPrefix(name, "ISO-8859-1") || strings.HasPrefix(name, "ISO-8859-9")) {
				continue // windows-1252 and its kin
			}
			if want := table.DecodeByte(byte(i)); want != utf8.RuneError && cs.decode([]byte{byte(i)}) != string(want) {
				t.Errorf("%s: %#x is %q, not %q", name, i, cs.decode([]byte{byte(i)}), want)
			}
		}
	}
}

func TestDetectCharset(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "us-ascii"},
		{"plain", "us-ascii"},
		{"Grüße", "utf-8"},
		{"Grüße"[:4], "utf-8"}, // cut within a character
		{"\x1b$B%F%9%H\x1b(B", "iso-2022-jp"},
		{"\x1b$)C\x0e0!\x0f", "iso-2022-kr"},
		{"\x1b$)A\x0eVP\x0f", "iso-2022-cn"},
		{"\xb4!", "windows-1252"}, // one character is no evidence
		{"Zam\xf3wienie za us\xb3ugi w miesi\xb1cu", "iso-8859-2"},
		{"P\xf8\xedli\x9a \x9elu\x9dou\xe8k\xfd k\xf9\xf2", "windows-1250"},
		{"Sipari\xfe onay\xfd i\xe7in te\xfeekk\xfcrler", "windows-1254"},
		{"\xca\xe1\xeb\xe7\xec\xdd\xf1\xe1 \xf3\xe1\xf2", "windows-1253"},
		{"\xe3\xd1\xcd\xc8\xc7 \xc8\xc7\xe1\xda\xc7\xe1\xe3", "windows-1256"},
		{"\xca\xc7\xd1\xca\xb4\xd5\xa4\xc3\xd1\xba", "windows-874"},
		{"\xc6\xfc\xcb\xdc\xb8\xec\xa4\xce\xa5\xe1\xa1\xbc\xa5\xeb", "euc-jp"},
		{"\xad\x71\xb3\xe6\xbd\x54\xbb\x7b\xb3\x71\xaa\xbe", "big5"},
		{"\xbe\xc8\xb3\xe7\xc7\xcf\xbc\xbc\xbf\xe4", "euc-kr"},
		{"Die Hasen und die Fr\xf6sche", "windows-1252"},
		{"\xd2\xe5\xf1\xf2 \xef\xe8\xf1\xfc\xec\xee \xe4\xeb\xff \xef\xf0\xee\xe2\xe5\xf0\xea\xe8", "windows-1251"},
		{"\xf0\xd2\xc9\xd7\xc5\xd4, \xcb\xc1\xcb \xc4\xc5\xcc\xc1? \xf7\xd3\xa3 \xc8\xcf\xd2\xcf\xdb\xcf.", "koi8-r"},
		{"\x83e\x83X\x83g\x82\xcc\x83\x81\x81[\x83\x8b\x82\xc5\x82\xb7", "shift_jis"},
		{"\xc8\xab\xd0\xc2\xd4\xad\xd7\xb0\xbd\xf8\xbf\xda\xa3\xac\xcb\xcd\xbb\xf5\xc9\xcf\xc3\xc5", "gb18030"},
	} {
		if got := DetectCharset([]byte(c.text)); got != c.want {
			t.Errorf("%q: %s, want %s", c.text, got, c.want)
		}
	}
}

func FuzzCharsets(f *testing.F) {
	for _, s := range []string{"\x1b$B%F\x1b(B", "\x1b$)C\x0e0!", "+2D3eAA-", "\xff\xfea\x00", "\x1b.A\x1bN\x1b"} {
		f.Add("iso-2022-jp", []byte(s))
		f.Add("utf-7", []byte(s))
		f.Add("utf-16", []byte(s))
	}
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		whole, err := DecodeCharset(name, b)
		if err != nil {
			return
		}
		if !utf8.ValidString(whole) {
			t.Errorf("%s: %q: %q is not UTF-8", name, b, whole)
		}
		r, _ := NewCharsetReader(name, iotest.OneByteReader(strings.NewReader(string(b))))
		pieces, err := io.ReadAll(r)
		if cs, _ := lookupCharset(name); cs.name == "utf-16" {
			return // guesses by all that it has
		}
		if err != nil || string(pieces) != whole {
			t.Errorf("%s: %q: %q at once, %q %v in pieces", name, b, whole, pieces, err)
		}
	})
}
