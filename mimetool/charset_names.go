package mimetool

import (
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// lookupCharset finds a charset by its name in whatever spelling: only its letters and digits count, and a leading "x-"
// and a year after a colon do not. The golang.org/x/text indexes are not used: they cost at every start of the program.
func lookupCharset(name string) (charset, bool) {
	var block [40]byte
	key := charsetKey(block[:0], name)
	if c := unicodeCharset(key); !c.isZero() {
		return c, true
	}
	if c := westernCharset(key); !c.isZero() {
		return c, true
	}
	if c := easternCharset(key); !c.isZero() {
		return c, true
	}
	c := dosCharset(key)
	return c, !c.isZero()
}

// charsetKey appends the letters and digits of name in lower case. A name too long for one gives what none has.
func charsetKey(key []byte, name string) []byte {
	name = trimBlankString(name)
	if len(name) > 2 && (name[0] == 'x' || name[0] == 'X') && name[1] == '-' {
		name = name[2:]
	}
	for i := 0; i < len(name) && len(key) < cap(key); i++ {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			key = append(key, c)
		case 'A' <= c && c <= 'Z':
			key = append(key, c+'a'-'A')
		case c == ':': // ISO_8859-1:1987
			return key
		}
	}
	return key
}

// unicodeCharset finds ASCII and the forms of Unicode.
func unicodeCharset(key []byte) charset {
	switch string(key) {
	case "utf8", "utf", "utf8mb3", "utf8mb4", "cp65001", "utf8bom", "utf8sig", "unicode11utf8", "unicode20utf8", "csutf8":
		return utf8Charset()
	case "usascii", "ascii", "ansix341968", "ansix341986", "iso646us", "iso646irv", "us", "cp367", "ibm367", "isoir6", "csascii", "646":
		return asciiCharset()
	case "utf7", "unicode11utf7", "csunicode11utf7", "csutf7", "cp65000":
		return charset{"utf-7", utf7Encoding{}}
	case "utf7imap", "imaputf7", "imap4utf7":
		return charset{"utf-7-imap", utf7Encoding{imap: true}}
	case "utf16", "unicode", "iso10646ucs2", "ucs2", "csutf16", "csunicode":
		return charset{"utf-16", utf16Encoding{}}
	case "utf16be", "unicodefffe", "csutf16be", "cp1201":
		return charset{"utf-16be", unicode.UTF16(unicode.BigEndian, unicode.UseBOM)}
	case "utf16le", "unicodefeff", "csutf16le", "cp1200":
		return charset{"utf-16le", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)}
	case "utf32", "utf32be", "iso10646ucs4", "ucs4", "ucs4be", "csutf32", "csutf32be":
		return charset{"utf-32", utf32.UTF32(utf32.BigEndian, utf32.UseBOM)}
	case "utf32le", "ucs4le", "csutf32le":
		return charset{"utf-32le", utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)}
	}
	return charset{}
}

// easternCharset finds the charsets of East Asia.
func easternCharset(key []byte) charset {
	switch string(key) {
	// gb2312 is what programs call whatever Chinese they write; GB18030 holds all of them.
	case "gb2312", "gbk", "gb18030", "cp936", "936", "ms936", "windows936", "chinese", "csgb2312", "csgbk", "csgb18030",
		"csiso58gb231280", "gb231280", "isoir58", "euccn", "eucgb2312cn", "cngb", "gb", "gb180302000", "gb180302022":
		return charset{"gb18030", simplifiedchinese.GB18030}
	case "hzgb2312", "hz", "hzgb":
		return charset{"hz-gb-2312", simplifiedchinese.HZGB2312}
	case "big5", "big5hkscs", "cnbig5", "csbig5", "big5eten", "big5hkscs2004", "cp950", "950", "ms950", "windows950", "xbig5", "csbig5hkscs", "big5tw":
		return charset{"big5", traditionalchinese.Big5}
	case "shiftjis", "sjis", "mskanji", "csshiftjis", "windows31j", "cswindows31j", "ms932", "cp932", "932", "windows932",
		"cp943", "cp943c", "ibm943", "shiftjisx0213", "shiftjis2004":
		return charset{"shift_jis", japanese.ShiftJIS}
	case "eucjp", "ujis", "cseucpkdfmtjapanese", "eucjpms", "eucjpwin", "cp51932", "euc", "eucjis2004", "eucjisx0213",
		"extendedunixcodepackedformatforjapanese":
		return charset{"euc-jp", japanese.EUCJP}
	case "euckr", "ksc56011987", "ksc56011989", "ksc5601", "cseuckr", "csksc56011987", "isoir149", "korean", "cp949", "949",
		"ms949", "windows949", "uhc", "ksx1001", "ksc", "unifiedhangulcode":
		return charset{"euc-kr", korean.EUCKR}
	case "iso2022jp", "iso2022jp1", "iso2022jp2", "iso2022jp3", "iso2022jp2004", "iso2022jpext", "iso2022jpms",
		"iso2022jp2004strict", "csiso2022jp", "csiso2022jp2", "jis", "jis7", "cp50220", "cp50221", "cp50222", "50220", "50221", "50222":
		return charset{"iso-2022-jp", iso2022Encoding{}}
	case "iso2022kr", "csiso2022kr", "cp50225":
		return charset{"iso-2022-kr", iso2022Encoding{shifted: korean2022}}
	case "iso2022cn", "iso2022cnext", "csiso2022cn", "cp50227":
		return charset{"iso-2022-cn", iso2022Encoding{shifted: chinese2022}}
	}
	return charset{}
}

// dosCharset finds the code pages of IBM.
func dosCharset(key []byte) charset {
	switch string(key) {
	case "ibm037", "cp037", "csibm037", "ebcdiccpus":
		return charset{"ibm037", charmap.CodePage037}
	case "ibm437", "cp437", "437", "cspc8codepage437":
		return charset{"ibm437", charmap.CodePage437}
	case "ibm850", "cp850", "850", "cspc850multilingual":
		return charset{"ibm850", charmap.CodePage850}
	case "ibm852", "cp852", "852", "cspcp852":
		return charset{"ibm852", charmap.CodePage852}
	case "ibm855", "cp855", "855", "csibm855":
		return charset{"ibm855", charmap.CodePage855}
	case "ibm858", "cp858", "858", "ibm00858", "cp00858", "ccsid00858", "csibm00858":
		return charset{"ibm858", charmap.CodePage858}
	case "ibm860", "cp860", "860", "csibm860":
		return charset{"ibm860", charmap.CodePage860}
	case "ibm862", "cp862", "862", "dos862", "cspc862latinhebrew":
		return charset{"ibm862", charmap.CodePage862}
	case "ibm863", "cp863", "863", "csibm863":
		return charset{"ibm863", charmap.CodePage863}
	case "ibm865", "cp865", "865", "csibm865":
		return charset{"ibm865", charmap.CodePage865}
	case "ibm866", "cp866", "866", "dos866", "csibm866":
		return charset{"ibm866", charmap.CodePage866}
	case "ibm1047", "cp1047", "csibm1047":
		return charset{"ibm1047", charmap.CodePage1047}
	case "ibm1140", "cp1140", "ibm01140", "cp01140", "ccsid01140", "csibm01140":
		return charset{"ibm1140", charmap.CodePage1140}
	}
	return charset{}
}
