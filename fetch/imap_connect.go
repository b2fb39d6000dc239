package fetch

import (
	"context"
	"errors"
	"time"

	goimap "github.com/emersion/go-imap/v2"

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

// again decides whether the download goes on after err, and waits before it does. What was under way is asked for anew.
func (w *imapWorker) again(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	throttled, worth := retriable(err)
	if !w.met || !worth || w.Single {
		return err
	}
	if w.taken > w.before {
		w.lost = 0
	}
	w.lost++
	if !throttled {
		w.blame(err)
	}
	if w.lost > fruitless {
		return err
	}
	w.disconnect()
	for _, j := range w.jobs {
		j.anew()
	}
	if err := w.settle(false); err != nil {
		return err
	}
	pause := firstPause
	if throttled {
		pause = throttledPause
	}
	var reply *imap.Error
	if errors.As(err, &reply) {
		pause = max(pause, reply.Backoff())
	}
	pause = min(pause<<(w.lost-1), w.longest())
	w.tell(&Arrival{Err: err, Pause: pause})
	return w.wait(ctx, pause)
}

// blame finds out which message ends connections, if it is one, and gives it up: three in a row ended in its content, or two
// when nothing but it was asked for.
func (w *imapWorker) blame(err error) {
	if w.client == nil || len(w.jobs) == 0 {
		return
	}
	j := w.jobs[0]
	uid, enough := j.reading, 3
	if j.phase == phaseSingly && j.lone {
		uid, enough = j.turn.asked[0], 2
	}
	switch {
	case w.taken > w.before:
		j.losses, w.inVain = 0, 0
	case uid == 0:
		j.lone = w.lost > 1
	case uid != j.suspect:
		j.losses = 0
	}
	j.suspect = uid
	if j.losses++; uid != 0 && j.losses >= enough && w.blamed < mostBlamed && w.inVain < mostInVain {
		w.blamed++
		w.inVain++
		w.lost, j.losses, j.lone = 1, 0, false
		j.refuse(w, uid, err)
	}
}

func (w *imapWorker) longest() time.Duration {
	if w.Pause > 0 {
		return w.Pause
	}
	return longestPause
}

func (w *imapWorker) wait(ctx context.Context, d time.Duration) error {
	if w.Wait != nil {
		return w.Wait(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (w *imapWorker) disconnect() {
	if w.client != nil {
		w.client.Close()
		w.unread()
		w.client = nil
	}
}

// retriable says whether another connection may do what this one did not, and whether the server asks for fewer commands.
func retriable(err error) (throttled, worth bool) {
	var write *store.WriteError
	var reply *imap.Error
	var temporary interface{ Temporary() bool }
	switch {
	case errors.As(err, &write):
		return false, false
	case errors.Is(err, imap.ErrProtocol): // of one message, perhaps
		return false, true
	case errors.As(err, &reply):
		return reply.Throttled(), reply.Temporary()
	case errors.As(err, &temporary):
		return false, temporary.Temporary()
	}
	return false, false
}

// refusal is the server's NO or BAD to a command, nil where err is of the connection, or of throttling.
func refusal(client *imap.Client, err error) *imap.Error {
	var reply *imap.Error
	if client.Broken() || !errors.As(err, &reply) || reply.Throttled() {
		return nil
	}
	switch reply.Type {
	case goimap.StatusResponseTypeNo, goimap.StatusResponseTypeBad:
		bare := *reply
		bare.Mailbox = "" // that which was selected when the command was made; the Arrival has the right one
		return &bare
	}
	return nil
}

// tell hands an arrival out.
func (w *imapWorker) tell(a *Arrival) { w.arrivals <- a }
