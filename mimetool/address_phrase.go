package mimetool

import "strings"

// phrase is the text of a display name (RFC 5322 §3.2.5): quotes and encoded-words undone, comments left out.
func (p *addressParser) phrase(list []lexeme) string {
	list = p.trimComments(list)
	if len(list) == 0 {
		return ""
	}
	if len(list) == 1 && list[0].kind == lexQuoted {
		return p.decodedQuoted(list[0])
	}
	if p.isPlainPhrase(list) {
		return p.decoded(p.s[list[0].start:list[len(list)-1].end], list[0].start)
	}
	var b strings.Builder
	blank := false
	for _, x := range list {
		blank = blank || x.blank
		if x.kind == lexComment {
			blank = true
			continue
		}
		if blank && b.Len() > 0 {
			b.WriteByte(' ')
		}
		blank = false
		if x.kind == lexQuoted {
			b.WriteString(quotedContent(p.text(x)))
		} else {
			b.WriteString(p.text(x))
		}
	}
	return p.decoded(b.String(), list[0].start)
}

// trimComments takes comments off both ends.
func (p *addressParser) trimComments(list []lexeme) []lexeme {
	for len(list) > 0 && list[0].kind == lexComment {
		list = list[1:]
	}
	for len(list) > 0 && list[len(list)-1].kind == lexComment {
		list = list[:len(list)-1]
	}
	return list
}

// isPlainPhrase tells whether nothing in list has to be undone before words are decoded.
func (p *addressParser) isPlainPhrase(list []lexeme) bool {
	for _, x := range list {
		if x.kind == lexQuoted || x.kind == lexComment {
			return false
		}
	}
	return true
}

func (p *addressParser) decoded(s string, at int) string {
	text, defects := decodeText(trimBlankString(p.cutName(s, at)), &p.guess)
	for _, d := range defects {
		if d.Name == "header-8bit" || d.Name == "header-control" {
			p.lex.wrong(d.Name, d.Ref, at)
			continue
		}
		p.lex.obsolete(d.Name, d.Ref, at+int(d.Offset))
	}
	return text
}

// decodedQuoted is the text of a quoted-string. Many programs write encoded-words in quotes; RFC 2047 §5 forbids that,
// and nothing else is ever meant by it.
func (p *addressParser) decodedQuoted(x lexeme) string {
	s := p.text(x)
	content := unquotePairs(unfoldString(p.cutName(s[1:len(s)-1], x.start)))
	text := p.decoded(content, x.start)
	if strings.Contains(content, "=?") && text != content {
		p.lex.wrong("word-quoted", "RFC 2047 §5", x.start)
	}
	return text
}

// cutName is s, or as much of it as is read of a name.
func (p *addressParser) cutName(s string, at int) string {
	if len(s) <= maxPiece {
		return s
	}
	p.lex.wrong("address-long", "RFC 5322 §3.4", at)
	return s[:maxPiece]
}

// quotedContent is a quoted-string without its quotes, pairs and folds.
func quotedContent(s string) string {
	return unquotePairs(unfoldString(s[1 : len(s)-1]))
}

// comment is the text of the first comment of list, which stood for the name once: "joe@example.org (Joe)".
func (p *addressParser) comment(list []lexeme) string {
	for _, x := range list {
		if x.kind == lexComment {
			s := p.text(x)
			return p.decoded(unquotePairs(p.cutName(s[1:len(s)-1], x.start)), x.start)
		}
	}
	return ""
}
