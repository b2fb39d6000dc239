package mimetool

// skipCFWS passes over blanks and comments.
func (p *paramParser) skipCFWS() {
	for p.i < len(p.s) {
		switch {
		case isBlank(p.s[p.i]):
			p.i++
		case p.s[p.i] == '(':
			p.i = p.afterComment()
		default:
			return
		}
	}
}

// afterComment is the place after the comment at p.i. Where it does not end, its parenthesis alone is passed over; the
// next ones are then not tried, so that a thousand of them cost no more than one.
func (p *paramParser) afterComment() int {
	if !p.openComment {
		if end := commentEnd(p.s, p.i); end >= 0 {
			return end
		}
		p.openComment = true
		p.note("comment-open", "RFC 5322 §3.2.2", p.i)
	}
	return p.i + 1
}

// commentEnd is the place after the comment that begins at i, -1 where it does not end (RFC 5322 §3.2.2: comments nest).
func commentEnd(s string, i int) int {
	for depth := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}
