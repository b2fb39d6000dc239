package fetch

import (
	"context"
	"errors"
	"os"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
	"posta/fetch/store"
)

// again decides whether the download goes on after err, and waits before it does. What was under way is asked for anew.
func (w *imapWorker) again(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return causeOf(ctx)
	}
	throttled, worth := retriable(err)
	if !w.met || !worth || w.Single {
		return err
	}
	if w.taken > w.before {
		w.lost = 0
	}
	if w.lost++; errors.Is(err, os.ErrDeadlineExceeded) {
		w.lost++ // who has waited so long does not want to five times more
	}
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
		return causeOf(ctx)
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
