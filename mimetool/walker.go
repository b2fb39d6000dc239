package mimetool

import (
	"io"
	"iter"
)

// A Walker goes through one message and gives its entities in the order of the document. It is used again for another
// message after Reset. One goroutine at a time.
type Walker struct {
	// Words says how the header's text is read where it does not say it itself. It may be set before the first Next.
	Words WordOptions
	// Number is that of the entity which is read, where it is a part alone, fetched with its header without the message
	// around it. "": it is a message. It stays after Reset.
	Number string

	s          scanner
	limits     Limits
	frames     []frame
	ghosts     [][]byte  // boundaries of multiparts that have ended
	open       int       // frames with a boundary that is looked for
	delim      delimiter // that ended the body
	bol        bool      // the body has not begun: a delimiter may stand at its first octet
	part       Part      // the one given last
	state      state     // what Next has before it
	parts      int       // given so far
	base       int       // depth of the root: a message in an encoded part has one above
	prefix     string    // of the root's number
	rootParent int       // Index of the part that this message is in; -1: none
	encoded    int       // decoders that this message came through
	inner      *Walker   // goes through the message in an encoded part
	spare      *Walker   // the last inner one, to be used again
	head       headerReader
	decoders   decoderCache
	closed     []Extent
	given      int // how many of them Closed gave
	err        error
}

type state int

const (
	atRoot  state = iota // nothing is read
	inPart               // w.part's body is next, or some of it is read
	atDelim              // the body is at its end: w.delim says which
	atEnd
)

// An Extent is the place of an entity that has ended.
type Extent struct {
	Part      int      // its Index
	BodyStart int64    // offset of the body's first octet
	End       int64    // offset after its last: the line end before a delimiter belongs to the delimiter
	Defects   []Defect // found in the body or at its end
	Cut       bool     // the walk ended before the entity did: by a limit, or an error of the reader
}

// Size is the body's in octets.
func (e Extent) Size() int64 { return e.End - e.BodyStart }

// NewWalker makes a Walker for the message that r gives. Errors of r come out of Next and of the bodies.
func NewWalker(r io.Reader, limits Limits) *Walker {
	w := &Walker{}
	w.limits = limits.withDefaults()
	w.Reset(r)
	return w
}

// Reset makes w a walker for another message with the same limits, and keeps its buffers.
func (w *Walker) Reset(r io.Reader) {
	w.s.reset(r)
	w.frames, w.ghosts, w.open = w.frames[:0], w.ghosts[:0], 0
	w.state, w.parts, w.base, w.prefix, w.rootParent, w.encoded = atRoot, 0, 0, "", -1, 0
	w.inner, w.err = nil, nil
	w.closed, w.given = w.closed[:0], 0
	w.head.reset()
	w.part = Part{w: w, Index: -1, Defects: w.part.Defects[:0]}
}

