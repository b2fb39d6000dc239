package main

import (
	"context"
	"slices"
	"time"
)

// workDirect sends the letters that are ready, one at a time, each to the hosts of its recipients. It is what work is for
// a relay. Letters that --retry will try again wait for their time while others go out.
func (t *streaming) workDirect(ctx context.Context) {
	w := &worker{streaming: t}
	ready := t.ready
	for ready != nil || len(w.later) > 0 {
		var due <-chan time.Time
		stopped := t.reading.Done()
		if len(w.later) > 0 {
			due = time.After(time.Until(w.later[0].due))
		} else {
			stopped = nil // the channel ready is closed then
		}
		select {
		case c, ok := <-ready:
			if !ok {
				ready = nil
				continue
			}
			w.sendDirect(ctx, c)
		case <-due:
			c := w.later[0]
			w.later = w.later[1:]
			w.sendDirect(ctx, c)
		case <-stopped:
			for _, c := range w.later {
				w.finish(c, nil)
			}
			w.later = nil
		}
	}
}

// sendDirect sends one letter, and settles it or keeps it for another try.
func (w *worker) sendDirect(ctx context.Context, c *consignment) {
	later, err := w.mta.attempt(ctx, c.envelope, c.letter, c.delivery)
	c.left = later
	w.wait = min(firstWait<<min(c.delivery.Attempts-1, 6), longestWait)
	if len(later) == 0 || !w.mayRetry(c) {
		w.finish(c, err)
		return
	}
	c.envelope.To = recipientsOf(later)
	c.due = time.Now().Add(w.wait)
	w.later = append(w.later, c)
	slices.SortFunc(w.later, func(a, b *consignment) int { return a.due.Compare(b.due) })
}
