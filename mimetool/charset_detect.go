package mimetool

import (
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// detectSample is the number of octets that a charset is guessed from.
const detectSample = 16 << 10

// DetectCharset guesses the charset of a text by its first octets: "us-ascii", "utf-8", "iso-2022-jp"…, or the likeliest
// of those in use before Unicode, "windows-1252" where nothing speaks for another. The name is one that
// NewCharsetReader takes. 16 KiB are looked at.
func DetectCharset(b []byte) string { return detectCharset(b).name }

func detectCharset(b []byte) charset {
	if len(b) > detectSample {
		b = b[:detectSample]
	}
	switch s := string(b); {
	case isASCII(s) && hasEscape(s):
		return escapedCharset(s)
	case isASCII(s):
		return asciiCharset()
	}
	if validUTF8Start(b) {
		return utf8Charset()
	}
	return guessCharset(b)
}

// validUTF8Start tells whether b is UTF-8 that may be cut within its last character.
func validUTF8Start(b []byte) bool {
	for i := 1; i <= utf8.UTFMax && i <= len(b); i++ {
		if utf8.RuneStart(b[len(b)-i]) {
			if !utf8.FullRune(b[len(b)-i:]) {
				b = b[:len(b)-i]
			}
			break
		}
	}
	return utf8.Valid(b)
}

// escapedCharset tells the ISO-2022 charsets apart by their first designation.
func escapedCharset(s string) charset {
	for i := 0; i+3 < len(s); i++ {
		if s[i] == 0x1b && s[i+1] == '$' && s[i+2] == ')' {
			if s[i+3] == 'C' {
				return charset{"iso-2022-kr", iso2022Encoding{shifted: korean2022}}
			}
			return charset{"iso-2022-cn", iso2022Encoding{shifted: chinese2022}}
		}
	}
	return charset{"iso-2022-jp", iso2022Encoding{}}
}

// A charsetGuess finds the charset of octets of a header for which none is declared, or one that is not true. What it
// has guessed holds for the whole field: a guess costs as much as a hundred words.
type charsetGuess struct {
	opt     WordOptions
	guessed charset
}

// of is the charset of b: the override, UTF-8 where b is that, the charset that the options name, what is detected.
func (g *charsetGuess) of(b []byte) charset {
	if cs, ok := lookupCharset(g.opt.Override); ok {
		return cs
	}
	if s := string(b); isASCII(s) && hasEscape(s) {
		return escapedCharset(s)
	}
	if utf8.Valid(b) {
		return utf8Charset()
	}
	if cs, ok := lookupCharset(g.opt.Charset); ok && cs.enc != nil {
		return cs
	}
	if g.guessed.isZero() {
		g.guessed = guessCharset(b)
	}
	return g.guessed
}

func greekRune(c byte) rune { return charmap.ISO8859_7.DecodeByte(c) }
