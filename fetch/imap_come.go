package fetch

import (
	"context"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
	"posta/fetch/store"
)

// fetched reads what was fetched of all that is wanted, and looks whether it came.
func (j *folderJob) fetched(ctx context.Context, w *imapWorker, box *imap.Selected) error {
	if _, _, err := j.receive(ctx, w, j.turn.fetches[0]); err != nil {
		return err
	}
	there, err := j.there(w)
	if err != nil || j.phase == phaseDone {
		return err
	}
	j.begin(box, there)
	for _, uid := range members(subtract(intersect(w.Named, j.turn.want), there)) {
		j.missed(w, uid)
	}
	return j.goOn(ctx, w, box, there)
}

// begin notes up to where all messages will be known.
func (j *folderJob) begin(box *imap.Selected, there goimap.UIDSet) {
	switch {
	case j.next != 0:
	case box.UIDNext != 0:
		j.next = box.UIDNext
	case len(there) > 0:
		j.next = there[len(there)-1].Stop + 1
	}
}

// there is what the search of the turn found.
func (j *folderJob) there(w *imapWorker) (goimap.UIDSet, error) {
	found, err := j.turn.search.Wait()
	if err == nil && j.turn.large != nil {
		_, err = j.turn.large.Wait()
	}
	if err != nil {
		refused := refusal(w.client, err)
		if refused == nil {
			return nil, err
		}
		return nil, j.giveUp(w, refused)
	}
	return found.UIDs(), nil
}

// goOn asks for what is there and did not come.
func (j *folderJob) goOn(ctx context.Context, w *imapWorker, box *imap.Selected, there goimap.UIDSet) error {
	j.todo = j.open(w.State.without(j.box, intersect(there, j.turn.want)))
	if len(j.todo) > 0 {
		j.phase = phaseSingly
		return nil
	}
	return j.complete(ctx, w, box)
}

// searched knows now which messages there are to be fetched.
func (j *folderJob) searched(ctx context.Context, w *imapWorker, box *imap.Selected) error {
	there, err := j.there(w)
	if err != nil || j.phase == phaseDone {
		return err
	}
	j.begin(box, there)
	if uids := j.uids(w.IMAP); uids != nil && !uids.Dynamic() {
		for _, uid := range members(subtract(w.Named, there)) {
			j.missed(w, uid)
		}
		there = intersect(there, uids)
	}
	j.tooLarge(w)
	if j.todo = j.open(w.State.without(j.box, there)); w.Single && size(j.todo) > 1 {
		return ErrMany
	}
	switch {
	case w.DryRun:
		j.wouldGet(w)
	case len(j.todo) == 0:
		return j.complete(ctx, w, box)
	case j.lone:
		j.phase = phaseSingly
	default:
		j.phase = phaseFetch
	}
	return w.settle(false)
}

// wouldGet ends a folder of a dry run.
func (j *folderJob) wouldGet(w *imapWorker) {
	for _, uid := range members(j.todo) {
		w.queue = append(w.queue, expected{job: j, uid: uid, receipt: store.Failed(nil)})
	}
	j.phase = phaseDone
}

// tooLarge tells what stays where it is.
func (j *folderJob) tooLarge(w *imapWorker) {
	if j.turn.large == nil {
		return
	}
	found, _ := j.turn.large.Wait()
	set := found.UIDs()
	if uids := j.uids(w.IMAP); uids != nil && !uids.Dynamic() {
		set = intersect(set, uids)
	}
	set = subtract(w.State.without(j.box, set), j.told)
	j.told.AddSet(set)
	for _, uid := range members(set) {
		w.queue = append(w.queue, expected{job: j, uid: uid, left: true, receipt: store.Failed(nil)})
	}
}

// members are those of a set that the server says it has, or that was named: it has an end.
func members(set goimap.UIDSet) []goimap.UID {
	list, _ := set.Nums()
	return list
}

// fetchedSingly reads what came of what was missing. The server's reason belongs to the one that was asked for alone.
func (j *folderJob) fetchedSingly(ctx context.Context, w *imapWorker, box *imap.Selected) error {
	t := &j.turn
	reasons := make([]error, len(t.asked))
	for i, f := range t.fetches {
		refused, came, err := j.receive(ctx, w, f)
		switch {
		case err != nil:
			return err
		case i >= len(t.asked):
			j.scattered = came == 0
		case refused != nil:
			reasons[i] = refused
		default:
			reasons[i] = ErrNoContent
		}
	}
	there, err := j.there(w)
	if err != nil || j.phase == phaseDone {
		return err
	}
	for i, uid := range t.asked {
		switch {
		case j.taken.Contains(uid) || j.failed.Contains(uid):
		case there.Contains(uid):
			j.refuse(w, uid, reasons[i])
		case w.Named.Contains(uid):
			j.missed(w, uid)
		}
	}
	return j.goOn(ctx, w, box, there)
}

// refuse gives a message up, for this run.
func (j *folderJob) refuse(w *imapWorker, uid goimap.UID, err error) {
	j.failed.AddNum(uid)
	w.queue = append(w.queue, expected{job: j, uid: uid, receipt: store.Failed(err)})
}

// missed tells of a message that was named and is not there.
func (j *folderJob) missed(w *imapWorker, uid goimap.UID) {
	if !j.taken.Contains(uid) && !j.failed.Contains(uid) {
		j.absent.AddNum(uid)
		j.refuse(w, uid, ErrGone)
	}
}
