package mimetool

import (
	"strings"
	"unicode/utf8"
)

// isClean tells whether s is valid UTF-8 without control characters other than TAB and without line separators.
func isClean(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
		if c >= utf8.RuneSelf {
			return isCleanUTF8(s[i:])
		}
	}
	return true
}

func isCleanUTF8(s string) bool {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return false
			}
		}
		if cleanRune(r) != r {
			return false
		}
	}
	return true
}

// cleanRune is r, or what stands for it in text of one line: -1 nothing.
func cleanRune(r rune) rune {
	switch {
	case r == '\t' || ' ' <= r && r < 0x7f:
		return r
	case r == 0:
		return -1
	case r == '\n' || r == '\r' || r == '\v' || r == '\f' || r == 0x85 || r == 0x2028 || r == 0x2029:
		return ' '
	case r < ' ' || 0x7f <= r && r < 0xa0:
		return utf8.RuneError
	}
	return r
}

// appendCleaned appends s as text of one line: NUL dropped, a line end as one blank, other control characters and
// octets that are no UTF-8 as U+FFFD.
func appendCleaned(dst []byte, s string) []byte {
	if isClean(s) {
		return append(dst, s...)
	}
	previous := rune(0)
	for _, r := range s {
		if c := cleanRune(r); c >= 0 && !(r == '\n' && previous == '\r') {
			dst = utf8.AppendRune(dst, c)
		}
		previous = r
	}
	return dst
}

// cleanText is s as text of one line.
func cleanText(s string) string {
	if isClean(s) {
		return s
	}
	return string(appendCleaned(nil, s))
}

// hasControls tells whether there are C0 control characters other than blanks and line ends, or DEL.
func hasControls(b []byte) bool {
	for _, c := range b {
		if c < ' ' && !isBlank(c) || c == 0x7f {
			return true
		}
	}
	return false
}

// isPlainRun tells whether s is printable ASCII and TAB.
func isPlainRun(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' && c != '\t' || c >= 0x7f {
			return false
		}
	}
	return true
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// hasEscape tells whether s has a sequence of ISO 2022 that designates a set of characters: raw ISO-2022-JP and its kin.
func hasEscape(s string) bool {
	for {
		i := strings.IndexByte(s, 0x1b)
		if i < 0 || i+2 >= len(s) {
			return false
		}
		if s[i+1] == '$' || s[i+1] == '(' && (s[i+2] == 'B' || s[i+2] == 'J' || s[i+2] == 'I') {
			return true
		}
		s = s[i+1:]
	}
}

// unfoldString removes the line ends of folds (RFC 5322 §2.2.3); one that no blank follows becomes a blank.
func unfoldString(s string) string {
	if strings.IndexByte(s, '\n') < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for {
		i := strings.IndexByte(s, '\n')
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		line := s[:i]
		if i > 0 && s[i-1] == '\r' {
			line = s[:i-1]
		}
		b.WriteString(line)
		s = s[i+1:]
		if s != "" && s[0] != ' ' && s[0] != '\t' {
			b.WriteByte(' ')
		}
	}
}
