package fetch

import (
	"context"

	"posta/fetch/imap"
	"posta/fetch/store"
)

// answer reads what the server said in the folder's turn. The error is one that ends the
// connection's work.
func (j *folderJob) answer(ctx context.Context, w *imapWorker) error {
	box, err := j.turn.selected.Wait()
	if err != nil {
		return j.unselected(w, err)
	}
	if same, err := j.sameUIDs(w, &box); err != nil || !same {
		if err == nil {
			err = j.renumbered(ctx, w, &box)
		}
		return err
	}
	j.validity = box.UIDValidity
	if err := j.readFlags(ctx, w, &box); err != nil {
		return err
	}
	if err := j.goOnFrom(ctx, w, &box); err != nil {
		return err
	}
	if err := j.carry(ctx, w, &box); err != nil {
		return err
	}
	if j.phase == phaseDone && j.mirrors(w) {
		j.phase = phaseMirror
	}
	return nil
}

// goOnFrom does what the phase's answers are for, and decides on the next phase.
func (j *folderJob) goOnFrom(ctx context.Context, w *imapWorker, box *imap.Selected) error {
	switch j.phase {
	case phaseBegin, phaseFetch:
		return j.fetched(ctx, w, box)
	case phaseSearch:
		return j.searched(ctx, w, box)
	case phaseSingly:
		return j.fetchedSingly(ctx, w, box)
	case phaseHeaders:
		return j.compared(w, box)
	case phaseFlag:
		return j.flagged(w)
	case phasePrune:
		return j.pruned(w)
	}
	j.phase = phaseDone
	return nil
}

// sameUIDs says whether the mailbox's UIDs are those that are known of it. RFC 9051 §2.3.1.1: otherwise UIDVALIDITY differs, and
// UIDNEXT never becomes less.
func (j *folderJob) sameUIDs(w *imapWorker, box *imap.Selected) (bool, error) {
	if j.phase == phaseHeaders {
		return true, nil
	}
	same, err := w.State.known(j.box, box.UIDValidity)
	if err != nil {
		return false, &store.WriteError{Err: err}
	}
	return same && (j.validity == 0 || j.validity == box.UIDValidity) && (box.UIDNext == 0 || box.UIDNext >= j.box.next), nil
}

// unselected ends a folder that cannot be selected. What was sent behind it may concern any other.
func (j *folderJob) unselected(w *imapWorker, err error) error {
	if err := j.discard(w); err != nil {
		return err
	}
	refused := refusal(w.client, err)
	if refused == nil {
		return err
	}
	return j.giveUp(w, refused)
}

// giveUp ends a folder.
func (j *folderJob) giveUp(w *imapWorker, err error) error {
	j.phase, j.mirror.done = phaseDone, true
	w.queue = append(w.queue, expected{job: j, receipt: store.Failed(err)})
	return w.settle(false)
}

// discard reads what was asked for and is of no use.
func (j *folderJob) discard(w *imapWorker) error {
	fetches := j.turn.fetches
	if f := j.turn.mirror.flags; f != nil {
		fetches = append([]*imap.Fetch{f}, fetches...)
	}
	for _, f := range fetches {
		for _, err := range f.Messages() {
			if err != nil && w.client.Broken() {
				return err
			}
		}
	}
	for _, p := range []*imap.Pending[imap.Found]{j.turn.search, j.turn.large, j.turn.mirror.list} {
		if p != nil {
			if _, err := p.Wait(); err != nil && w.client.Broken() {
				return err
			}
		}
	}
	if j.turn.store != nil {
		if _, err := j.turn.store.Wait(); err != nil && w.client.Broken() {
			return err
		}
	}
	return nil
}
