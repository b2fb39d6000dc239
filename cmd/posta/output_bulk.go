package main

import (
	"errors"
	"io"
)

const (
	bulkBlock  = 256 << 10
	bulkBlocks = 4
)

// bulkWriter writes large amounts to standard output while the next of it is made: a goroutine of its own writes the
// blocks. It takes the place of output for the time; Close waits for all to be written.
type bulkWriter struct {
	w     io.Writer
	block []byte
	full  chan []byte // to be written
	free  chan []byte // written
	done  chan error  // the goroutine's end
}

// errBulk says that the goroutine has met an error, which Close gives.
var errBulk = errors.New("standard output failed")

// bulk gives a bulkWriter behind what o has written so far.
func (o *output) bulk(e *env) (*bulkWriter, error) {
	if err := o.Flush(); err != nil {
		return nil, err
	}
	return &bulkWriter{w: e.stdout, block: make([]byte, 0, bulkBlock)}, nil
}

func (b *bulkWriter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		k := min(len(p), bulkBlock-len(b.block))
		b.block, p = append(b.block, p[:k]...), p[k:]
		if len(b.block) == bulkBlock {
			if err := b.next(); err != nil {
				return n - len(p), err
			}
		}
	}
	return n, nil
}

// next hands the block over and takes an empty one.
func (b *bulkWriter) next() error {
	if b.full == nil {
		b.start()
	}
	b.full <- b.block
	b.block = <-b.free
	if b.block == nil {
		return errBulk
	}
	return nil
}

// start starts the goroutine, when it is clear that there is more than one block.
func (b *bulkWriter) start() {
	b.full, b.free, b.done = make(chan []byte, bulkBlocks), make(chan []byte, bulkBlocks), make(chan error, 1)
	for range bulkBlocks - 1 {
		b.free <- make([]byte, 0, bulkBlock)
	}
	go func() {
		var err error
		for block := range b.full {
			if err == nil {
				_, err = b.w.Write(block)
			}
			if err != nil {
				b.free <- nil
				continue
			}
			b.free <- block[:0]
		}
		b.done <- err
	}()
}

// Close writes what is left. The error is the first of standard output.
func (b *bulkWriter) Close() error {
	if b.full == nil {
		_, err := b.w.Write(b.block)
		return writeError(err)
	}
	if len(b.block) > 0 {
		b.full <- b.block
		b.block = nil
	}
	close(b.full)
	return writeError(<-b.done)
}
