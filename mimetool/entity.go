package mimetool

import (
	"strconv"
	"strings"
)

// An entityPlace is where an entity stands in its container.
type entityPlace struct {
	prefix string // of its number
	n      int    // its place in a multipart; 0: it is a message
	digest bool   // the multipart is a digest
	parent int
}

// root is the place of the message itself, or of the part alone.
func (w *Walker) root() entityPlace {
	dot := strings.LastIndexByte(w.Number, '.')
	if n, err := strconv.Atoi(w.Number[dot+1:]); err == nil {
		return entityPlace{prefix: w.Number[:dot+1], n: n, parent: w.rootParent}
	}
	return entityPlace{prefix: w.prefix, parent: w.rootParent}
}

// entity reads a header and gives the part. A header beyond the limit gives the part with what there is of it; the
// error is for the call after that.
func (w *Walker) entity(place entityPlace) (*Part, error) {
	if w.parts >= w.limits.Parts {
		return nil, &LimitError{"parts", w.limits.Parts, w.s.off}
	}
	p := &w.part
	*p = Part{
		Index: w.parts, Parent: place.parent, Depth: w.base + len(w.frames), Encoded: w.encoded, w: w,
		Defects: p.Defects[:0],
	}
	w.parts++
	err := w.readHeader(p, place.n == 0)
	if _, limit := err.(*LimitError); err != nil && !limit {
		return nil, err
	}
	w.err = err
	p.BodyStart = w.s.off
	p.setType(place.digest)
	p.number(place)
	w.bol, w.state = true, inPart
	return p, nil
}

// setType takes the type and the encoding out of the header.
func (p *Part) setType(digest bool) {
	p.Type = "text/plain"
	if digest {
		p.Type = "message/rfc822"
	}
	var haveType, haveEncoding bool
	for i := range p.Header {
		f := &p.Header[i]
		if len(f.Name) < len("Content-Type") {
			continue
		}
		switch {
		case !haveType && f.Is("Content-Type"):
			haveType = true
			if t := mediaType(f.Body()); t != "" {
				p.Type = t
			} else {
				p.defect("content-type-syntax", "RFC 2045 §5.1", p.HeaderStart)
				p.Type = "text/plain" // RFC 2045 §5.2
			}
		case !haveEncoding && f.Is("Content-Transfer-Encoding"):
			haveEncoding = true
			p.Encoding = transferEncoding(f.Body())
		}
	}
}

func (p *Part) defect(name, ref string, offset int64) {
	p.Defects = addDefect(p.Defects, Defect{Name: name, Ref: ref, Offset: offset})
}

// descend opens the container that w.part is. It gives the first part of a message; a multipart's comes after its
// preamble.
func (w *Walker) descend() (*Part, error) {
	p := &w.part
	if p.Depth+1 > w.limits.Depth {
		return nil, &LimitError{"depth", w.limits.Depth, w.s.off}
	}
	if p.IsMessage() {
		return w.descendMessage()
	}
	p.walked = true
	boundary := w.theBoundary()
	if boundary == nil {
		return nil, w.skipBody()
	}
	p.framed = true
	w.push(frame{boundary: boundary, part: p.Index, prefix: p.prefix, digest: p.Type == "multipart/digest", start: p.BodyStart})
	return nil, w.skipBody()
}

// descendMessage goes into the message that a part is.
func (w *Walker) descendMessage() (*Part, error) {
	p := &w.part
	p.walked = true
	if w.reallyEncoded() {
		return w.descendEncoded()
	}
	p.framed = true
	w.push(frame{part: p.Index, prefix: p.prefix, start: p.BodyStart})
	return w.entity(entityPlace{prefix: p.prefix, parent: p.Index})
}

// push opens a frame.
func (w *Walker) push(f frame) {
	w.frames = append(w.frames, f)
	if f.boundary != nil {
		w.open++
	}
}

// popTo closes the frames from level on, the innermost first.
func (w *Walker) popTo(level int) {
	for i := len(w.frames) - 1; i >= level; i-- {
		f := &w.frames[i]
		e := Extent{Part: f.part, BodyStart: f.start, End: w.s.off}
		if f.boundary != nil && !f.closed {
			w.open--
			f.defect(DefectUnclosed, "RFC 2046 §5.1.1", w.s.off)
		}
		if f.boundary != nil && len(w.ghosts) < maxGhosts {
			w.ghosts = append(w.ghosts, f.boundary)
		}
		e.Defects = f.defects
		w.close(e)
	}
	w.frames = w.frames[:level]
}

// close gives the extent of an entity that has ended.
func (w *Walker) close(e Extent) { w.closed = append(w.closed, e) }

// boundary is the one of the multipart that w.part is, nil where there is none.
func (w *Walker) boundary() []byte {
	i := w.part.Header.Index("Content-Type")
	if i < 0 {
		return nil
	}
	b := parameter(w.part.Header[i].Body(), "boundary")
	if b == "" { // in pieces (RFC 2231 §3), or in another unusual form
		param, _ := w.part.Params().Lookup("boundary")
		b = param.Raw
	}
	b = strings.TrimRight(b, " \t") // RFC 2046 §5.1.1: it does not end in white space
	if b == "" {
		return nil
	}
	return []byte(b[:min(len(b), maxBoundary)])
}
