package mimetool

import (
	"bytes"
	"io"
)

// chunk gives the next run of the body's octets: a piece of the window, not consumed. When the body is at its end the
// run is empty and w.delim says what ended it.
func (w *Walker) chunk() ([]byte, error) {
	s := &w.s
	for w.state == inPart {
		if w.err != nil { // the header went beyond a limit: what follows is no body
			return nil, w.err
		}
		b := s.window()
		if len(b) == 0 && !s.fill() {
			return nil, w.endOfStream()
		}
		b = s.window()
		if w.open == 0 {
			w.bol = false
			return b, nil
		}
		n, more := w.run(b)
		if n > 0 {
			return b[:n], nil
		}
		if more {
			s.fill() // at the stream's end nothing is undecided any more
		}
	}
	return nil, nil
}

// endOfStream is the end of a body that no delimiter ended.
func (w *Walker) endOfStream() error {
	if err := w.s.err; err != io.EOF {
		return err
	}
	w.endBody(delimiter{level: -1})
	return nil
}

// run is how much of b is surely body. more: nothing is until more is read. At a delimiter the body is ended.
func (w *Walker) run(b []byte) (n int, more bool) {
	if w.bol {
		switch d, v := w.delimiterAt(b, 0); v {
		case unknown:
			return 0, true
		case found:
			w.endBody(d)
			return 0, false
		}
		w.bol = false
	}
	for from := 0; ; {
		// The line end before a delimiter is the delimiter's (RFC 2046 §5.1.1).
		i := hyphenLine(b, from)
		if i < 0 {
			n = holdBack(b, w.s.err != nil)
			return n, n == 0
		}
		eol := i
		if i > 0 && b[i-1] == '\r' {
			eol--
		}
		d, v := w.delimiterAt(b, i+1)
		switch {
		case v == none:
			from = i + 1
		case eol > 0:
			return eol, false // and the next call finds it at the window's start
		case v == unknown:
			return 0, true
		default:
			d.size += i + 1
			w.endBody(d)
			return 0, false
		}
	}
}

// hyphenLine is where the first line end of b[from:] is behind which two hyphens stand; -1: there is none. What is looked
// for are the hyphens: they are rarer than line ends, and in base64 there are none.
func hyphenLine(b []byte, from int) int {
	for at := from + 1; at < len(b); {
		i := bytes.Index(b[at:], []byte("--"))
		if i < 0 {
			break
		}
		i += at
		if b[i-1] == '\n' {
			return i - 1
		}
		for at = i + 2; at < len(b) && b[at] == '-'; { // a run of them, of which only the first may begin a line
			at++
		}
	}
	return -1
}

// A verdict on a place where a delimiter may begin.
type verdict int

const (
	none verdict = iota
	found
	unknown // more has to be read
)

// delimiterAt judges the line that begins at b[at:]. The delimiter's size is that of its line.
func (w *Walker) delimiterAt(b []byte, at int) (delimiter, verdict) {
	line := b[at:min(len(b), at+lookAhead)]
	if len(line) >= 2 && (line[0] != '-' || line[1] != '-') {
		return delimiter{}, none
	}
	whole := len(line) == lookAhead || w.s.err != nil
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line, whole = line[:i+1], true
	}
	if !whole {
		return delimiter{}, unknown
	}
	if len(line) < 2 {
		return delimiter{}, none
	}
	d, ok := match(w.frames, w.ghosts, line)
	if !ok {
		return d, none
	}
	d.size = len(line)
	return d, found
}

// holdBack is how much of b comes before what may be the start of a delimiter: a line end, hyphens.
func holdBack(b []byte, last bool) int {
	n := len(b)
	if last {
		return n
	}
	if n > 0 && b[n-1] == '-' {
		if n == 1 || b[n-2] != '\n' {
			return n
		}
		n--
	}
	if n > 0 && b[n-1] == '\n' {
		n--
	}
	if n > 0 && b[n-1] == '\r' {
		n--
	}
	return n
}

// cutShort tells whether the body was ended by the stream's end and not by a boundary of what is around it.
func (w *Walker) cutShort() bool {
	return w.state == atDelim && w.delim.level < 0 && w.open > 0
}

// endBody is the end of a body: the octets up to here are its.
func (w *Walker) endBody(d delimiter) {
	w.delim, w.state, w.bol = d, atDelim, false
	if !w.part.framed && !w.part.ended {
		w.part.ended = true
		w.close(Extent{Part: w.part.Index, BodyStart: w.part.BodyStart, End: w.s.off, Defects: w.part.BodyDefects()})
	}
}

// A bodyReader reads what is left of the body of the part that the walker is in.
type bodyReader struct {
	w     *Walker
	index int
}

func (r *bodyReader) Read(p []byte) (int, error) {
	w := r.w
	if r.index != w.part.Index {
		return 0, ErrPassed
	}
	w.part.walked = true
	if len(p) == 0 {
		return 0, nil
	}
	chunk, err := w.chunk()
	if err != nil {
		return 0, err
	}
	if len(chunk) == 0 {
		return 0, io.EOF
	}
	n := copy(p, chunk)
	w.s.consume(n)
	return n, nil
}

// WriteTo writes what is left, a piece of the walker's buffer at a time.
func (r *bodyReader) WriteTo(dst io.Writer) (int64, error) {
	w := r.w
	if r.index != w.part.Index {
		return 0, ErrPassed
	}
	w.part.walked = true
	var sum int64
	for {
		chunk, err := w.chunk()
		if err != nil || len(chunk) == 0 {
			return sum, err
		}
		n, err := dst.Write(chunk)
		sum += int64(n)
		w.s.consume(n)
		if err != nil {
			return sum, err
		}
	}
}
