package stream

import (
	"bytes"
	"io"
)

// maxReturnPath bounds what is looked at of a message for its sender: a line (RFC 5322 §2.1.1), and the begin of the next.
const maxReturnPath = 1000 + 2

// returnPath finds the sender that the final delivery wrote down, where that is the first field of a message (RFC 5321 §4.4);
// "": there is none, or the null one. Whole reads all of the message. Head is a buffer.
func returnPath(r io.Reader, head []byte) (sender string, whole io.Reader) {
	head = head[:0]
	var err error
	for err == nil && wantsMore(head) {
		var n int
		n, err = r.Read(head[len(head):maxReturnPath])
		head = head[:len(head)+n]
	}
	whole = io.MultiReader(bytes.NewReader(head), r)
	if err != nil {
		whole = io.MultiReader(bytes.NewReader(head), failing{err})
	}
	return parseReturnPath(head), whole
}

// failing is the reader of what follows an error.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

const returnPathField = "return-path:"

// wantsMore says whether head may begin with a Return-Path whose end has not come yet.
func wantsMore(head []byte) bool {
	if n := min(len(head), len(returnPathField)); !bytes.EqualFold(head[:n], []byte(returnPathField)[:n]) {
		return false
	}
	end := bytes.IndexByte(head, '\n')
	return len(head) < maxReturnPath && (end < 0 || end == len(head)-1)
}

// parseReturnPath reads the field with which head begins: an address in angle brackets, of characters that can stand in a
// From_ line, and no continuation line.
func parseReturnPath(head []byte) string {
	line, rest, ended := bytes.Cut(head, []byte("\n"))
	if len(line) < len(returnPathField) || !bytes.EqualFold(line[:len(returnPathField)], []byte(returnPathField)) {
		return ""
	}
	if !ended || len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t') {
		return ""
	}
	path := bytes.TrimSpace(line[len(returnPathField):])
	if len(path) < 2 || path[0] != '<' || path[len(path)-1] != '>' {
		return ""
	}
	address := path[1 : len(path)-1]
	for _, c := range address {
		if c <= ' ' || c == 0x7f || c == '<' || c == '>' || c == '"' {
			return ""
		}
	}
	return string(address)
}
