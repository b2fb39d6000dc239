package mimetool

import (
	"bytes"
	"io"
	"iter"
)

// Lint reads the message in r and gives all that is against the RFCs in it, part by part: what a walk repairs, and
// what harms nobody but is not allowed. Where is the part's number, or the field's name for a header of the message
// itself. Errors are those of r and LimitError, after all defects up to there. Signatures, dates of the far future and
// other questions of sense are not asked.
func Lint(r io.Reader, limits Limits) iter.Seq2[Defect, error] {
	return func(yield func(Defect, error) bool) {
		l := &linter{limits: limits.withDefaults()}
		w := NewWalker(r, limits)
		for {
			p, err := w.Next()
			for _, x := range w.Closed() {
				l.closed(x)
			}
			if err == nil {
				err = l.part(p)
			}
			if !l.give(yield) {
				return
			}
			if err != nil {
				if err != io.EOF {
					yield(Defect{}, err)
				}
				return
			}
		}
	}
}

// A linter collects the defects of one part after the other.
type linter struct {
	limits  Limits
	found   []Defect
	numbers []lintPart // of the parts, by Index
}

// A lintPart is what is kept of a part until it ends.
type lintPart struct {
	number    string
	multipart bool
	parts     int
}

// give hands out what was found.
func (l *linter) give(yield func(Defect, error) bool) bool {
	for _, d := range l.found {
		if !yield(d, nil) {
			return false
		}
	}
	l.found = l.found[:0]
	return true
}

func (l *linter) add(name, ref, where string, offset int64) {
	l.found = append(l.found, Defect{Name: name, Ref: ref, Where: where, Offset: offset})
}

// part looks at a part's header, and at a leaf's body.
func (l *linter) part(p *Part) error {
	l.numbers = append(l.numbers, lintPart{number: p.Number, multipart: p.IsMultipart()})
	if p.Parent >= 0 && p.Parent < len(l.numbers) {
		l.numbers[p.Parent].parts++
	}
	p.Params()
	p.Disposition()
	for _, d := range p.Defects {
		if d.Where == "" {
			d.Where = p.Number
		}
		l.found = append(l.found, d)
	}
	l.header(p)
	l.content(p)
	if p.IsContainer() {
		return nil
	}
	return l.body(p)
}

// closed takes the defects that an entity's end shows.
func (l *linter) closed(x Extent) {
	if x.Part >= len(l.numbers) {
		return
	}
	part := l.numbers[x.Part]
	for _, d := range x.Defects {
		d.Where = part.number
		l.found = append(l.found, d)
	}
	if part.multipart && part.parts == 0 && !x.Cut {
		l.add("multipart-empty", "RFC 2046 §5.1", part.number, x.BodyStart)
	}
}

// body reads a leaf's body, raw and decoded.
func (l *linter) body(p *Part) error {
	c := &lintLines{}
	var body io.Reader = io.TeeReader(p.Raw(), c)
	d := NewDecoder(p.Encoding, body)
	if d != nil {
		body = d
	}
	if _, err := io.Copy(io.Discard, body); err != nil {
		return err
	}
	// Where a decoder stops before the end, the rest counts too.
	if _, err := io.Copy(c, p.Raw()); err != nil {
		return err
	}
	c.finish()
	list := c.defects(p.Encoding)
	if d != nil {
		list = append(list, d.Defects()...)
	}
	for _, d := range list {
		d.Where, d.Offset = p.Number, d.Offset+p.BodyStart
		l.found = append(l.found, d)
	}
	return nil
}

// lintLines looks at the lines of a body.
type lintLines struct {
	at                                  int64
	column                              int
	cr                                  bool // the octet before was CR
	long, bareCR, nul, eight            int64
	crlf, lf                            int64
	haveLong, haveCR, haveNUL, haveHigh bool
}

func (c *lintLines) Write(p []byte) (int, error) {
	for b := p; len(b) > 0; {
		i := bytes.IndexByte(b, '\n')
		line := b
		if i >= 0 {
			line = b[:i]
		}
		c.text(line)
		if i < 0 {
			break
		}
		if c.cr {
			c.crlf++
			c.column--
		} else {
			c.lf++
		}
		c.endLine()
		c.at++
		c.cr = false
		b = b[i+1:]
	}
	return len(p), nil
}

// text looks at a line or a piece of one.
func (c *lintLines) text(line []byte) {
	if c.cr && len(line) > 0 {
		c.note(&c.haveCR, &c.bareCR, c.at-1)
		c.cr = false
	}
	if i := bytes.IndexByte(line, '\r'); i >= 0 && i < len(line)-1 {
		c.note(&c.haveCR, &c.bareCR, c.at+int64(i))
	}
	if i := bytes.IndexByte(line, 0); i >= 0 {
		c.note(&c.haveNUL, &c.nul, c.at+int64(i))
	}
	if !c.haveHigh {
		for i, ch := range line {
			if ch >= 0x80 {
				c.note(&c.haveHigh, &c.eight, c.at+int64(i))
				break
			}
		}
	}
	if n := len(line); n > 0 {
		c.cr = line[n-1] == '\r'
		c.column += n
		c.at += int64(n)
	}
}

func (c *lintLines) note(have *bool, place *int64, at int64) {
	if !*have {
		*have, *place = true, at
	}
}

// endLine ends a line: RFC 5322 §2.1.1 allows 998 characters.
func (c *lintLines) endLine() {
	if c.column > maxLine {
		c.note(&c.haveLong, &c.long, c.at-int64(c.column))
	}
	c.column = 0
}

// maxLine is the length of a line without its end (RFC 5322 §2.1.1).
const maxLine = 998

// finish is the end of the body.
func (c *lintLines) finish() {
	c.endLine()
	if c.cr {
		c.note(&c.haveCR, &c.bareCR, c.at-1)
	}
}

// defects are what was found that the encoding does not allow.
func (c *lintLines) defects(encoding string) []Defect {
	var list []Defect
	add := func(have bool, name, ref string, at int64) {
		if have {
			list = append(list, Defect{Name: name, Ref: ref, Offset: at})
		}
	}
	if encoding == "binary" { // RFC 2045 §2.9
		return nil
	}
	add(c.haveLong, "line-too-long", "RFC 5322 §2.1.1", c.long)
	add(c.haveCR, "bare-cr", "RFC 5322 §2.2", c.bareCR)
	add(c.haveNUL, "nul", "RFC 2045 §2.7", c.nul)
	add(c.haveHigh && encoding != "8bit", "8bit-unlabelled", "RFC 2045 §6.2", c.eight)
	add(c.crlf > 0 && c.lf > 0, "line-ends-mixed", "RFC 5322 §2.3", 0)
	return list
}
