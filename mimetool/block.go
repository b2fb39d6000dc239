package mimetool

import "io"

// A codec decodes block by block. It keeps what it needs between blocks, never the blocks.
type codec interface {
	// decode takes what it can of src, all of it when it is the last, and writes to dst, which has room for all that src
	// can give. It may write over src. Where it takes nothing although src is a whole block, it must have written.
	decode(dst, src []byte, last bool) (written, taken int)
	// found are the defects so far.
	found() []Defect
}

// A blockDecoder makes a Decoder of a codec. Its blocks are always filled before they are decoded, so that what comes
// out does not hang on how the reader below cuts.
type blockDecoder struct {
	codec
	r      io.Reader
	in     []byte
	lo, hi int
	out    []byte
	ready  []byte // piece of out that is not read yet
	err    error  // of r
	done   bool   // the last block is decoded
	pairs  *blockPair
}

// outSpare is how much longer the output's block is than the input's: what a codec kept back may come on top.
const outSpare = 256

func newBlockDecoder(r io.Reader, c codec) *blockDecoder {
	d := &blockDecoder{}
	d.reset(r, c)
	return d
}

// reset takes the buffers for another body.
func (d *blockDecoder) reset(r io.Reader, c codec) {
	if d.in == nil {
		d.in, d.out = make([]byte, blockSize), make([]byte, blockSize+outSpare)
	}
	d.codec, d.r, d.lo, d.hi, d.ready, d.err, d.done = c, r, 0, 0, nil, nil, false
}

// Defects implements Decoder.
func (d *blockDecoder) Defects() []Defect { return d.found() }

func (d *blockDecoder) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if err := d.more(); err != nil {
		return 0, err
	}
	n := copy(p, d.ready)
	d.ready = d.ready[n:]
	return n, nil
}

// WriteTo writes all that is left, a block at a time.
func (d *blockDecoder) WriteTo(dst io.Writer) (int64, error) {
	var sum int64
	for {
		if err := d.more(); err == io.EOF {
			return sum, nil
		} else if err != nil {
			return sum, err
		}
		n, err := dst.Write(d.ready)
		sum += int64(n)
		d.ready = d.ready[n:]
		if err != nil {
			return sum, err
		}
		if c, ok := d.codec.(linesCodec); ok && sum >= pairBlock {
			n, err := d.writePairs(dst, c)
			sum += n
			if err != nil {
				return sum, err
			}
		}
	}
}

// more sees to it that something is ready.
func (d *blockDecoder) more() error {
	for len(d.ready) == 0 {
		if d.done {
			return d.err
		}
		d.fill()
		if d.err != nil && d.err != io.EOF {
			d.done = true // what a broken reader cut short is not decoded as if it were whole
			return d.err
		}
		last := d.err != nil
		n, taken := d.decode(d.out, d.in[d.lo:d.hi], last)
		d.ready = d.out[:n]
		d.lo += taken
		d.done = last && d.lo == d.hi
	}
	return nil
}

// fill makes the block full.
func (d *blockDecoder) fill() {
	if d.lo > 0 {
		d.hi = copy(d.in, d.in[d.lo:d.hi])
		d.lo = 0
	}
	for empty := 0; d.hi < len(d.in) && d.err == nil; empty++ {
		var n int
		n, d.err = d.r.Read(d.in[d.hi:])
		d.hi += n
		if n > 0 {
			empty = 0
		} else if empty > 100 {
			d.err = io.ErrNoProgress
		}
	}
}
