package fetch

import (
	"context"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
	"posta/fetch/store"
)

// expected is what is to be told in its turn: of a message that is not durable yet, or that did not come, or of a folder.
type expected struct {
	job     *folderJob
	uid     goimap.UID
	receipt *store.Receipt
	left    bool
	all     bool // the folder is done: the state may say so
}

// settle tells what has become of those at the head of the queue; of all, when all is true. The error is that of a store that
// could not keep one.
func (w *imapWorker) settle(all bool) (err error) {
	for len(w.queue) > 0 {
		e := w.queue[0]
		if !settled(e.receipt, all) {
			return err
		}
		w.queue = w.queue[1:]
		if told := w.settleOne(&e, err != nil); err == nil {
			err = told
		}
	}
	return err
}

func (w *imapWorker) settleOne(e *expected, failed bool) error {
	if e.all {
		if failed {
			return nil
		}
		if err := w.State.complete(e.job.box, e.job.next, e.job.left()); err != nil {
			return &store.WriteError{Err: err}
		}
		return nil
	}
	err := e.receipt.Err()
	w.tell(&Arrival{Folder: e.job.Name, UID: e.uid, Path: e.receipt.Path, Size: e.receipt.Size, Left: e.left, Err: err})
	if unkept(err) {
		return err
	}
	return nil
}

// left are the messages below next that are there and did not come.
func (j *folderJob) left() goimap.UIDSet {
	set := subtract(j.failed, j.absent)
	return subtract(set, goimap.UIDSet{{Start: max(1, j.next), Stop: lastUID}})
}

// complete ends the fetching of a folder.
func (j *folderJob) complete(ctx context.Context, w *imapWorker, box *imap.Selected) error {
	if j.uids(w.IMAP) == nil && w.Query == nil && w.MaxSize == 0 && len(w.Sections) == 0 && j.next != 0 {
		w.queue = append(w.queue, expected{job: j, all: true, receipt: store.Failed(nil)})
	}
	if len(w.Flags) > 0 && len(j.taken) > 0 {
		j.phase = phaseFlag
		return w.flush(ctx)
	}
	j.tidy(w, box.NumMessages)
	return w.settle(false)
}

// flush makes all durable that is stored.
func (w *imapWorker) flush(ctx context.Context) error {
	if err := w.store.Flush(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	return w.settle(true)
}

// tidy ends a folder, unless the state remembers much that is gone.
func (j *folderJob) tidy(w *imapWorker, messages uint32) {
	j.phase = phaseDone
	if w.State.excess(j.box, messages) {
		j.phase = phasePrune
	}
}

func (j *folderJob) flagged(w *imapWorker) error {
	j.phase = phaseDone
	if _, err := j.turn.store.Wait(); err != nil {
		refused := refusal(w.client, err)
		if refused == nil {
			j.phase = phaseFlag
			return err
		}
		return j.giveUp(w, refused)
	}
	var flags store.Flags
	for _, f := range w.Flags {
		flags |= store.ParseFlag(string(f))
	}
	if err := w.State.added(j.box, subtract(j.taken, j.failed), flags); err != nil {
		return &store.WriteError{Err: err}
	}
	return nil
}

func (j *folderJob) pruned(w *imapWorker) error {
	there, err := j.there(w)
	if err != nil || j.phase == phaseDone {
		return err
	}
	j.phase = phaseDone
	if err := w.State.prune(j.box, there); err != nil {
		return &store.WriteError{Err: err}
	}
	return nil
}
