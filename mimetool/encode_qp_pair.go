package mimetool

import (
	"bytes"
	"io"
	"runtime"
)

// ReadFrom encodes what r gives. The lines of a text are encoded each for themselves, so of a long one two pieces are
// encoded at once where there are two processors. It is to come before any Write.
func (e *qpEncoder) ReadFrom(r io.Reader) (n int64, err error) {
	if !e.text || runtime.GOMAXPROCS(0) < 2 {
		return io.CopyBuffer(struct{ io.Writer }{e}, r, make([]byte, 4*qpBlock))
	}
	p := &qpPair{qpEncoder: e, r: r, other: &qpEncoder{eol: e.eol, text: true, chars: e.chars}}
	for p.more() {
	}
	// The last block, or one without a line end, goes the usual way, and all that may come after it.
	if _, err := e.Write(p.rest); err != nil {
		return p.n, err
	}
	if p.err == io.EOF {
		return p.n, nil
	}
	if p.err != nil {
		return p.n, p.err
	}
	n, err = io.CopyBuffer(struct{ io.Writer }{e}, r, make([]byte, 4*qpBlock))
	return p.n + n, err
}

// A qpPair encodes a text by pairs of blocks.
type qpPair struct {
	*qpEncoder
	other *qpEncoder
	r     io.Reader
	buf   [2][]byte
	rest  []byte // read and not encoded
	n     int64
	err   error // of r
}

// more encodes a pair. It is false when there is no whole one any more.
func (p *qpPair) more() bool {
	first, ok := p.block(0)
	if !ok {
		return false
	}
	done := make(chan struct{})
	go func() {
		p.other.encode(first, len(first))
		close(done)
	}()
	second, ok := p.block(1)
	if ok {
		p.encode(second, len(second))
	}
	<-done
	p.flushPair()
	return ok && p.qpEncoder.err == nil
}

// flushPair writes what both have encoded.
func (p *qpPair) flushPair() {
	for _, e := range []*qpEncoder{p.other, p.qpEncoder} {
		if p.qpEncoder.err == nil {
			_, p.qpEncoder.err = p.w.Write(e.out)
		}
		e.out = e.out[:0]
	}
}

// block reads a block and gives its whole lines; false when it is the last, or has no line end.
func (p *qpPair) block(i int) (lines []byte, ok bool) {
	if p.buf[i] == nil {
		p.buf[i] = make([]byte, pairBlock)
	}
	have := copy(p.buf[i], p.rest)
	for empty := 0; have < pairBlock && p.err == nil; empty++ {
		var n int
		n, p.err = p.r.Read(p.buf[i][have:])
		have += n
		p.n += int64(n)
		if n > 0 {
			empty = 0
		} else if empty > 100 {
			p.err = io.ErrNoProgress
		}
	}
	b := p.buf[i][:have]
	p.rest = b
	end := bytes.LastIndexByte(b, '\n') + 1
	if p.err != nil || end == 0 {
		return nil, false
	}
	p.rest = b[end:]
	return b[:end], true
}
