package sendmail

import (
	"bytes"
	"slices"
	"strings"
)

// maxHeader bounds the header, which is kept in memory.
const maxHeader = 1 << 20

// field is where a header field is in Letter.head, folds and line end counted in.
type field struct {
	name       string
	start, end int
}

// edits is what sending does to the header.
type edits struct {
	dropped []string
	before  []byte // whole fields
	after   []byte
}

func (e *edits) added() []byte { return append(slices.Clip(e.before), e.after...) }

// headerLength finds where the header in b ends: after its last field, before an empty line or a line that is no
// field. more says that b is too short to tell.
func headerLength(b []byte, eof bool) (n int, more bool) {
	for n < len(b) {
		end := bytes.IndexByte(b[n:], '\n')
		if end < 0 && !eof {
			return n, true
		}
		line := b[n:]
		if end >= 0 {
			line = b[n : n+end+1]
		}
		folded := line[0] == ' ' || line[0] == '\t'
		if !(folded && n > 0) && fieldName(line) == "" {
			return n, false
		}
		n += len(line)
	}
	return n, !eof
}

// fieldName is the name of the field that line begins (RFC 5322 §2.2), with the white space before the colon that
// §4.5 tolerates; "" when it begins none.
func fieldName(line []byte) string {
	n := bytes.IndexByte(line, ':')
	if n <= 0 {
		return ""
	}
	name := bytes.TrimRight(line[:n], " \t")
	for _, c := range name {
		if c <= ' ' || c >= 0x7f {
			return ""
		}
	}
	return string(name)
}

// setHeader takes the header in.
func (l *Letter) setHeader(raw []byte) {
	l.about = facts{}
	l.about.scan(raw)
	l.about.end()
	l.head, _ = appendCRLF(make([]byte, 0, l.about.wire()), raw, 0)
	if l.about.open {
		l.head = append(l.head, "\r\n"...)
	}
	l.fields = l.fields[:0]
	for n := 0; n < len(l.head); {
		end := n + bytes.IndexByte(l.head[n:], '\n') + 1
		if l.head[n] == ' ' || l.head[n] == '\t' {
			l.fields[len(l.fields)-1].end = end
		} else {
			l.fields = append(l.fields, field{fieldName(l.head[n:end]), n, end})
		}
		n = end
	}
}

// Has says whether a field of that name will be sent.
func (l *Letter) Has(name string) bool {
	for _, f := range l.fields {
		if strings.EqualFold(f.name, name) && !l.isDropped(f.name) {
			return true
		}
	}
	for line := range bytes.Lines(l.edits.added()) {
		if line[0] != ' ' && line[0] != '\t' && strings.EqualFold(fieldName(line), name) {
			return true
		}
	}
	return false
}

// Drop leaves the fields of these names out.
func (l *Letter) Drop(names ...string) { l.edits.dropped = append(l.edits.dropped, names...) }

func (l *Letter) isDropped(name string) bool {
	return slices.ContainsFunc(l.edits.dropped, func(n string) bool { return strings.EqualFold(n, name) })
}

// Prepend puts a field before all others, as trace fields and signatures are. body may be folded; a line break that
// is no fold, and a NUL, are a *LetterError.
func (l *Letter) Prepend(name, body string) error {
	f, err := makeField(name, body)
	l.edits.before = append(f, l.edits.before...)
	return err
}

// Append puts a field after the others; as Prepend.
func (l *Letter) Append(name, body string) error {
	f, err := makeField(name, body)
	l.edits.after = append(l.edits.after, f...)
	return err
}

// AddMissing is Append when no field of that name will be sent.
func (l *Letter) AddMissing(name, body string) error {
	if l.Has(name) {
		return nil
	}
	return l.Append(name, body)
}

// Replace drops the fields of that name that were read and appends this one.
func (l *Letter) Replace(name, body string) error {
	l.Drop(name)
	return l.Append(name, body)
}

// makeField is a whole field with CRLF line ends.
func makeField(name, body string) ([]byte, error) {
	if fieldName([]byte(name+":")) != name || name == "" {
		return nil, &LetterError{"field name " + strings.ToValidUTF8(name, "?") + " is not one"}
	}
	text := name + ": " + strings.ReplaceAll(strings.TrimRight(body, "\r\n"), "\r\n", "\n")
	if strings.ContainsAny(text, "\r\x00") {
		return nil, &LetterError{"field " + name + " has a CR or NUL in it"}
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		switch {
		case i > 0 && (strings.TrimLeft(line, " \t") == line || strings.TrimSpace(line) == ""):
			return nil, &LetterError{"field " + name + " has a line break in it that is no fold"}
		case len(line) > longLine:
			return nil, &LetterError{"field " + name + " has a line over 998 octets"}
		}
	}
	return []byte(strings.Join(lines, "\r\n") + "\r\n"), nil
}

// header is the header as it goes out, the empty line after it too.
func (l *Letter) header() []byte {
	h := slices.Clone(l.edits.before)
	for _, f := range l.fields {
		if !l.isDropped(f.name) {
			h = append(h, l.head[f.start:f.end]...)
		}
	}
	h = append(h, l.edits.after...)
	if l.blank || l.body.raw > 0 && len(h) > 0 {
		h = append(h, "\r\n"...)
	}
	return h
}

// headerSize is the length of header.
func (l *Letter) headerSize() int {
	n := len(l.edits.before) + len(l.edits.after)
	for _, f := range l.fields {
		if !l.isDropped(f.name) {
			n += f.end - f.start
		}
	}
	if l.blank || l.body.raw > 0 && n > 0 {
		n += 2
	}
	return n
}
