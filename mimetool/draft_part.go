package mimetool

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

var (
	errBoundaryForm   = errors.New("not a boundary: 1 to 70 letters, digits, blanks inside or '()+_,-./:=?")
	errBoundaryOccurs = errors.New("the boundary occurs in a part")
	errMediaType      = errors.New("not a media type")
)

// draftPart is a part of the body: a multipart with kids, a text, or an attachment.
type draftPart struct {
	kids []*draftPart
	typ  string // of a multipart
	text *draftText
	file *Attachment
}

func (p *draftPart) close() {
	for _, k := range p.kids {
		k.close()
	}
	if p.text != nil {
		p.text.close()
	}
}

// plan finds the form of the body. It reads the texts.
func (d *Draft) plan() (root *draftPart, err error) {
	root = &draftPart{}
	defer func() {
		if err != nil {
			root.close()
			root = nil
		}
	}()
	if d.Boundary != "" && !validBoundary(d.Boundary) {
		return root, &DraftError{"boundary", errBoundaryForm}
	}
	if err := d.planTexts(root); err != nil {
		return root, err
	}
	*root = *d.nest(root.kids)
	return root, nil
}

// planTexts makes the parts of Text and HTML.
func (d *Draft) planTexts(root *draftPart) error {
	for _, t := range []struct {
		r   io.Reader
		typ string
	}{{d.Text, "text/plain"}, {d.HTML, "text/html"}} {
		if t.r == nil {
			continue
		}
		text, err := newDraftText(t.r, t.typ, d)
		if err != nil {
			return err
		}
		root.kids = append(root.kids, &draftPart{text: text})
	}
	return nil
}

// nest puts the texts and the attachments into the multiparts that they need.
func (d *Draft) nest(texts []*draftPart) *draftPart {
	var inline, rest []*draftPart
	for i := range d.Attachments {
		a := &d.Attachments[i]
		if d.HTML != nil && a.Disposition == "inline" && a.ContentID != "" && d.Type == "" {
			inline = append(inline, &draftPart{file: a})
		} else {
			rest = append(rest, &draftPart{file: a})
		}
	}
	if len(inline) > 0 {
		k := len(texts) - 1
		texts[k] = &draftPart{typ: "multipart/related", kids: append([]*draftPart{texts[k]}, inline...)}
	}
	if d.Type != "" {
		return &draftPart{typ: d.Type, kids: append(texts, rest...)}
	}
	if len(texts) == 2 {
		texts = []*draftPart{{typ: "multipart/alternative", kids: texts}}
	}
	if len(texts) == 1 && len(rest) == 0 {
		return texts[0]
	}
	if len(texts) == 0 && len(rest) == 0 {
		empty, _ := newDraftText(strings.NewReader(""), "text/plain", d)
		return &draftPart{text: empty}
	}
	return &draftPart{typ: "multipart/mixed", kids: append(texts, rest...)}
}

// part writes the fields and the body of p.
func (o *draftWriter) part(p *draftPart) {
	switch {
	case p.text != nil:
		p.text.write(o)
	case p.file != nil:
		o.attachment(p.file)
	default:
		o.multipart(p)
	}
}

func (o *draftWriter) multipart(p *draftPart) {
	typ, params, err := splitType(p.typ)
	if err != nil || !strings.HasPrefix(typ, "multipart/") {
		o.fail(p.typ, errMediaType)
		return
	}
	if typ == "multipart/related" && len(p.kids) > 0 {
		params = append(params, EncodeParameter{"type", p.kids[0].rootType()}) // RFC 2387 §3.1
	}
	b := o.nextBoundary()
	o.params("Content-Type", typ, append(params, EncodeParameter{"boundary", b}))
	o.text(o.eol)
	for _, k := range p.kids {
		o.text("--" + b + o.eol)
		o.part(k)
	}
	o.text("--" + b + "--" + o.eol)
}

// rootType is the media type that p will have. That of a file is fixed here, by its name, where none was given: what it
// begins with is known too late.
func (p *draftPart) rootType() string {
	switch {
	case p.text != nil:
		return p.text.typ
	case p.file == nil:
		return p.typ
	case p.file.Type == "":
		p.file.Type = GuessType(p.file.Name, nil)
	}
	typ, _, _ := strings.Cut(p.file.Type, ";")
	return strings.TrimSpace(typ)
}

