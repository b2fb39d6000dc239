package mimetool

import (
	"io"
	"iter"
)

// Messages gives the messages that stand in the message in r: the parts of a digest (RFC 2046 §5.1.5), attached ones
// anywhere. Each is to be read with Decoded; those inside one that was given are part of it.
func Messages(r io.Reader, limits Limits) iter.Seq2[*Part, error] {
	return func(yield func(*Part, error) bool) {
		w := NewWalker(r, limits)
		for p, err := range w.Parts() {
			if err == nil && !p.IsMessage() {
				continue
			}
			if !yield(p, err) || err != nil {
				return
			}
			if _, err := io.Copy(io.Discard, p.Decoded()); err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// A DigestWriter writes a multipart/digest (RFC 2046 §5.1.5): its header, the messages that are added, its end. Close
// writes the end; it does not close what is written to.
type DigestWriter struct {
	w        io.Writer
	boundary string
	eol      string
}

// NewDigestWriter writes the header: the fields given, each with its line end, and those of MIME. The boundary must not
// stand in the messages.
func NewDigestWriter(w io.Writer, fields, boundary, eol string) (*DigestWriter, error) {
	d := &DigestWriter{w, boundary, eol}
	_, err := io.WriteString(w, fields+"MIME-Version: 1.0"+eol+"Content-Type: multipart/digest; boundary="+quoteParameter(boundary)+eol)
	return d, err
}

// Add writes one message.
func (d *DigestWriter) Add(message io.Reader) error {
	if _, err := io.WriteString(d.w, d.eol+"--"+d.boundary+d.eol+d.eol); err != nil {
		return err
	}
	_, err := io.Copy(d.w, message)
	return err
}

// Close writes the end.
func (d *DigestWriter) Close() error {
	_, err := io.WriteString(d.w, d.eol+"--"+d.boundary+"--"+d.eol)
	return err
}
