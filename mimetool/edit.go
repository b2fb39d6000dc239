package mimetool

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// An Edit puts something in the place of octets of a message. All others stay as they are.
type Edit struct {
	Start, End int64 // of what goes: offsets in the message, End after the last octet. The same for an insertion
	// Text comes instead, and after it what Content writes.
	Text    []byte
	Content func(io.Writer) error
}

// errEditOverlap is the error of edits that want the same octets.
var errEditOverlap = errors.New("two edits of the same octets")

// ApplyEdits copies a message from src, at whose beginning it stands, to dst, and makes the edits on the way. They may
// be in any order; one within another is left out.
func ApplyEdits(dst io.Writer, src io.Reader, edits []Edit) error {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b Edit) int {
		if a.Start != b.Start {
			return int(min(max(a.Start-b.Start, -1), 1))
		}
		return int(min(max(b.End-a.End, -1), 1)) // the larger first
	})
	at := int64(0)
	for _, e := range edits {
		if e.End <= at && e.Start < at {
			continue // within the one before
		}
		if e.Start < at {
			return errEditOverlap
		}
		if err := e.apply(dst, src, at); err != nil {
			return err
		}
		at = e.End
	}
	_, err := io.Copy(dst, src)
	return err
}

// apply copies from at to the edit, and makes it.
func (e *Edit) apply(dst io.Writer, src io.Reader, at int64) error {
	if _, err := io.CopyN(dst, src, e.Start-at); err != nil {
		return noShort(err)
	}
	if _, err := io.CopyN(io.Discard, src, e.End-e.Start); err != nil {
		return noShort(err)
	}
	if _, err := dst.Write(e.Text); err != nil {
		return err
	}
	if e.Content != nil {
		return e.Content(dst)
	}
	return nil
}

// noShort is err; a message that has become shorter since it was walked is an error too.
func noShort(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// LineEnd is the line end of the header of p: "\r\n" or "\n".
func (p *Part) LineEnd() string {
	if len(p.Header) > 0 && bytes.HasSuffix(p.Header[0].Raw, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// SetFields are the edits that give the header of p these fields: the first of each name takes the place of the one
// that is there, others of the name go; where there is none it comes last. Several fields of one name in fields all
// come. Values are UTF-8 text as for EncodeField.
func (p *Part) SetFields(fields []DraftField) ([]Edit, error) {
	var edits []Edit
	texts := map[string][]byte{} // of each name, in lower case
	var names []string
	for _, f := range fields {
		raw, err := EncodeField(f.Name, f.Value, p.LineEnd())
		if err != nil {
			return nil, err
		}
		name := strings.ToLower(f.Name)
		if texts[name] == nil {
			names = append(names, name)
		}
		texts[name] = append(texts[name], raw...)
	}
	for _, name := range names {
		list := p.RemoveFields([]string{name})
		if len(list) == 0 {
			list = []Edit{{Start: p.headerEnd(), End: p.headerEnd()}}
		}
		list[0].Text = texts[name]
		edits = append(edits, list...)
	}
	return edits, nil
}

// AddFields are the edits that put fields at the end of the header of p, whatever is there already.
func (p *Part) AddFields(fields []DraftField) ([]Edit, error) {
	e := Edit{Start: p.headerEnd(), End: p.headerEnd()}
	for _, f := range fields {
		raw, err := EncodeField(f.Name, f.Value, p.LineEnd())
		if err != nil {
			return nil, err
		}
		e.Text = append(e.Text, raw...)
	}
	return []Edit{e}, nil
}

// RemoveFields are the edits that take all fields of these names out of the header of p.
func (p *Part) RemoveFields(names []string) []Edit {
	var edits []Edit
	at := p.HeaderStart
	for _, f := range p.Header {
		end := at + int64(len(f.Raw))
		if slices.ContainsFunc(names, f.Is) {
			edits = append(edits, Edit{Start: at, End: end})
		}
		at = end
	}
	return edits
}

// headerEnd is the offset after the last field.
func (p *Part) headerEnd() int64 {
	at := p.HeaderStart
	for _, f := range p.Header {
		at += int64(len(f.Raw))
	}
	return at
}

// A Place is where a part stands in its message.
type Place struct {
	HeaderStart int64 // as in Part
	Extent
}

// RemovePart is the edit that takes a part of a multipart out, with the delimiter line before it. src is the message.
func RemovePart(src io.ReadSeeker, start int64, p Place) (Edit, error) {
	delimiter, err := lineBefore(src, start, p.HeaderStart)
	if err != nil {
		return Edit{}, err
	}
	if _, err := src.Seek(start+p.End, io.SeekStart); err != nil {
		return Edit{}, err
	}
	var b [2]byte
	n, err := io.ReadFull(src, b[:])
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return Edit{}, err
	}
	end := p.End
	switch {
	case n == 2 && string(b[:]) == "\r\n":
		end += 2
	case n > 0 && b[0] == '\n':
		end++
	}
	return Edit{Start: delimiter, End: end}, nil
}

// delimiterMax is the length that a delimiter line has at most: it is looked for so far back.
const delimiterMax = 2 << 10

var errNoDelimiter = errors.New("no delimiter line before the part")

// lineBefore is the offset of the line that ends at the offset end.
func lineBefore(src io.ReadSeeker, start, end int64) (int64, error) {
	from := max(0, end-delimiterMax)
	if _, err := src.Seek(start+from, io.SeekStart); err != nil {
		return 0, err
	}
	b := make([]byte, end-from)
	if _, err := io.ReadFull(src, b); err != nil {
		return 0, noShort(err)
	}
	line := bytes.TrimSuffix(b, []byte("\n"))
	line = line[bytes.LastIndexByte(line, '\n')+1:]
	if !bytes.HasPrefix(line, []byte("--")) {
		return 0, fmt.Errorf("%w (octet %d)", errNoDelimiter, end)
	}
	return end - int64(len(b)-bytes.LastIndexByte(bytes.TrimSuffix(b, []byte("\n")), '\n')-1), nil
}

// ReplaceContent is the edit that gives a part another content, which write writes, in the part's encoding. The line
// end before a delimiter is the delimiter's and stays.
func (p *Part) ReplaceContent(x Extent, inMultipart bool, write func(io.Writer) error) Edit {
	encoding, eol := EncodingName(p.Encoding), p.LineEnd()
	if encoding == "" {
		encoding = EncodingBinary
	}
	return Edit{Start: x.BodyStart, End: x.End, Content: func(dst io.Writer) error {
		if inMultipart {
			dst = &withoutLastEOL{w: dst}
		}
		enc, err := NewEncoder(dst, encoding, EncodeOptions{LineEnd: eol, Name: p.Name(), Text: strings.HasPrefix(p.Type, "text/") && encoding == EncodingQP})
		if err != nil {
			return err
		}
		if err := write(enc); err != nil {
			return err
		}
		return enc.Close()
	}}
}

// withoutLastEOL keeps the line end that what is written to it ends with back.
type withoutLastEOL struct {
	w    io.Writer
	held []byte
}

func (o *withoutLastEOL) Write(p []byte) (int, error) {
	n := len(p)
	if n == 0 {
		return 0, nil
	}
	rest := bytes.TrimSuffix(p, []byte("\n"))
	if len(rest) < n {
		rest = bytes.TrimSuffix(rest, []byte("\r"))
	}
	if _, err := o.w.Write(o.held); err != nil {
		return 0, err
	}
	o.held = append(o.held[:0], p[len(rest):]...)
	_, err := o.w.Write(rest)
	return n, err
}
