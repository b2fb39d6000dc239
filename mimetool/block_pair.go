package mimetool

import (
	"io"
	"runtime"
)

// A linesCodec is a codec that decodes whole lines each for themselves, so that two pieces of a body can be decoded at
// once.
type linesCodec interface {
	codec
	// divide is how much of a block that is not the last can be decoded by itself; never nothing.
	divide(src []byte) int
	// lines decodes what divide told.
	lines(dst, src []byte) int
	// branch is a codec for the next n octets; the codec itself goes on behind them. join takes what the branch found.
	branch(n int) linesCodec
	join(branch linesCodec)
}

// pairBlock is the size of a block of a pair, and how many octets a body has given before a pair is worth while.
const pairBlock = 256 << 10

// A blockPair is two blocks of a body: one is decoded by a goroutine while the next is read and decoded here.
type blockPair struct {
	in, out [2][]byte
	n       [2]int // octets of in
}

func newBlockPair() *blockPair {
	p := &blockPair{}
	for i := range p.in {
		p.in[i], p.out[i] = make([]byte, pairBlock), make([]byte, pairBlock+outSpare)
	}
	return p
}

// writePairs decodes by pairs of blocks while the body goes on, and leaves its last block to d. It does nothing where
// there is one processor only.
func (d *blockDecoder) writePairs(dst io.Writer, c linesCodec) (sum int64, err error) {
	if runtime.GOMAXPROCS(0) < 2 || d.done || d.err != nil {
		return 0, nil
	}
	if d.pairs == nil {
		d.pairs = newBlockPair()
	}
	p := d.pairs
	p.n[0] = copy(p.in[0], d.in[d.lo:d.hi])
	for {
		if d.fillPair(p, 0); d.err != nil {
			return sum, nil
		}
		n, err := d.pair(dst, c, p)
		sum += n
		if err != nil || d.err != nil {
			return sum, err
		}
	}
}

// fillPair fills one block of a pair. It is d's own then, as when the body ends in it.
func (d *blockDecoder) fillPair(p *blockPair, i int) {
	d.in, d.out, d.lo, d.hi = p.in[i], p.out[i], 0, p.n[i]
	d.fill()
	p.n[i] = d.hi
}

// pair decodes a pair of which the first block is read.
func (d *blockDecoder) pair(dst io.Writer, c linesCodec, p *blockPair) (sum int64, err error) {
	first := p.in[0][:c.divide(p.in[0][:p.n[0]])]
	p.n[1] = copy(p.in[1], p.in[0][len(first):p.n[0]])
	b := c.branch(len(first))
	done := make(chan int, 1)
	go func() { done <- b.lines(p.out[0], first) }()
	d.fillPair(p, 1)
	n2 := 0
	if d.err == nil {
		second := p.in[1][:c.divide(p.in[1][:p.n[1]])]
		n2 = c.lines(p.out[1], second)
		d.lo = len(second)
	}
	n1 := <-done
	c.join(b)
	for _, out := range [2][]byte{p.out[0][:n1], p.out[1][:n2]} {
		n, err := dst.Write(out)
		sum += int64(n)
		if err != nil {
			return sum, err
		}
	}
	if d.err == nil {
		p.n[0] = copy(p.in[0], p.in[1][d.lo:p.n[1]])
	}
	return sum, nil
}
