package imap

// kind is what a value is.
type kind byte

const (
	kindNil kind = iota
	kindAtom
	kindString
	kindList
)

// node is a value of a response: what ENVELOPE, BODYSTRUCTURE, LIST and the like are made of. It is read first and
// understood after, so that nothing unexpected in it loses the place in the stream.
type node struct {
	kind kind
	text string
	list []node
}

// at returns the i-th value of a list; one that is not there is NIL.
func (n node) at(i int) node {
	if i < 0 || i >= len(n.list) {
		return node{}
	}
	return n.list[i]
}

// from returns the values of a list from the i-th on.
func (n node) from(i int) []node { return n.list[min(i, len(n.list)):] }

// number is the value as a number, 0 if it is none.
func (n node) number() uint64 {
	v, _ := number([]byte(n.text))
	return v
}

// values reads the values up to the end of a response, which it takes too.
func (r *reader) values() ([]node, error) {
	var list []node
	for {
		c, err := r.peek()
		switch {
		case err != nil:
			return nil, err
		case c == '\r' || c == '\n':
			return list, r.endLine()
		case c == ' ' || c == ')': // one too many is no reason to despair
			if err := r.blank(); err != nil {
				return nil, err
			}
			continue
		}
		n, err := r.value(0)
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
}

// value reads one value. Lists deeper than maxDepth are skipped.
func (r *reader) value(depth int) (node, error) {
	if r.nodes++; r.nodes > maxNodes {
		return node{}, r.fail(protocolError("a response of more than %d values", maxNodes))
	}
	c, err := r.peek()
	switch {
	case err != nil:
		return node{}, err
	case c == '(' && depth >= maxDepth:
		return node{}, r.skipValue()
	case c == '(':
		return r.list(depth)
	}
	text, ok, err := r.str()
	if err != nil || !ok {
		return node{}, err
	}
	if err := r.keep(text); err != nil {
		return node{}, err
	}
	n := node{kind: kindString, text: string(text)}
	if c != '"' && c != '{' && c != '~' { // a literal8, or a name that is an atom: nobody asks which
		n.kind = kindAtom
	}
	return n, nil
}

// list reads a list, its parentheses too.
func (r *reader) list(depth int) (node, error) {
	r.r++
	n := node{kind: kindList}
	begin := len(r.stack)
	for {
		c, err := r.peek()
		switch {
		case err != nil:
			return n, err
		case c == ')':
			r.r++
			n.list = r.hold(r.stack[begin:])
			r.stack = r.stack[:begin]
			return n, nil
		case c == ' ':
			if err := r.blank(); err != nil {
				return n, err
			}
			continue
		case c == '\r' || c == '\n':
			return n, r.fail(protocolError("a list without end"))
		}
		item, err := r.value(depth + 1)
		if err != nil {
			return n, err
		}
		r.stack = append(r.stack, item)
	}
}

// hold copies the values of a list to where those of a response lie side by side.
func (r *reader) hold(list []node) []node {
	if cap(r.slab)-len(r.slab) < len(list) {
		r.slab = make([]node, 0, max(slabSize, len(list)))
	}
	r.slab = append(r.slab, list...)
	return r.slab[len(r.slab)-len(list) : len(r.slab) : len(r.slab)]
}

// slabSize is how many values of a response take one allocation.
const slabSize = 256

// forget makes room for the values of another response: those of the last one must have been understood.
func (r *reader) forget() {
	r.nodes = 0
	if cap(r.stack) > 16*slabSize || cap(r.slab) > 16*slabSize {
		r.stack, r.slab = nil, nil
	}
	r.stack, r.slab = r.stack[:0], r.slab[:0]
}

// skipValue skips a value, however deep it is.
func (r *reader) skipValue() error {
	for depth := 0; ; {
		c, err := r.peek()
		if err != nil {
			return err
		}
		switch c {
		case '(':
			depth++
			err = r.blank()
		case ')':
			depth--
			err = r.blank()
		case ' ':
			err = r.blank()
		case '\r', '\n':
			return r.fail(protocolError("a value without end"))
		default:
			err = r.skipString(c)
		}
		if err != nil || depth <= 0 && c != ' ' {
			return err
		}
	}
}

// skipString skips a value that is not a list.
func (r *reader) skipString(c byte) error {
	literal, err := r.atLiteral(c)
	if err != nil {
		return err
	}
	if literal {
		size, err := r.literalSize()
		if err != nil {
			return err
		}
		if err := r.ignore(min(size, maxIgnored+1)); err != nil {
			return err
		}
		return r.discard(size)
	}
	text, _, err := r.str()
	if err != nil {
		return err
	}
	return r.ignore(int64(len(text)))
}
