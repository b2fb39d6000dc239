package mimetool

import "bytes"

// A frame is an open container: a multipart between its delimiters, or a message in a part.
type frame struct {
	boundary []byte // nil for a message
	part     int    // index of the container's part
	count    int    // parts so far
	prefix   string // of the numbers of its parts
	digest   bool   // parts are messages unless they say otherwise (RFC 2046 §5.1.5)
	closed   bool   // its close-delimiter was seen
	start    int64  // of its body
	defects  []Defect
}

// A delimiter is what ended a body.
type delimiter struct {
	level int  // of the frame it belongs to; -1: the stream's end
	last  bool // it is the close-delimiter
	size  int  // octets of its line
	loose bool // something follows the boundary on its line
}

// maxBoundary is how much of a line is looked at. RFC 2046 §5.1.1 allows boundaries of 70 characters.
const maxBoundary = 1000

// lookAhead is what has to be in the window to judge a line that begins with two hyphens.
const lookAhead = maxBoundary + 256

// match finds the frame whose delimiter line begins with. A line that is the whole delimiter is taken before one that
// only begins with it, a longer boundary before a shorter, an inner frame before an outer. That the boundary stands at
// the line's start is enough (RFC 2046 §5.1.1), unless the line begins with a longer boundary that was one before.
func match(frames []frame, ghosts [][]byte, line []byte) (delimiter, bool) {
	best := delimiter{level: -1, loose: true}
	length := -1
	rest := line[2:]
	for i := len(frames) - 1; i >= 0; i-- {
		b := frames[i].boundary
		if b == nil || frames[i].closed || !bytes.HasPrefix(rest, b) {
			continue
		}
		last, loose := afterBoundary(rest[len(b):])
		if length < 0 || best.loose && !loose || best.loose == loose && len(b) > length {
			best, length = delimiter{level: i, last: last, loose: loose}, len(b)
		}
	}
	if best.loose && length >= 0 && isGhost(frames, ghosts, rest, length) {
		return delimiter{level: -1}, false
	}
	return best, best.level >= 0
}

// isGhost tells whether a line begins with a boundary, longer than n, of a multipart that is closed.
func isGhost(frames []frame, ghosts [][]byte, rest []byte, n int) bool {
	for i := range frames {
		if b := frames[i].boundary; frames[i].closed && len(b) > n && bytes.HasPrefix(rest, b) {
			return true
		}
	}
	for _, b := range ghosts {
		if len(b) > n && bytes.HasPrefix(rest, b) {
			return true
		}
	}
	return false
}

// maxGhosts is how many boundaries of closed multiparts are remembered.
const maxGhosts = 32

// afterBoundary judges what follows the boundary: two hyphens close, blanks are allowed, anything else is loose.
func afterBoundary(rest []byte) (last, loose bool) {
	if bytes.HasPrefix(rest, []byte("--")) {
		last, rest = true, rest[2:]
	}
	for _, c := range rest {
		if c == '\n' {
			return last, false
		}
		if c != ' ' && c != '\t' && c != '\r' {
			return last, true
		}
	}
	return last, false
}

func (f *frame) defect(name, ref string, offset int64) {
	f.defects = addDefect(f.defects, Defect{Name: name, Ref: ref, Offset: offset})
}
