package main

import (
	"bufio"
	"context"
	"io"
	"os"
)

// inputBuffer is how much of standard input is read at once.
const inputBuffer = 64 << 10

// input is standard input, and whether there is nothing in it. A regular file stays one: it can be read twice.
func input(ctx context.Context, r io.Reader) (in io.Reader, empty bool, err error) {
	if f, ok := r.(*os.File); ok {
		if fi, err := f.Stat(); err == nil && fi.Mode().IsRegular() {
			at, err := f.Seek(0, io.SeekCurrent)
			return f, at >= fi.Size(), err
		}
	}
	b := bufio.NewReaderSize(newInterruptible(ctx, r), inputBuffer)
	switch _, err := b.Peek(1); err {
	case nil:
		return b, false, nil
	case io.EOF:
		return b, true, nil
	default:
		return nil, false, readFailed(ctx, err)
	}
}

// readFailed is an error of standard input.
func readFailed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fail(exitIOErr, "read standard input: %w", err)
}

// interruptible is a reader whose Read ends with ctx, though the one below may wait for ever: nobody writes to the
// pipe, or types.
type interruptible struct {
	ctx  context.Context
	r    io.Reader
	buf  []byte // what the goroutine below reads into; it is not touched after ctx has ended
	left []byte // of buf: not read yet
	err  error
	done chan filled
}

// filled is what one read below gave.
type filled struct {
	n   int
	err error
}

func newInterruptible(ctx context.Context, r io.Reader) *interruptible {
	return &interruptible{ctx: ctx, r: r, buf: make([]byte, inputBuffer), done: make(chan filled, 1)}
}

// Read reads what is there, or waits.
func (i *interruptible) Read(p []byte) (int, error) {
	if len(i.left) == 0 && i.err == nil {
		go i.fill()
		select {
		case f := <-i.done:
			i.left, i.err = i.buf[:f.n], f.err
		case <-i.ctx.Done():
			i.err = i.ctx.Err()
			return 0, i.err
		}
	}
	if len(i.left) == 0 {
		return 0, i.err
	}
	n := copy(p, i.left)
	i.left = i.left[n:]
	return n, nil
}

// fill reads once.
func (i *interruptible) fill() {
	n, err := i.r.Read(i.buf)
	i.done <- filled{n, err}
}