// Parts gives every entity. A Part, its header and its body live until the loop goes on. After an error nothing comes;
// the one of a limit is a LimitError, others are the reader's.
func (w *Walker) Parts() iter.Seq2[*Part, error] {
	return func(yield func(*Part, error) bool) {
		for {
			p, err := w.Next()
			if err == io.EOF {
				return
			}
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// Next gives the next entity, io.EOF after the last. The Part is that of the call before, filled anew. What is left of
// the body of the one before is passed over; if that was a container whose body nobody read, its parts are next.
func (w *Walker) Next() (*Part, error) {
	// An entity whose body was read out has ended already, and was not given.
	w.closed = w.closed[:copy(w.closed, w.closed[w.given:])]
	p, err := w.advance()
	w.given = len(w.closed)
	return p, err
}

// advance is Next, within an encoded message or here.
func (w *Walker) advance() (*Part, error) {
	if w.inner != nil {
		p, err := w.nextInner()
		if err != nil && err != io.EOF {
			w.leave()
		}
		if err != io.EOF {
			return p, err
		}
	}
	if w.err != nil {
		w.leave()
		return nil, w.err
	}
	p, err := w.next()
	if err != nil {
		w.err = err
		w.leave()
		return nil, err
	}
	return p, nil
}

// leave gives the extents of what is open when the walk ends before the message does.
func (w *Walker) leave() {
	if w.state == inPart && !w.part.framed && !w.part.ended {
		w.part.ended = true
		w.close(Extent{Part: w.part.Index, BodyStart: w.part.BodyStart, End: w.s.off, Defects: w.part.BodyDefects(), Cut: true})
	}
	for i := len(w.frames) - 1; i >= 0; i-- {
		f := &w.frames[i]
		w.close(Extent{Part: f.part, BodyStart: f.start, End: w.s.off, Defects: f.defects, Cut: true})
	}
	w.frames = w.frames[:0]
}

// Err is the error that the next Next gives, nil where none is known yet. The header of the Part given last is cut short
// where it is a LimitError: for who reads no further than that header.
func (w *Walker) Err() error {
	err := w.err
	if w.inner != nil {
		err = w.inner.Err()
	}
	if err == io.EOF {
		return nil
	}
	return err
}

// Closed are the entities that ended between the Part given last and the one before it, inner ones first. It is valid
// until Next.
func (w *Walker) Closed() []Extent { return w.closed }

// Offset is how much of the stream is consumed, in octets. After io.EOF it is the message's size.
func (w *Walker) Offset() int64 { return w.s.off }

// next moves to the next header.
func (w *Walker) next() (*Part, error) {
	switch w.state {
	case atRoot:
		return w.entity(w.root())
	case inPart:
		if w.part.IsContainer() && !w.part.walked {
			if p, err := w.descend(); p != nil || err != nil {
				return p, err
			}
		} else if err := w.skipBody(); err != nil {
			return nil, err
		}
	}
	return w.afterBody()
}

// skipBody passes over the rest of the body.
func (w *Walker) skipBody() error {
	for w.state == inPart {
		chunk, err := w.chunk()
		if err != nil {
			return err
		}
		w.s.consume(len(chunk))
	}
	return nil
}

// afterBody closes what has ended, and reads the header that comes after a delimiter.
func (w *Walker) afterBody() (*Part, error) {
	for w.state != atEnd {
		d := w.delim
		w.popTo(d.level + 1)
		if d.level < 0 {
			w.state = atEnd
			break
		}
		w.skipDelimiter(d.size)
		if d = w.collapse(d); d.level < len(w.frames)-1 {
			w.popTo(d.level + 1)
		}
		f := &w.frames[d.level]
		if d.loose {
			f.defect("boundary-loose", "RFC 2046 §5.1.1", w.s.off-int64(d.size))
		}
		if !d.last {
			f.count++
			return w.entity(entityPlace{prefix: f.prefix, n: f.count, digest: f.digest, parent: f.part})
		}
		f.closed = true
		w.open--
		w.bol = true
		w.state = inPart
		if err := w.skipBody(); err != nil { // the epilogue
			return nil, err
		}
	}
	return nil, w.s.readError()
}

// skipDelimiter passes over a delimiter line. What is on it beyond the look-ahead goes with it.
func (w *Walker) skipDelimiter(size int) {
	for {
		line := w.s.window()[:size]
		w.s.consume(size)
		if size == 0 || line[size-1] == '\n' {
			return
		}
		size = len(w.s.line())
	}
}

// collapse passes over delimiter lines that come right one after another: no part is between them, for a part's header
// ends in an empty line (RFC 2046 §5.1.1). The last one counts.
func (w *Walker) collapse(d delimiter) delimiter {
	for !d.last {
		line := w.s.peek(lookAhead)
		next, v := w.delimiterAt(line, 0)
		if v != found {
			break
		}
		w.frames[d.level].defect("boundary-doubled", "RFC 2046 §5.1.1", w.s.off)
		w.skipDelimiter(next.size)
		d = next
	}
	return d
}
