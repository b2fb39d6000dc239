package mxlookup

import (
	"context"
	"iter"
	"sync"
)

// Each calls look for every item of a sequence, up to jobs at a time, and yields what came of it in the order of
// the items. It reads ahead of what it yields by a fixed number of items, so that its memory is bounded and one slow
// look-up holds up few others. It ends early when ctx does, even while the sequence of items waits for input. Items are
// drawn by one goroutine; look is called from many.
func Each[In, Out any](ctx context.Context, items iter.Seq[In], jobs int, look func(context.Context, In) Out) iter.Seq[Out] {
	return func(yield func(Out) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		todo := make(chan *job[In, Out])
		order := make(chan *job[In, Out], readAhead*jobs)
		go distribute(ctx, items, jobs, todo, order, look)
		for {
			select {
			case j, ok := <-order:
				if !ok {
					return
				}
				if j.done.Wait(); !yield(j.out) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

// readAhead is how many items are under way or wait for an earlier one, for each job.
const readAhead = 16

type job[In, Out any] struct {
	in   In
	out  Out
	done sync.WaitGroup
}

// distribute hands the items to workers, which it starts as long as none is idle.
func distribute[In, Out any](ctx context.Context, items iter.Seq[In], jobs int, todo, order chan *job[In, Out], look func(context.Context, In) Out) {
	defer close(order)
	defer close(todo)
	workers := 0
	for in := range items {
		j := &job[In, Out]{in: in}
		j.done.Add(1)
		select {
		case order <- j:
		case <-ctx.Done():
			return
		}
		if workers < jobs {
			workers++
			go work(ctx, j, todo, look)
			continue
		}
		todo <- j
	}
}

// work does first and then what comes.
func work[In, Out any](ctx context.Context, first *job[In, Out], todo <-chan *job[In, Out], look func(context.Context, In) Out) {
	for j := first; j != nil; j = <-todo {
		j.out = look(ctx, j.in)
		j.done.Done()
	}
}
