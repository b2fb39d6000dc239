package mimetool

import "bytes"

// fieldName finds the name at the start of a header line or field: its length and where the colon is. Blanks before the
// colon are obsolete syntax (RFC 5322 §4.5); a fold there is none, but is read so elsewhere. No name: colon is -1.
func fieldName(line []byte) (n, colon int) {
	for n < len(line) && line[n] > ' ' && line[n] < 0x7f && line[n] != ':' {
		n++
	}
	colon = n
	for colon < len(line) && isFoldOrBlank(line[colon:]) {
		colon++
	}
	if n == 0 || colon == len(line) || line[colon] != ':' {
		return 0, -1
	}
	return n, colon
}

// isFoldOrBlank tells whether a blank stands first, or after a line end.
func isFoldOrBlank(b []byte) bool {
	if len(b) > 1 && b[0] == '\r' && b[1] == '\n' {
		b = b[1:]
	}
	if len(b) > 1 && b[0] == '\n' {
		b = b[1:]
	}
	return isFold(b)
}

// isFold tells whether a line goes on with the field before it.
func isFold(line []byte) bool { return len(line) > 0 && (line[0] == ' ' || line[0] == '\t') }

// isEmpty tells whether a line is the empty one that ends a header. Several CRs before the LF come of programs that
// made CRLF of CRLF.
func isEmpty(line []byte) bool {
	for _, c := range line {
		if c != '\r' && c != '\n' {
			return false
		}
	}
	return len(line) > 0
}

// isFromLine tells whether a line before the header is the separator of an mbox, or one that was quoted.
func isFromLine(line []byte) bool {
	return bytes.HasPrefix(bytes.TrimPrefix(line, []byte(">")), []byte("From "))
}

// looksLikeParameter tells whether a line that is no field is a parameter which lost the blank before it.
func looksLikeParameter(line []byte) bool {
	i := bytes.IndexByte(line, '=')
	if i <= 0 || i > 40 {
		return false
	}
	for _, c := range line[:i] {
		if c <= ' ' || c >= 0x7f || c == '<' || c == '"' || c == '(' {
			return false
		}
	}
	return true
}

// isBareName tells whether a line is the name of a common field alone. Its colon may stand in the next line: who takes
// that for the header's end shows another sender than who does not.
func isBareName(line []byte) bool { return knownName(bytes.TrimRight(line, "\r\n")) != "" }

// internName makes a string of a field's name without an allocation for those that most messages have.
func internName(b []byte) string {
	if s := knownName(b); s != "" {
		return s
	}
	return string(b)
}

// knownName is the name as a constant, "" where it is not one of the common ones.
func knownName(b []byte) string {
	switch string(b) {
	case "Received":
		return "Received"
	case "From":
		return "From"
	case "To":
		return "To"
	case "Cc":
		return "Cc"
	case "Subject":
		return "Subject"
	case "Date":
		return "Date"
	case "Message-ID":
		return "Message-ID"
	case "Message-Id":
		return "Message-Id"
	case "MIME-Version":
		return "MIME-Version"
	case "Mime-Version":
		return "Mime-Version"
	case "Content-Type":
		return "Content-Type"
	case "Content-type":
		return "Content-type"
	case "Content-Transfer-Encoding":
		return "Content-Transfer-Encoding"
	case "Content-Disposition":
		return "Content-Disposition"
	case "Content-Description":
		return "Content-Description"
	case "Content-ID":
		return "Content-ID"
	case "Content-Id":
		return "Content-Id"
	case "Return-Path":
		return "Return-Path"
	case "Reply-To":
		return "Reply-To"
	case "In-Reply-To":
		return "In-Reply-To"
	case "References":
		return "References"
	case "Sender":
		return "Sender"
	case "DKIM-Signature":
		return "DKIM-Signature"
	case "Delivered-To":
		return "Delivered-To"
	case "List-Id":
		return "List-Id"
	}
	return ""
}

// ParseHeader takes a header apart that is in memory, up to its empty line or the end. The Raw of the fields are pieces
// of b.
func ParseHeader(b []byte) Header {
	var h Header
	start := 0
	for at := 0; at < len(b); {
		end := lineEnd(b, at)
		line := b[at:end]
		if isEmpty(line) {
			break
		}
		n, colon := fieldName(line)
		if colon < 0 && isBareName(line) {
			n, colon = fieldName(b[at:])
		}
		switch {
		case isFold(line) && len(h) > 0:
			h[len(h)-1].Raw = b[start:end:end]
		case colon >= 0:
			start = at
			h = append(h, Field{internName(line[:n]), b[at:end:end]})
		default:
			start = at
			h = append(h, Field{"", b[at:end:end]})
		}
		at = end
	}
	return h
}

// lineEnd is the index after the line that begins at.
func lineEnd(b []byte, at int) int {
	if i := bytes.IndexByte(b[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(b)
}
