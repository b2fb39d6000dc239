package mimetool

import "io"

func isEOF(err error) bool { return err == io.EOF }

// reallyEncoded tells whether the message in a part is under a transfer encoding, against RFC 2046 §5.2.1, and not just
// said to be: what is already a header is not base64.
func (w *Walker) reallyEncoded() bool {
	p := &w.part
	if NewDecoder(p.Encoding, nil) == nil {
		return false
	}
	p.defect("message-encoded", "RFC 2046 §5.2.1", p.HeaderStart)
	if p.Encoding == "quoted-printable" {
		return true
	}
	line := w.s.peek(256)
	_, colon := fieldName(line)
	return colon < 0 && !isFromLine(line)
}

// descendEncoded goes into a message that is under a transfer encoding, with a walker of its own.
func (w *Walker) descendEncoded() (*Part, error) {
	p := &w.part
	if w.encoded >= w.limits.Encoded {
		return nil, &LimitError{"encoded", w.limits.Encoded, w.s.off}
	}
	w.inner = w.within(p.Decoded())
	w.inner.encoded = w.encoded + 1
	return w.nextInner()
}

// within is a walker for the message that the current part is, read from r. Numbers, depth and count go on there. It
// is w's own, one at a time.
func (w *Walker) within(r io.Reader) *Walker {
	p := &w.part
	if w.spare == nil {
		w.spare = &Walker{}
	}
	in := w.spare
	in.limits, in.Words = w.limits, w.Words
	in.Reset(r)
	in.base, in.prefix, in.rootParent = p.Depth+1, p.prefix, p.Index
	in.parts, in.encoded = w.parts, w.encoded
	return in
}

// nextInner gives the next part of the message in the encoded part, io.EOF after its last, when the part is read out.
func (w *Walker) nextInner() (*Part, error) {
	p, err := w.inner.Next()
	w.closed = append(w.closed, w.inner.closed...)
	if err != io.EOF {
		return p, err
	}
	w.parts = w.inner.parts
	w.inner = nil
	return nil, io.EOF
}
