package imap

import (
	"bytes"
	"math"
	"strings"
)

// maxLiteral is RFC 9051 §9, number64: 63 bits.
const maxLiteral = math.MaxInt64

// isDelimiter tells what ends an atom. Flags and mailbox names use octets that RFC 9051 forbids in atoms, so only what
// has a meaning between values counts.
func isDelimiter(c byte) bool {
	return c == ' ' || c == '(' || c == ')' || c == '\r' || c == '\n' || c == '"'
}

// atom takes an atom. It is valid until the next atom or string.
func (r *reader) atom() ([]byte, error) {
	var err error
	r.scratch, err = r.take(r.scratch[:0], maxAtom, isDelimiter)
	if err == nil && len(r.scratch) == 0 {
		c, _ := r.peek()
		return nil, r.fail(protocolError("%q where a word should be", c))
	}
	return r.scratch, err
}

// number takes a number.
func (r *reader) number() (uint64, error) {
	n := uint64(0)
	for i, c := range r.buf[r.r:min(r.w, r.r+len("4294967295")+1)] { // the usual case: short, and in the buffer
		switch {
		case '0' <= c && c <= '9':
			n = n*10 + uint64(c-'0')
			continue
		case i > 0 && isDelimiter(c):
			r.r += i
			return n, nil
		}
		return r.wordNumber()
	}
	return r.wordNumber()
}

func (r *reader) wordNumber() (uint64, error) {
	word, err := r.atom()
	if err != nil {
		return 0, err
	}
	n, ok := number(word)
	if !ok {
		return 0, r.fail(protocolError("%.40q where a number should be", word))
	}
	return n, nil
}

// size takes a number of octets. NIL, which servers have for it that do not know, is 0.
func (r *reader) size() (int64, error) {
	if c, err := r.peek(); err != nil || c|0x20 == 'n' {
		_, ok, err := r.str()
		if err == nil && ok {
			err = r.fail(protocolError("a word where a size should be"))
		}
		return 0, err
	}
	n, err := r.number()
	return int64(min(n, maxLiteral)), err
}

// number reads decimal digits; false: other octets, none, or too many.
func number(digits []byte) (n uint64, ok bool) {
	for _, c := range digits {
		d := uint64(c - '0')
		if c < '0' || c > '9' || n > (math.MaxUint64-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	return n, len(digits) > 0
}

// quoted takes a quoted string, its opening quote too. Any octet may stand in it but a line end: 8-bit ones and NUL are
// met, and quotes that should have had a backslash, as in "a "b" c": the last one is that behind which a value may end.
func (r *reader) quoted() ([]byte, error) {
	r.r++
	r.scratch = r.scratch[:0]
	for {
		var err error
		r.scratch, err = r.take(r.scratch, maxAtom, func(c byte) bool { return c == '"' || c == '\\' || c == '\r' || c == '\n' })
		if err != nil {
			return nil, err
		}
		c := r.buf[r.r]
		if c == '\r' || c == '\n' {
			return nil, r.fail(protocolError("a quoted string without end"))
		}
		r.r++
		next, err := r.peek()
		ends := false
		if c == '"' && err == nil {
			ends, err = r.endsValue(next)
		}
		switch {
		case err != nil:
			return nil, err
		case ends:
			return r.scratch, nil
		case next == '\r' || next == '\n':
			return nil, r.fail(protocolError("a quoted string without end"))
		case c == '\\':
			c = next
			r.r++
		}
		r.scratch = append(r.scratch, c)
	}
}

// endsValue tells whether c, the next octet, may stand behind a value. A blank is followed by another value: what a header
// says may have a word there.
func (r *reader) endsValue(c byte) (bool, error) {
	if c != ' ' || !r.mail {
		return c == ' ' || c == ')' || c == '(' || c == ']' || c == '\r' || c == '\n', nil
	}
	second, err := r.second()
	return '0' <= second && second <= '9' || strings.IndexByte("\"({~nN) ", second) >= 0, err
}

// literalSize takes the announcement of a literal up to its line end: {n}, ~{n}, and {n+}, which is the client's, but
// is met.
func (r *reader) literalSize() (int64, error) {
	var word [32]byte
	head, err := r.take(word[:0], len("~{18446744073709551615+}"), func(c byte) bool { return c == '\r' || c == '\n' || c == ' ' || c == ')' })
	if err != nil {
		return 0, err
	}
	size, ok, err := r.announced(head)
	if err != nil {
		return 0, err
	}
	if _, err := r.accept('\r'); err != nil {
		return 0, err
	}
	if end, err := r.accept('\n'); err != nil || !ok || !end || bytes.IndexByte(head, '{') > 1 {
		if err == nil {
			err = r.fail(protocolError("%.40q where a literal should begin", head))
		}
		return 0, err
	}
	return size, nil
}

// isNil tells the atom NIL.
func isNil(word []byte) bool {
	return len(word) == 3 && word[0]|0x20 == 'n' && word[1]|0x20 == 'i' && word[2]|0x20 == 'l'
}

// str takes a string in any of its forms into memory; NIL is false. An atom will do for a string, as servers think.
func (r *reader) str() (text []byte, ok bool, err error) {
	c, err := r.peek()
	if err != nil {
		return nil, false, err
	}
	literal, err := r.atLiteral(c)
	switch {
	case err != nil:
		return nil, false, err
	case c == '"':
		text, err = r.quoted()
		return text, true, err
	case literal:
		text, err = r.smallLiteral()
		return text, true, err
	}
	if text, err = r.atom(); err != nil || isNil(text) {
		return nil, false, err
	}
	return text, true, nil
}

// smallLiteral takes a literal that stands for a string.
func (r *reader) smallLiteral() ([]byte, error) {
	size, err := r.literalSize()
	if err != nil {
		return nil, err
	}
	if size > maxString {
		return nil, r.fail(protocolError("a string of %d octets", size))
	}
	r.scratch = r.scratch[:0]
	for size > 0 {
		if r.r == r.w {
			if err := r.fill(); err != nil {
				return nil, err
			}
		}
		k := min(size, int64(r.w-r.r))
		r.scratch = append(r.scratch, r.buf[r.r:r.r+int(k)]...)
		r.r += int(k)
		size -= k
	}
	return r.scratch, nil
}
