package mimetool

import "strings"

// maxIDs bounds what is held of a field that is nothing but identifiers.
const maxIDs = 100_000

// MessageIDs reads the values of Message-ID, In-Reply-To, References, Content-ID (RFC 5322 §3.6.4 and §4.5.4), without
// their angle brackets. Blanks within one, as folds leave them, are taken out; comments and phrases between are passed
// over. Where there are no angle brackets at all, words with "@" are taken. The first 100,000 count.
func MessageIDs(raw string) []string {
	var ids []string
	openComment := false
	for i := 0; i < len(raw) && len(ids) < maxIDs; {
		switch raw[i] {
		case '<':
			end := strings.IndexAny(raw[i+1:], "<>")
			if end < 0 {
				end = len(raw) - i - 1
			}
			if id := cleanID(raw[i+1 : i+1+end]); id != "" {
				ids = append(ids, id)
			}
			i += 1 + end
			continue
		case '(':
			if end := -1; !openComment {
				if end = commentEnd(raw, i); end > 0 {
					i = end
					continue
				}
				openComment = true
			}
		}
		i++
	}
	if ids == nil {
		return bareIDs(raw)
	}
	return ids
}

// bareIDs are the words with "@".
func bareIDs(raw string) []string {
	var ids []string
	for word := range strings.FieldsSeq(raw) {
		if strings.IndexByte(word, '@') >= 0 && len(ids) < maxIDs {
			if id := cleanID(strings.Trim(word, "<>,;")); id != "" {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// cleanID takes blanks, control characters and stray brackets out of a message identifier.
func cleanID(s string) string {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case isBlank(c) && strings.IndexByte(s, '(') >= 0: // RFC 5322 §4.5.4: the obsolete syntax has comments too
			return strings.Map(idRune, strings.ToValidUTF8(withoutComments(s), "\ufffd"))
		case c <= ' ' || c >= 0x7f || c == '>':
			return strings.Map(idRune, strings.ToValidUTF8(s, "\ufffd"))
		}
	}
	return s
}

func idRune(r rune) rune {
	if r <= ' ' || r == '<' || r == '>' || cleanRune(r) != r {
		return -1
	}
	return r
}

// withoutComments leaves comments out.
func withoutComments(s string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '(')
		if i < 0 {
			break
		}
		end := commentEnd(s, i)
		if end < 0 {
			break
		}
		b.WriteString(s[:i])
		s = s[end:]
	}
	b.WriteString(s)
	return b.String()
}
