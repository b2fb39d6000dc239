package query

import "strings"

// word is one of a query.
type word struct {
	text   string
	quoted bool
	offset int
}

// split takes a query apart into words. Parentheses are words of their own.
func split(text string) ([]word, error) {
	var words []word
	for i := 0; i < len(text); {
		switch c := text[i]; c {
		case ' ', '\t', '\r', '\n':
			i++
		case '(', ')':
			words = append(words, word{text: string(c), offset: i})
			i++
		case '"', '\'':
			s, n, ok := unquote(text[i:])
			if !ok {
				return nil, &Error{Word: text[i:min(len(text), i+20)], Offset: i, Reason: "a quote without end"}
			}
			words = append(words, word{text: s, quoted: true, offset: i})
			i += n
		default:
			n := strings.IndexAny(text[i:], " \t\r\n()")
			if n < 0 {
				n = len(text) - i
			}
			words = append(words, word{text: text[i : i+n], offset: i})
			i += n
		}
	}
	return words, nil
}

// unquote reads a quoted word, and tells its length with the quotes.
func unquote(s string) (text string, n int, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == s[0]:
			return b.String(), i + 1, true
		default:
			b.WriteByte(s[i])
		}
	}
	return "", 0, false
}
