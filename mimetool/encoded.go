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
	in := w.spare
	if in == nil {
		in = &Walker{limits: w.limits}
		w.spare = in
	}
	in.Reset(p.Decoded())
	in.base, in.prefix, in.rootParent = p.Depth+1, p.prefix, p.Index
	in.parts, in.encoded = w.parts, w.encoded+1
	w.inner = in
	return w.nextInner()
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
