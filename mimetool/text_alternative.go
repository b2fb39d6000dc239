package mimetool

import (
	"bytes"
	"io"
)

// maxHeld is how much text of an alternative is held while a better one may come.
const maxHeld = 4 << 20

// A textFrame is a container that is being walked.
type textFrame struct {
	index   int
	message bool   // it is one, whose header comes next
	heading string // of a message, to be written before its first text

	alternative bool
	branch      int // Index of the part in it that is the best so far
	rank        int // of its text; 0: none yet
	final       bool
	held        []byte
}

// A textWriter gathers the text of a message.
type textWriter struct {
	dst     io.Writer
	opt     TextOptions
	frames  []*textFrame
	defects []Defect
	holding int  // octets that frames hold
	begun   bool // some text was written or is held
	written bool // some text was written
	err     error
}

// enter makes the frames those of p: what it is not in has ended.
func (t *textWriter) enter(p *Part) {
	for len(t.frames) > 0 && t.frames[len(t.frames)-1].index != p.Parent {
		t.leave()
	}
	if n := len(t.frames); n > 0 && t.frames[n-1].message {
		t.frames[n-1].heading = messageHeading(p.Header, t.opt)
		t.frames[n-1].message = false
	}
	if p.IsContainer() {
		t.frames = append(t.frames, &textFrame{
			index: p.Index, branch: -1, message: p.IsMessage(), alternative: p.Type == "multipart/alternative",
		})
	}
}

// leave closes the innermost container. What was held there is the best: it goes out.
func (t *textWriter) leave() {
	f := t.frames[len(t.frames)-1]
	t.frames = t.frames[:len(t.frames)-1]
	t.release(f, len(t.frames)-1)
}

// release writes what a frame holds; what comes later goes the same way at once.
func (t *textWriter) release(f *textFrame, level int) {
	f.final = true
	if held := f.held; len(held) > 0 {
		f.held = nil
		t.holding -= len(held)
		t.write(level, held)
	}
}

// close ends all containers, and gives the first error of the output.
func (t *textWriter) close() error {
	for len(t.frames) > 0 {
		t.leave()
	}
	return t.err
}

// wanted tells whether text of that rank in the part would be shown, as far as is known.
func (t *textWriter) wanted(part, rank int) bool {
	for i, f := range t.frames {
		if f.alternative && f.branch >= 0 && f.branch != t.branch(i, part) && (f.final || rank < f.rank) {
			return false
		}
	}
	return true
}

// branch is the part directly in frame i that the part is in.
func (t *textWriter) branch(i, part int) int {
	if i+1 < len(t.frames) {
		return t.frames[i+1].index
	}
	return part
}

// take makes the part the chosen one of the alternatives that it is in, now that it has text.
func (t *textWriter) take(part, rank int) {
	for i, f := range t.frames {
		if !f.alternative {
			continue
		}
		if branch := t.branch(i, part); f.branch != branch {
			t.holding -= len(f.held)
			f.held, f.branch, f.rank = nil, branch, 0
		}
		f.rank = max(f.rank, rank)
		if rank == rankPlain {
			t.release(f, i-1)
		}
	}
}

// write writes text that comes from frame level: into the innermost one that holds, else out.
func (t *textWriter) write(level int, b []byte) {
	for i := level; i >= 0; i-- {
		f := t.frames[i]
		if !f.alternative || f.final {
			continue
		}
		if t.holding+len(b) <= maxHeld {
			f.held = append(f.held, b...)
			t.holding += len(b)
			return
		}
		// Too much to hold: what there is is taken as the best.
		for outer := range t.frames[:i+1] {
			t.release(t.frames[outer], outer-1)
		}
	}
	t.put(b)
}

// put writes to the output, but no empty lines before everything.
func (t *textWriter) put(b []byte) {
	if !t.written {
		b = bytes.TrimLeft(b, "\n")
	}
	if len(b) == 0 || t.err != nil {
		return
	}
	t.written = true
	_, t.err = t.dst.Write(b)
}
