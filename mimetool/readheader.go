package mimetool

import "bytes"

// A headerReader keeps the octets of the header that is being read. Fields point into them.
type headerReader struct {
	buf    []byte
	fields Header
	starts []int // of the fields in buf
}

// keepHeader is how large a buffer is kept for the next message.
const keepHeader = 1 << 20

func (h *headerReader) reset() {
	if cap(h.buf) > keepHeader {
		*h = headerReader{}
	}
	h.buf, h.fields, h.starts = h.buf[:0], h.fields[:0], h.starts[:0]
}

// readHeader reads the fields of an entity up to the empty line, and that. top: it is a message's, an mbox's From_ line
// may come first.
func (w *Walker) readHeader(p *Part, top bool) error {
	h := &w.head
	h.reset()
	p.HeaderStart = w.s.off
	err := w.headerLines(p, top)
	h.dropEmpty()
	for i := range h.fields {
		end := len(h.buf)
		if i+1 < len(h.starts) {
			end = h.starts[i+1]
		}
		h.fields[i].Raw = h.buf[h.starts[i]:end:end]
	}
	p.Header = h.fields
	return err
}

// headerLines reads the lines of a header.
func (w *Walker) headerLines(p *Part, top bool) error {
	h, s := &w.head, &w.s
	for first := true; ; first = false {
		line := s.line()
		if len(line) == 0 {
			if err := s.readError(); !isEOF(err) {
				return err
			}
			if len(h.buf) > 0 {
				p.defect("header-unended", "RFC 5322 §2.1", s.off)
			}
			return nil
		}
		if isEmpty(line) {
			s.consume(len(line))
			return nil
		}
		if first && top && isFromLine(line) {
			w.skipDelimiter(len(line))
			p.HeaderStart = s.off
			continue
		}
		goOn, err := w.headerLine(p, line)
		if !goOn || err != nil {
			return err
		}
	}
}

// headerLine takes one line into the header, unless the header ends before it.
func (w *Walker) headerLine(p *Part, line []byte) (goOn bool, err error) {
	h, s := &w.head, &w.s
	n, colon := fieldName(line)
	if colon < 0 && isBareName(line) {
		n, colon = fieldName(s.peek(len(line) + 256))
		line = s.line() // looking ahead may have moved it
	}
	switch {
	case len(line) > 1 && line[0] == '-' && line[1] == '-' && w.isDelimiter(line):
		p.defect("header-unended", "RFC 2046 §5.1", w.s.off)
		return false, nil
	case isFold(line) && len(h.fields) > 0:
	case colon >= 0:
		if len(h.fields) >= w.limits.Fields {
			return false, &LimitError{"fields", w.limits.Fields, w.s.off}
		}
		h.add(internName(line[:n]))
	case looksLikeParameter(line) && len(h.fields) > 0:
		p.defect("fold-without-blank", "RFC 5322 §2.2.3", w.s.off)
	case w.junkInHeader(line):
		p.defect("header-junk", "RFC 5322 §2.2", w.s.off)
		h.add("")
		line = w.s.line() // looking ahead may have moved it
	default:
		p.defect("header-separator-missing", "RFC 5322 §2.1", w.s.off)
		return false, nil
	}
	return true, w.keepLine(line)
}

func (h *headerReader) add(name string) {
	h.fields = append(h.fields, Field{Name: name})
	h.starts = append(h.starts, len(h.buf))
}

// dropEmpty takes the last field away where a limit left nothing of it.
func (h *headerReader) dropEmpty() {
	if n := len(h.starts); n > 0 && h.starts[n-1] == len(h.buf) {
		h.starts, h.fields = h.starts[:n-1], h.fields[:n-1]
	}
}

// grow makes room for n octets more. A large header gets all it may have at once: doubling would cost as much again, and
// memory that is not written to costs nothing.
func (h *headerReader) grow(n, limit int) {
	if need := len(h.buf) + n; need > keepHeader && need > cap(h.buf) {
		h.buf = append(make([]byte, 0, max(need, limit)), h.buf...)
	}
}

// keepLine takes a line, all pieces of it, into the header's octets.
func (w *Walker) keepLine(line []byte) error {
	h := &w.head
	for {
		if len(h.buf)+len(line) > w.limits.Header {
			return &LimitError{"header", w.limits.Header, w.s.off}
		}
		h.grow(len(line), w.limits.Header)
		h.buf = append(h.buf, line...)
		whole := line[len(line)-1] == '\n'
		w.s.consume(len(line))
		if whole {
			return nil
		}
		if line = w.s.line(); len(line) == 0 {
			return nil
		}
	}
}

// isDelimiter tells whether a line in a header is a delimiter of an open multipart.
func (w *Walker) isDelimiter(line []byte) bool {
	if w.open == 0 {
		return false
	}
	_, ok := match(w.frames, w.ghosts, line)
	return ok
}

// junkInHeader tells whether a line that is no field stands among the fields of a header, rather than being the first
// of a body that no empty line parts from it: a field that every header has comes right after.
func (w *Walker) junkInHeader(line []byte) bool {
	n := len(line)
	if line[n-1] != '\n' || line[0] == '-' && n > 1 && line[1] == '-' {
		return false
	}
	next := w.s.peek(n + 256)[n:]
	if i := bytes.IndexByte(next, '\n'); i >= 0 {
		next = next[:i+1]
	}
	m, colon := fieldName(next)
	return colon >= 0 && knownName(next[:m]) != ""
}
