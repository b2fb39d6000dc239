package main

import (
	"bufio"
	"bytes"
	"context"
	"runtime"
	"runtime/debug"

	"posta/mimetool/stream"
)

// A messageJob makes output of one message after the other. Each goroutine has its own.
type messageJob interface {
	// message writes what there is to say about m to out. negative is a negative answer: nothing found, defects.
	message(m *stream.Message, out *output) (negative bool, err error)
}

// eachMessage does the job, whose output is small, for every message, and writes the outputs in the messages' order.
// Files in a list of paths are read by several goroutines at once.
func eachMessage(ctx context.Context, e *env, in *mimeInput, newJob func() messageJob) error {
	if in.format != stream.Paths {
		return eachInTurn(ctx, e, in, newJob())
	}
	t := &messageTally{e: e, asks: in.asks}
	if err := eachPath(ctx, in, newJob, t); err != nil {
		return err
	}
	return t.status()
}

// eachInTurn does the job, whose output may be large, for one message after the other.
func eachInTurn(ctx context.Context, e *env, in *mimeInput, job messageJob) error {
	t := &messageTally{e: e, asks: in.asks}
	for m, err := range in.messages(e) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		negative := false
		if err == nil {
			negative, err = job.message(m, e.out)
		}
		if err := t.note(m, negative, err); err != nil {
			return err
		}
	}
	return t.status()
}

// pathBatch is some files' names and what the job made of them.
type pathBatch struct {
	names   []string
	first   int // index of the first
	out     bytes.Buffer
	results []pathResult // of those that did not go well, or whose answer was negative
	done    chan struct{}
}

type pathResult struct {
	index    int
	name     string
	negative bool
	err      error
}

// pathBatchMax is how many files a goroutine takes at a time; pathBatches is how many batches wait or are being done,
// which bounds the memory of what was done before its turn to be written.
const (
	pathBatchMax = 64
	pathBatches  = 16
)

// eachPath reads lists of paths and does the job for the files by several goroutines.
func eachPath(ctx context.Context, in *mimeInput, newJob func() messageJob, t *messageTally) error {
	// Nothing lives longer than its batch. Collecting that every 4 MB would cost a fifth of the time; every 16 MB it
	// is not to be seen.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	work := make(chan *pathBatch, pathBatches)
	written := make(chan *pathBatch, pathBatches)
	for range runtime.GOMAXPROCS(0) {
		go (&pathRunner{job: newJob(), like: t.e.out}).work(ctx, work)
	}
	var readErr error
	go func() {
		defer close(written)
		defer close(work)
		readErr = readBatches(ctx, in, t.e, func(b *pathBatch) bool {
			for _, ch := range []chan *pathBatch{work, written} {
				select {
				case ch <- b:
				case <-ctx.Done():
					return false
				}
			}
			return true
		})
	}()
	for b := range written {
		select {
		case <-b.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := b.write(t); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if readErr != nil {
		return t.note(nil, false, readErr)
	}
	return nil
}

// readBatches cuts the lists into batches. A name does not wait for the next: a batch is what is there.
func readBatches(ctx context.Context, in *mimeInput, e *env, send func(*pathBatch) bool) error {
	n := 0
	for _, list := range in.files {
		r, err := openInput(ctx, e, list)
		if err != nil {
			return err
		}
		defer r.Close()
		for names, err := range stream.Names(r, in.opt) {
			if err != nil {
				return err
			}
			for len(names) > 0 {
				k := min(len(names), pathBatchMax)
				if !send(&pathBatch{names: names[:k], first: n + 1, done: make(chan struct{})}) {
					return ctx.Err()
				}
				names, n = names[k:], n+k
			}
		}
	}
	return nil
}

// write writes what was made, and says what went wrong.
func (b *pathBatch) write(t *messageTally) error {
	if _, err := t.e.out.Write(b.out.Bytes()); err != nil {
		return err
	}
	if t.e.out.tty {
		if err := t.e.out.Flush(); err != nil {
			return err
		}
	}
	t.done += len(b.names) - len(b.results)
	for _, r := range b.results {
		m := &stream.Message{Index: r.index, Name: r.name}
		if err := t.note(m, r.negative, r.err); err != nil {
			return err
		}
	}
	return nil
}

// pathRunner does the job for batches, one file after the other.
type pathRunner struct {
	job  messageJob
	like *output // whose manner the outputs have
	path stream.Path
}

func (r *pathRunner) work(ctx context.Context, batches <-chan *pathBatch) {
	for b := range batches {
		r.run(ctx, b)
		close(b.done)
	}
}

func (r *pathRunner) run(ctx context.Context, b *pathBatch) {
	out := &output{w: bufio.NewWriterSize(&b.out, 4<<10), tty: r.like.tty, end: r.like.end}
	for i, name := range b.names {
		if ctx.Err() != nil {
			break
		}
		r.path.Reset(name, b.first+i)
		negative, err := r.job.message(&r.path.Message, out)
		if negative || err != nil {
			b.results = append(b.results, pathResult{b.first + i, name, negative, err})
		}
	}
	r.path.Reset("", 0)
	out.Flush() // to memory: cannot fail
}
