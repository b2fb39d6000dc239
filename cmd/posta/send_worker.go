package main

import (
	"context"
	"sync"
	"time"

	"posta/sendmail"
)

const (
	maxTries = 3  // connections that are lost over one letter
	maxLater = 64 // letters that one connection keeps for another try
)

// worker sends letters over one connection after the other.
type worker struct {
	*streaming
	backlog []*consignment // to be sent before others: what a lost connection left
	later   []*consignment // refused for now, with --retry
	careful bool           // the last connection was lost: one letter at a time, to find the one that it is lost over
	wait    time.Duration  // before later ones are tried again
	losses  losses
}

// work sends what is ready until there is no more.
func (t *streaming) work(ctx context.Context) {
	w := &worker{streaming: t, wait: firstWait}
	for w.next(ctx) {
		pause(w.reading, w.losses.rest()) // an interruption is seen by dial
		client, err := w.dial(ctx)
		if err != nil {
			w.giveUp(err)
			continue
		}
		w.session(ctx, client)
	}
}

// next makes sure that there is something to send before a connection is made. It is false at the end.
func (w *worker) next(ctx context.Context) bool {
	if len(w.backlog) > 0 {
		return true
	}
	if !w.full() {
		if c, ok := <-w.ready; ok {
			w.backlog = append(w.backlog, c)
			return true
		}
	}
	if len(w.later) == 0 {
		return false
	}
	if w.stopped() == nil && pause(w.reading, w.wait) == nil {
		w.wait = min(2*w.wait, longestWait)
	}
	w.backlog = w.takeLater()
	return true
}

// keep keeps a letter for another try.
func (w *worker) keep(c *consignment) {
	w.later = append(w.later, c)
	w.held.Add(c.weight)
}

func (w *worker) takeLater() []*consignment {
	later := w.later
	w.later = nil
	for _, c := range later {
		w.held.Add(-c.weight)
	}
	return later
}

// full says whether letters that wait for another try take up so much memory that they go before new ones: who waits for
// a new one could wait for ever, as there is no room to read it.
func (w *worker) full() bool { return len(w.later) > 0 && w.held.Load() > streamMemory/2 }

// dial connects. The first connection of a run has as long as --retry says; when one was lost, or others work, there
// is more patience.
func (w *worker) dial(ctx context.Context) (*sendmail.Client, error) {
	cfg := w.cfg
	if w.careful {
		cfg.Window = 1
	}
	patience := w.opt.retry
	if w.everSent.Load() {
		patience = max(patience, allowance)
	}
	deadline, wait := time.Now().Add(patience), firstWait
	for {
		if err := w.stopped(); err != nil {
			return nil, err
		}
		client, err := sendmail.Dial(ctx, cfg)
		if err == nil {
			w.connected.Add(1)
			w.everSent.Store(true)
			return client, nil
		}
		if w.connected.Load() > 0 { // the server has no room for one more
			deadline = time.Now().Add(patience)
		}
		if statusOf(err) != exitTempFail || time.Now().Add(wait).After(deadline) {
			return nil, err
		}
		w.announce(wait, nil, err)
		if pause(w.reading, wait) != nil {
			return nil, err
		}
		wait = min(2*wait, longestWait)
	}
}

// giveUp ends the run: without a connection nothing can be sent.
func (w *worker) giveUp(err error) {
	w.halt(err)
	for _, c := range append(w.backlog, w.takeLater()...) {
		if !inDoubt(c.delivery.err) {
			c.delivery.err = err
		}
		w.finish(c, c.delivery.err)
	}
	w.backlog = nil
}

// session sends over one connection until it has had its number of letters, is lost, or there is no more to send.
func (w *worker) session(ctx context.Context, client *sendmail.Client) {
	feed := newFeed(w.backlog, w.ready)
	w.backlog = nil
	limit := w.opt.perConnection
	if w.careful && (limit == 0 || limit > len(feed.first)) {
		limit = len(feed.first)
	}
	go feed.run()
	stop := sync.OnceValue(feed.stop)
	var again []*consignment
	var failure error
	for o := range client.Stream(ctx, feed.jobs, limit) {
		failure = o.Err
		w.losses.outcome(o.Err)
		if c := w.outcome(o); c != nil {
			again = append(again, c)
		}
		if w.full() {
			stop()
		}
	}
	if client.Broken() {
		w.losses.row++
	}
	w.connected.Add(-1)
	client.Close() // every letter has its reply, or the connection is lost
	w.backlog = append(w.resend(again), stop()...)
	if w.losses.tooMany() {
		w.giveUp(fail(exitTempFail, "%d connections were lost one after the other; the last: %w", maxLosses, failure))
	}
}

// resend settles the letter over which connections were lost too often. Only the first that was not answered, and
// those whose outcome is in doubt, may be the cause.
func (w *worker) resend(again []*consignment) (backlog []*consignment) {
	w.careful = false
	for i, c := range again {
		if i == 0 || inDoubt(c.delivery.err) {
			c.tries++
		}
		if c.tries == maxTries {
			w.finish(c, c.delivery.err)
			continue
		}
		w.careful = w.careful || c.tries == maxTries-1
		backlog = append(backlog, c)
	}
	return backlog
}
