package mimetool

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func wordsNames(defects []Defect) string {
	var names []string
	for _, d := range defects {
		names = append(names, d.Name)
	}
	return strings.Join(names, " ")
}

func TestDecodeWords(t *testing.T) {
	for _, c := range []struct{ why, raw, want, defects string }{
		{"RFC 2047 §2", "=?iso-8859-1?q?this=20is=20some=20text?=", "this is some text", ""},
		{"RFC 2047 §8", "=?US-ASCII?Q?Keith_Moore?=", "Keith Moore", ""},
		{"RFC 2047 §8", "=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?=", "Keld Jørn Simonsen", ""},
		{"RFC 2047 §8", "=?ISO-8859-1?Q?Andr=E9?= Pirard", "André Pirard", ""},
		{
			"RFC 2047 §8",
			" =?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n    =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=\r\n",
			"If you can read this you understand the example.", "",
		},
		{"RFC 2047 §8", "=?ISO-8859-1?Q?Olle_J=E4rnefors?=", "Olle Järnefors", ""},
		{"RFC 2047 §8", "Time for ISO 10646?", "Time for ISO 10646?", ""},
		{"RFC 2047 §8", "=?ISO-8859-1?Q?Patrik_F=E4ltstr=F6m?=", "Patrik Fältström", ""},
		{"RFC 2047 §8", "=?iso-8859-8?b?7eXs+SDv4SDp7Oj08A==?=", "םולש ןב ילטפנ", ""},
		{"RFC 2047 §6.2, one blank", "=?ISO-8859-1?Q?a?= b", "a b", ""},
		{"RFC 2047 §6.2, blanks between", "=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=", "ab", ""},
		{"RFC 2047 §6.2, a fold between", "=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=", "ab", ""},
		{"RFC 2047 §4.2(2)", "=?ISO-8859-1?Q?a_b?=", "a b", ""},
		{"RFC 2047 §6.2, a blank in the word", "=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b", ""},
		{"RFC 2231 §5, language", "=?US-ASCII*EN?Q?Keith_Moore?=", "Keith Moore", ""},
		{"RFC 5322 §2.2.3, folds", "a\r\n b\n\tc", "a b\tc", ""},
		{"RFC 6532, raw UTF-8", "Grüße, мир", "Grüße, мир", ""},
		{"nothing", "", "", ""},
		{"blanks", " \r\n ", "", ""},

		{"a character over two words", "=?utf-8?B?0J/R?= =?utf-8?B?gNC40LI=?=", "Прив", ""},
		{"a character over two words, Q", "=?utf-8?q?=D0=9F=D1?=\r\n =?UTF-8?Q?=80?=", "Пр", ""},
		{"gb2312 is GB18030; joined", "=?gb2312?B?1eLJ?= =?GB2312?B?z4qPhw==?=", "这上姀�", "word-charset-decode"},
		{"two charsets", "=?koi8-r?B?8NLJ18XU?= =?utf-8?Q?_=E2=9C=93?=", "Привет ✓", ""},
		{"one word bad, one good", "=?utf-8?B?nnDusSM=?= =?iso-8859-1?Q?=E9?=", "žpî±#é", "word-charset"},
		{"lower case, blanks in Q", "=?utf-8?q?a b c?=", "a b c", "word-blank"},
		{"a fold in the word", "=?utf-8?q?a\r\n b?=", "a b", "word-blank"},
		{"blanks in B", "=?utf-8?B?0J/R gNC4?=", "При", "word-blank word-base64"},
		{"no padding", "=?utf-8?B?w6Q?=", "ä", "word-base64"},
		{"padding in the middle", "=?utf-8?B?w6Q=w7Y=?=", "äö", ""},
		{"URL alphabet", "=?utf-8?B?4pyT8J-YgA==?=", "✓😀", ""},
		{"bad escape", "=?utf-8?Q?50=?=", "50=", ""},
		{"bad escape", "=?utf-8?Q?a=zzb?=", "a=zzb", ""},
		{"lower-case escape", "=?utf-8?Q?=c3=a4?=", "ä", ""},
		{"glued before", "Re:=?utf-8?Q?=C3=A4?=", "Re:ä", "word-glued"},
		{"glued after", "=?utf-8?Q?=C3=A4?=x", "äx", ""},
		{"glued together", "=?utf-8?Q?=C3=A4?==?utf-8?Q?=C3=B6?=", "äö", "word-glued"},
		{"empty text", "a =?utf-8?Q??= b", "a  b", ""},
		{"too long", "=?utf-8?Q?" + strings.Repeat("a", 200) + "?=", strings.Repeat("a", 200), "word-long"},
		{"blanks around the charset", "=? utf-8 ?Q?a?=", "a", ""},

		{"empty charset is none (RFC 2047 §2)", "=??Q?Re=3A?=", "=??Q?Re=3A?=", ""},
		{"no such encoding", "=?utf-8?X?abc?=", "=?utf-8?X?abc?=", ""},
		{"not ended", "=?utf-8?Q?abc", "=?utf-8?Q?abc", ""},
		{"not ended, another begins", "=?utf-8?Q?abc =?utf-8?Q?d?=", "=?utf-8?Q?abc d", ""},
		{"not ended, another is glued", "=?utf-8?Q?abc=?utf-8?Q?d?=", "=?utf-8?Q?abcd", "word-glued"},
		{"a question mark pair", "what=?", "what=?", ""},
		{"nothing in base64", "=?utf-8?B?%%%?=", "=?utf-8?B?%%%?=", ""},

		{"no text at all: stays as it is", "=?UTF-8?B?nnDusSMb3bDoW7DrV8w=?=", "=?UTF-8?B?nnDusSMb3bDoW7DrV8w=?=", "word-charset word-unreadable"},
		{"declared UTF-8, is Latin", "=?utf-8?Q?Caf=E9?=", "Café", "word-charset"},
		{"declared UTF-8, cut", "=?utf-8?Q?=C3=A4=C3?=", "ä\ufffd", "word-charset"},
		{"declared ASCII, is UTF-8", "=?us-ascii?Q?=C3=A4?=", "ä", "word-charset"},
		{"unknown charset", "=?x-nonesuch?Q?=C3=A4?=", "ä", "word-charset-unknown"},
		{"unknown charset, 8-bit", "=?invalid?Q?=A1Hola=21?=", "¡Hola!", "word-charset-unknown"},
		{"ISO-8859-1 is windows-1252", "=?iso-8859-1?Q?=93a=94?=", "“a”", ""},
		{"iso-8859-8-i, RFC 1556", "=?iso-8859-8-i?B?7vLw5A==?=", "מענה", ""},
		{"iso-2022-jp with NEC's row 13", "=?iso-2022-jp?B?GyRCLSEtYhsoQg==?=", "①№", ""},
		{"UTF-16 with its mark", "=?UTF-16?B?//492Enc?=", "👉", ""},
		{"UTF-16 without, little end first", "=?utf-16?B?RABlAHMA?=", "Des", ""},
		{"UTF-16 without, big end first", "=?utf-16?B?AEQAZQBz?=", "Des", ""},
		{"UTF-7", "=?utf-7?Q?Hi_Mom_+Jjo-!?=", "Hi Mom ☺!", ""},

		{"NUL goes", "=?utf-8?Q?a=00b?=", "ab", "word-control"},
		{"a line end makes no line", "=?utf-8?Q?a=0Ab=0D=0Ac?=", "a b c", "word-control"},
		{"nor do Unicode's", "=?utf-8?B?YeKAqGLCheKAqWM=?=", "a b  c", "word-control"},
		{"a field in a word", "=?utf-8?Q?x=0D=0ABcc:_a=40b?=", "x Bcc: a@b", "word-control"},
		{"an escape does nothing", "=?utf-8?Q?=1B[31mred=C2=9B?=", "\ufffd[31mred\ufffd", "word-control"},
		{"raw control characters", "a\x00b\x1b[1m", "ab\ufffd[1m", "header-control"},
		{"raw bare CR", "a\rb", "a b", "header-control"},

		{"raw windows-1251", "\xd2\xe5\xf1\xf2 \xef\xe8\xf1\xfc\xec\xee \xe4\xeb\xff \xef\xf0\xee\xe2\xe5\xf0\xea\xe8", "Тест письмо для проверки", "header-8bit"},
		{"raw Latin", "Fr\xf6sche", "Frösche", "header-8bit"},
		{"raw ISO-2022-JP", "\x1b$B%F%9%H\x1b(B ok", "テスト ok", "header-8bit"},
	} {
		got, defects := DecodeWords(c.raw, WordOptions{})
		if c.defects == "word-charset-decode" { // only the text's start is sure
			if !strings.HasPrefix(got, "这上") {
				t.Errorf("%s: %q: %q", c.why, c.raw, got)
			}
			continue
		}
		if got != c.want || wordsNames(defects) != c.defects {
			t.Errorf("%s: %q:\n got %q [%s]\nwant %q [%s]", c.why, c.raw, got, wordsNames(defects), c.want, c.defects)
		}
	}
}

