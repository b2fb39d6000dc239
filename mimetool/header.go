package mimetool

import (
	"bytes"
	"strings"
)

// A Field is one header field (RFC 5322 §2.2).
type Field struct {
	Name string // as written, without the colon; "" for a line in the header that is no field
	Raw  []byte // the whole field with its folds and its line end
}

// Body is what follows the colon, raw: folds, blanks and line end included.
func (f Field) Body() []byte {
	if f.Name == "" {
		return f.Raw
	}
	i := bytes.IndexByte(f.Raw, ':')
	return f.Raw[i+1:]
}

// Value is the body unfolded (RFC 5322 §2.2.3), without the blanks around it. Encoded-words are not decoded.
func (f Field) Value() string { return string(unfold(trimBlanks(f.Body()))) }

// Is tells whether the field has the name, in whatever case.
func (f Field) Is(name string) bool {
	return len(f.Name) == len(name) && strings.EqualFold(f.Name, name)
}

// trimBlanks removes blanks and line ends at both ends.
func trimBlanks(b []byte) []byte {
	for len(b) > 0 && isBlank(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isBlank(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// unfold removes the line ends of folds. It gives b itself where there are none.
func unfold(b []byte) []byte {
	if bytes.IndexByte(b, '\n') < 0 {
		return b
	}
	out := make([]byte, 0, len(b))
	for {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			return append(out, b...)
		}
		out = append(out, bytes.TrimRight(b[:i], "\r")...)
		b = b[i+1:]
		// A line that was joined to the field without a blank before it still ends a word.
		if len(b) > 0 && b[0] != ' ' && b[0] != '\t' {
			out = append(out, ' ')
		}
	}
}

// A Header is the fields of an entity in their order, lines that are no fields included, so that the octets of the
// fields together are the octets of the header (without the empty line that ends it).
type Header []Field

// Get is the unfolded value of the first field of that name, "" where there is none. A field that may stand once and
// stands twice counts by its first (RFC 5322 §3.6).
func (h Header) Get(name string) string {
	if i := h.Index(name); i >= 0 {
		return h[i].Value()
	}
	return ""
}

// Has tells whether there is a field of that name.
func (h Header) Has(name string) bool { return h.Index(name) >= 0 }

// Index is the place of the first field of that name, -1 where there is none.
func (h Header) Index(name string) int {
	for i := range h {
		if h[i].Is(name) {
			return i
		}
	}
	return -1
}

// Values are the unfolded values of all fields of that name.
func (h Header) Values(name string) []string {
	var values []string
	for i := range h {
		if h[i].Is(name) {
			values = append(values, h[i].Value())
		}
	}
	return values
}

// Clone copies the header, for one who keeps it beyond the part's life.
func (h Header) Clone() Header {
	n := 0
	for _, f := range h {
		n += len(f.Raw)
	}
	block := make([]byte, 0, n)
	out := make(Header, len(h))
	for i, f := range h {
		at := len(block)
		block = append(block, f.Raw...)
		out[i] = Field{strings.Clone(f.Name), block[at:len(block):len(block)]}
	}
	return out
}
