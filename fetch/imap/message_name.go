package imap

import (
	"bytes"
	"strings"
)

// fetchNames keeps the last names of items, which come again with every message.
type fetchNames struct {
	last   [8]string
	next   int
	offset int64 // of a partial section: BODY[]<0>; -1: none
}

// named returns word as a string, one that was made before if there is one.
func (f *fetchNames) named(word []byte) string {
	for _, s := range f.last {
		if s == string(word) {
			return s
		}
	}
	s := string(word)
	f.last[f.next] = s
	f.next = (f.next + 1) % len(f.last)
	return s
}

// maxSection is the longest name of a section: HEADER.FIELDS lists the fields that were asked for.
const maxSection = 64 << 10

// itemName reads the name of an item in upper case, with its section and without its offset.
func (m *Message) itemName() (string, error) {
	r := m.r
	var err error
	r.scratch, err = r.take(r.scratch[:0], maxSection, func(c byte) bool { return c == '[' || isDelimiter(c) })
	if err != nil {
		return "", err
	}
	upper(r.scratch)
	m.names.offset = -1
	if c := r.buf[r.r]; c != '[' {
		if len(r.scratch) == 0 {
			return "", r.fail(protocolError("%q where an item should be", c))
		}
		return m.names.named(r.scratch), nil
	}
	if err := m.section(); err != nil {
		return "", err
	}
	name := m.names.named(r.scratch)
	if ok, err := r.accept('<'); err != nil || !ok {
		return name, err
	}
	var digits [24]byte
	offset, err := r.take(digits[:0], len(digits), func(c byte) bool { return c == '>' || isDelimiter(c) })
	if err != nil {
		return "", err
	}
	n, ok := number(offset)
	if end, err := r.accept('>'); err != nil || !ok || !end || n > maxLiteral {
		if err == nil {
			err = r.fail(protocolError("%.40q where an offset should be", offset))
		}
		return "", err
	}
	m.names.offset = int64(n)
	return name, nil
}

// section appends [ to ] to the name. Names of fields may be strings, in which a bracket means nothing.
func (m *Message) section() error {
	r := m.r
	from := len(r.scratch)
	for {
		c, err := r.peek()
		if err != nil {
			return err
		}
		switch {
		case c == '\r' || c == '\n' || len(r.scratch) > maxSection:
			return r.fail(protocolError("a section without end"))
		case c == '"' || c == '{':
			name := bytes.Clone(r.scratch)
			text, _, err := r.str()
			if err != nil {
				return err
			}
			name = append(name, text...)
			r.scratch = append(r.scratch[:0], name...)
			continue
		}
		r.scratch = append(r.scratch, c)
		if r.r++; c == ']' {
			break
		}
	}
	if !bytes.Contains(r.scratch, []byte("(")) {
		upper(r.scratch[from:])
	}
	return nil
}

func upper(word []byte) {
	for i, c := range word {
		if 'a' <= c && c <= 'z' {
			word[i] = c - 'a' + 'A'
		}
	}
}

// HeaderFields returns the names of the fields in "BODY[HEADER.FIELDS (FROM SUBJECT)]", nil for other sections.
func (l *Literal) HeaderFields() []string {
	_, list, ok := strings.Cut(l.Section, "(")
	if !ok {
		return nil
	}
	list, _, _ = strings.Cut(list, ")")
	return strings.Fields(list)
}