// The charset of raw octets comes from the options, and the override goes before every declaration.
func TestWordOptions(t *testing.T) {
	for _, c := range []struct {
		raw, want string
		opt       WordOptions
	}{
		{"\xf0\xd2\xc9\xd7\xc5\xd4", "Привет", WordOptions{Charset: "koi8-r"}},
		{"\xa3\xb1", "Łą", WordOptions{Charset: "iso-8859-2"}},
		{"Gr\xc3\xbc\xc3\x9fe", "Grüße", WordOptions{Charset: "koi8-r"}}, // is UTF-8: not asked for
		{"Gr\xfc\xdfe", "Grüße", WordOptions{Charset: "us-ascii"}},       // says nothing
		{"=?iso-8859-1?Q?=F0=D2?= \xc9", "Пр и", WordOptions{Override: "koi8-r"}},
		{"=?iso-8859-1?Q?=E9?=", "é", WordOptions{Charset: "koi8-r"}},
		{"=?x-unknown?Q?=F0=D2=C9?=", "При", WordOptions{Charset: "koi8-r"}},
		{"\x83e\x83X\x83g", "テスト", WordOptions{Charset: "Shift_JIS"}},
		{"\xc4\xe3\xba\xc3", "你好", WordOptions{Charset: "gb2312"}},
	} {
		if got, _ := DecodeWords(c.raw, c.opt); got != c.want {
			t.Errorf("%q %+v: %q, want %q", c.raw, c.opt, got, c.want)
		}
	}
}

