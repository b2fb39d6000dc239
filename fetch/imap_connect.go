package fetch

import (
	"context"
	"time"

	"posta/fetch/imap"
	"posta/fetch/store"
)

const (
	fruitless      = 5                // connections in a row that brought nothing, before the download is given up
	firstPause     = time.Second      // before a connection is made anew; twice as long each time
	throttledPause = 10 * time.Second // the same, where the server asks for fewer
	longestPause   = time.Minute
	mostBlamed     = 10 // messages that are given up since they end connections
	mostInVain     = 2  // of them, with nothing that comes after
)

// imapWorker is a connection of a run, and its store.
type imapWorker struct {
	*imapRun
	store  store.Store
	client *imap.Client
	unread func() // ends the watching of the context
	queue  []expected
	jobs   []*folderJob // not done yet
	taken  int          // messages that have come
	before int          // of them, when the connection was made
	met    bool         // the server has been reached once
	blamed int          // messages that ended connections
	inVain int          // of them, since a message came: it is the connection, then
	lost   int          // connections in a row that brought nothing
	buf    []byte       // of headers
}

// run downloads what the queue has, over one connection after the other, and settles what it has stored.
func (w *imapWorker) run(ctx context.Context) error {
	err := w.connections(ctx)
	if w.client != nil {
		w.client.Close() // nothing depends on LOGOUT's answer
		w.unread()
	}
	if flushErr := w.store.Flush(context.WithoutCancel(ctx)); err == nil {
		err = flushErr
	}
	if settled := w.settle(true); err == nil {
		err = settled
	}
	return err
}

func (w *imapWorker) connections(ctx context.Context) error {
	for {
		if len(w.jobs) == 0 {
			if w.jobs = w.imapRun.take(); len(w.jobs) == 0 {
				return nil
			}
		}
		err := w.round(ctx)
		if err == nil {
			continue
		}
		if err := w.again(ctx, err); err != nil {
			return err
		}
	}
}

// round is one turn with all folders under way.
func (w *imapWorker) round(ctx context.Context) error {
	if w.client == nil {
		client, err := w.Dial(ctx)
		if err != nil {
			return err
		}
		w.client, w.unread, w.before = client, client.Watch(ctx), w.taken
		w.met = true
	}
	for _, j := range w.jobs {
		if err := j.ask(w); err != nil {
			return err
		}
	}
	for range len(w.jobs) {
		j := w.jobs[0]
		if err := j.answer(ctx, w); err != nil {
			return err
		}
		if w.jobs = w.jobs[1:]; j.phase != phaseDone {
			w.jobs = append(w.jobs, j)
		}
	}
	return nil
}

// tell hands an arrival out.
func (w *imapWorker) tell(a *Arrival) { w.arrivals <- a }