func (o *draftWriter) params(name, value string, params []EncodeParameter) {
	for _, p := range params {
		if err := checkFieldText(name, p.Name+p.Value); err != nil {
			o.fail(name, errFieldBreak)
			return
		}
	}
	o.Write(EncodeParams(name, value, params, o.eol))
}

func (o *draftWriter) fail(what string, err error) {
	if o.err == nil {
		o.err = &DraftError{what, err}
	}
}

// nextBoundary is one for each multipart: none is the beginning of another.
func (o *draftWriter) nextBoundary() string {
	if o.boundary == "" {
		o.boundary = "=_" + randomToken(16)
	}
	o.boundaries++
	if o.boundaries == 1 {
		return o.boundary
	}
	return fmt.Sprintf("%d.%s", o.boundaries-1, o.boundary)
}

func randomToken(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// validBoundary is RFC 2046 §5.1.1's boundary, with room for the number that nested ones get.
func validBoundary(b string) bool {
	if len(b) > 66 || strings.HasSuffix(b, " ") {
		return false
	}
	for i := range len(b) {
		c := b[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("'()+_,-./:=? ", c) >= 0) {
			return false
		}
	}
	return b != ""
}

// boundaryGuard looks for the boundary in what is written through it. A random one cannot occur.
type boundaryGuard struct {
	w        io.Writer
	boundary string
	line     []byte // the beginning of the line
}

func (g *boundaryGuard) Write(p []byte) (int, error) {
	const enough = 80 // a delimiter line is shorter
	for rest := p; len(rest) > 0; {
		i := bytes.IndexByte(rest, '\n')
		line := rest
		if rest = nil; i >= 0 {
			line, rest = line[:i], p[len(p)-len(line)+i+1:]
		}
		if k := enough - len(g.line); k > 0 {
			g.line = append(g.line, line[:min(k, len(line))]...)
		}
		if bytes.HasPrefix(g.line, []byte("--")) && bytes.Contains(g.line, []byte(g.boundary)) {
			return 0, &DraftError{"boundary", errBoundaryOccurs}
		}
		if i >= 0 {
			g.line = g.line[:0]
		}
	}
	return g.w.Write(p)
}

// encoded writes content from r in encoding to the message, with the line end that belongs to the next delimiter.
func (o *draftWriter) encoded(r io.Reader, encoding string, opt EncodeOptions) {
	if o.err != nil {
		return
	}
	opt.LineEnd = o.eol
	var w io.Writer = &lastOctet{w: o}
	last := w.(*lastOctet)
	if o.given && encoding != EncodingBase64 {
		w = &boundaryGuard{w: w, boundary: o.boundary}
	}
	enc, err := NewEncoder(w, encoding, opt)
	if err == nil {
		_, err = encodeFrom(enc, r)
	}
	if err == nil {
		err = enc.Close()
	}
	if err != nil && o.err == nil {
		o.err = err
	}
	// In a multipart the line end before the delimiter is the delimiter's (RFC 2046 §5.1.1). Base64 needs none more.
	if o.boundaries > 0 && (encoding != EncodingBase64 || last.n == 0) || o.boundaries == 0 && last.n > 0 && last.c != '\n' {
		o.text(o.eol)
	}
}

// encodeFrom encodes what r gives.
func encodeFrom(enc io.Writer, r io.Reader) (int64, error) {
	if from, ok := enc.(io.ReaderFrom); ok {
		return from.ReadFrom(r)
	}
	return io.CopyBuffer(struct{ io.Writer }{enc}, struct{ io.Reader }{r}, make([]byte, 128<<10))
}

// lastOctet keeps the last octet that is written through it.
type lastOctet struct {
	w io.Writer
	n int64
	c byte
}

func (l *lastOctet) Write(p []byte) (int, error) {
	if len(p) > 0 {
		l.n, l.c = l.n+int64(len(p)), p[len(p)-1]
	}
	return l.w.Write(p)
}