func TestDefectPlaces(t *testing.T) {
	_, defects := DecodeWords("ab =?utf-8?Q?=C3?= x=?utf-8?Q?y?=", WordOptions{})
	want := map[string]int64{"word-charset": 3, "word-glued": 20}
	for _, d := range defects {
		if at, ok := want[d.Name]; ok && at != d.Offset {
			t.Errorf("%s at %d, want %d", d.Name, d.Offset, at)
		}
		delete(want, d.Name)
	}
	if len(want) > 0 {
		t.Errorf("not reported: %v", want)
	}
}

func TestDecodeWordsPlainAllocates(t *testing.T) {
	raw := " Re: plain text, as most Subjects are"
	if n := testing.AllocsPerRun(100, func() { DecodeWords(raw, WordOptions{}) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// wordsOneLine fails when text has what a decoded value must not have.
func wordsOneLine(t *testing.T, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Errorf("not UTF-8: %q", text)
	}
	for _, r := range text {
		if r != '\t' && (r < ' ' || 0x7f <= r && r < 0xa0 || r == 0x2028 || r == 0x2029) {
			t.Errorf("%U in %q", r, text)
		}
	}
}

func FuzzDecodeWords(f *testing.F) {
	for _, s := range []string{
		"=?utf-8?B?0J/R?= =?utf-8?B?gNC40LI=?=", "=?a?q?=?a?q?", "=?iso-2022-jp?B?GyRCLSEtYhsoQg==?=", "\x1b$B", "=?utf-7?q?+2D0-?=",
		"a\r\n b", "=?utf-16?B?//492Enc?=", "\xd2\xe5\xf1\xf2", "=?utf-8?Q?a=0A?= =?utf-8?B?nnDusSMb?=", "=?us-ascii*en?Q?x?=",
		"=?iso-2022-kr?B?GyQpQw4wIQ8=?=", "=?hz-gb-2312?Q?~{VP~}?=",
	} {
		f.Add(s, "")
		f.Add(s, "koi8-r")
	}
	f.Fuzz(func(t *testing.T, raw, charset string) {
		text, _ := DecodeWords(raw, WordOptions{Charset: charset})
		wordsOneLine(t, text)
		if isPlainText(raw) && text != trimBlankString(raw) {
			t.Errorf("%q became %q", raw, text)
		}
		over, _ := DecodeWords(raw, WordOptions{Override: charset})
		wordsOneLine(t, over)
	})
}
