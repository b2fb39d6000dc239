package mimetool

import "bytes"

// guessTries is how many lines are looked at for a boundary that is not declared.
const guessTries = 50

// theBoundary is the boundary of the multipart that w.part is: the declared one, or where that is missing or wrong one
// that the body shows; nil where there is neither.
func (w *Walker) theBoundary() []byte {
	declared := w.boundary()
	region := w.region(declared)
	if region == nil {
		return declared
	}
	guess := guessBoundary(region)
	name := "boundary-missing"
	if declared != nil {
		name = "boundary-unused"
	}
	if guess == nil {
		w.part.defect(name, "RFC 2046 §5.1.1", w.s.off)
		return declared
	}
	d := Defect{Name: name, Ref: "RFC 2046 §5.1.1", Offset: w.s.off, Guess: true}
	w.part.Defects = addDefect(w.part.Defects, d)
	return guess
}

// region is the start of a multipart's body, up to a delimiter of what is around it, in which the declared boundary does
// not stand. It is nil where that does, as in nearly every message.
func (w *Walker) region(declared []byte) []byte {
	if declared != nil {
		delimiter := append([]byte("\n--"), declared...)
		for b, n := w.s.window(), 0; ; {
			if atLineStart(b, delimiter) {
				return nil
			}
			if n = len(b); n >= blockSize {
				break
			}
			if b = w.s.peek(n + 1); len(b) == n {
				break
			}
		}
	}
	b := w.s.peek(blockSize)
	if w.open == 0 {
		return b
	}
	for at := 0; at < len(b); at = lineEnd(b, at) {
		if _, v := w.delimiterAt(b, at); v == found {
			return b[:at:at]
		}
	}
	return b
}

// atLineStart tells whether line, which is given with an LF before it, begins a line of b.
func atLineStart(b, line []byte) bool {
	return bytes.HasPrefix(b, line[1:]) || bytes.Contains(b, line)
}

// guessBoundary finds a line that looks like a delimiter: a part's header follows, or it comes again.
func guessBoundary(b []byte) []byte {
	for at, tries := 0, 0; at < len(b) && tries < guessTries; {
		end := lineEnd(b, at)
		line := bytes.TrimRight(b[at:end], " \t\r\n")
		at = end
		if len(line) < 3 || line[0] != '-' || line[1] != '-' || len(line) > maxBoundary || len(bytes.Trim(line, "-")) == 0 {
			continue
		}
		tries++
		rest := b[at:]
		if len(rest) >= 8 && bytes.EqualFold(rest[:8], []byte("content-")) || atLineStart(rest, append([]byte("\n"), line...)) {
			return bytes.Clone(line[2:])
		}
	}
	return nil
}
