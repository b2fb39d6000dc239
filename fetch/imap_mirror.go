package fetch

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
	"posta/fetch/store"
)

// Mirror says what is carried to the store of that which has changed on the server since messages were stored.
//
// Nothing is guessed. A message is gone when the server has listed all of a folder, to the end, as many as it says there are,
// and that one is not among them. Flags have changed when they differ from those that the server told last; only these
// change in the store, so that what other programs have marked there stays. What has no file any more is no error.
//
// It takes no turn of the wire more: the flags that changed (CONDSTORE, RFC 7162; without it all of them) and the
// list of UIDs come with what is new. QRESYNC is not used: that list is short, and does not depend on what the server remembers.
type Mirror struct {
	Kept      *store.Kept // where the files are; of the same store as IMAP.Stores
	Flags     bool        // for a Maildir alone
	Deletions bool
}

// Change is what became of the file of a message that had come before.
type Change string

// The changes.
const (
	FlagsChanged Change = "flags"
	FileRemoved  Change = "deleted"
)

// unfollowed is why nothing can be deleted, or followed at all.
func unfollowed(why string) error { return fmt.Errorf("%w: %s", imap.ErrProtocol, why) }

// mirrorJob is what a folder's turns bring of changes.
type mirrorJob struct {
	done    bool
	tries   int  // turns that brought no complete answer
	all     bool // the flags of all are asked for, not only those that changed
	listed  bool // UIDs are listed, though they are many ranges
	noFlags bool // the server refuses to tell them
	modSeq  uint64
	last    goimap.UID // the greatest so far whose flags came
	changes []flagChange
}

// mirrorTurn is the commands of one turn that tell of changes.
type mirrorTurn struct {
	asked   bool
	flags   *imap.Fetch
	list    *imap.Pending[imap.Found] // of all UIDs
	counted bool                      // instead of that, their number is to tell
	refused bool                      // flags were
}

// mostTries is how often a folder's changes are asked for.
const mostTries = 3

// mirrors says whether changes are still to be asked for.
func (j *folderJob) mirrors(w *imapWorker) bool { return w.Mirror != nil && !j.mirror.done }

// condStore says whether the server knows what changed.
func (w *imapWorker) condStore() bool {
	return w.client.Caps().Has(goimap.CapCondStore) || w.client.Caps().Has(goimap.CapQResync)
}

// askFlags asks for flags, before all other FETCHes of the turn: all of the answer comes while that is read.
func (j *folderJob) askFlags(w *imapWorker) {
	last, modSeq := w.State.carried(j.box)
	if !w.Mirror.Flags || j.mirror.noFlags || last == 0 {
		return
	}
	opt := imap.FetchOptions{FetchOptions: goimap.FetchOptions{UID: true, Flags: true}}
	if w.condStore() && !j.mirror.all {
		opt.ChangedSince = modSeq
	}
	j.turn.mirror.flags = w.client.Fetch(goimap.UIDSet{{Start: 1, Stop: last}}, opt)
}

// mostListed is how many ranges of UIDs are listed without need. With more, the number of messages says first whether any is gone.
const mostListed = 4096

// askList asks for all UIDs, for what is gone, unless the turn has that already.
func (j *folderJob) askList(w *imapWorker) {
	t := &j.turn.mirror
	if !t.asked || t.list != nil || !w.Mirror.Deletions {
		return
	}
	ranges := w.State.ranges(j.box)
	counts := j.phase == phaseBegin && w.UIDs == nil && !j.mirror.listed
	if t.counted = counts && ranges > mostListed; ranges > 0 && !t.counted {
		t.list = w.client.Search(imap.Raw(), imap.SearchOptions{})
	}
}

// readFlags reads which flags have changed. Servers answer several FETCHes side by side, and so what is new may come in between.
func (j *folderJob) readFlags(ctx context.Context, w *imapWorker, box *imap.Selected) error {
	j.mirror.changes, j.mirror.last, j.mirror.modSeq = nil, 0, box.HighestModSeq
	if j.turn.mirror.flags == nil {
		return nil
	}
	refused, _, err := j.receive(ctx, w, j.turn.mirror.flags)
	if refused != nil && err == nil {
		return j.flagsRefused(w, refused)
	}
	return err
}

// noteFlags keeps what has changed, of a message that came without content. What comes later of the same message counts, though
// it be that nothing has.
func (j *folderJob) noteFlags(w *imapWorker, m *imap.Message) {
	if !j.turn.mirror.asked || !m.HasFlags {
		return
	}
	c, ok := w.State.change(j.box, m.UID, flagsOf(m))
	if !ok {
		return
	}
	if job := &j.mirror; !c.none() || m.UID <= job.last {
		if job.changes = append(job.changes, c); len(job.changes) == cap(job.changes) {
			job.changes = latest(job.changes) // there is one of each message that is stored, at most
		}
	}
	j.mirror.last = max(j.mirror.last, m.UID)
}

// latest are the last changes of each message, in the order of UIDs.
func latest(changes []flagChange) []flagChange {
	slices.SortStableFunc(changes, func(a, b flagChange) int { return cmp.Compare(a.uid, b.uid) })
	kept := changes[:0]
	for i, c := range changes {
		if i+1 == len(changes) || changes[i+1].uid != c.uid {
			kept = append(kept, c)
		}
	}
	return kept
}

// flagsRefused asks for all flags where the server does not tell which have changed.
func (j *folderJob) flagsRefused(w *imapWorker, refused error) error {
	if !j.mirror.all && w.condStore() {
		j.mirror.all, j.turn.mirror.refused = true, true
		return nil
	}
	j.mirror.noFlags = true
	return j.unmirrored(w, refused)
}

// unmirrored tells that changes of a folder cannot be known.
func (j *folderJob) unmirrored(w *imapWorker, err error) error {
	w.queue = append(w.queue, expected{job: j, receipt: store.Failed(err)})
	return w.settle(false)
}

// carry carries to the store what the turn told of changes. What is not known yet is asked for again.
func (j *folderJob) carry(ctx context.Context, w *imapWorker, box *imap.Selected) error {
	if !j.turn.mirror.asked || j.mirror.done {
		return nil
	}
	if box.UIDValidity == 0 || box.UIDNotSticky {
		j.mirror.done = true
		return j.unmirrored(w, unfollowed("its UIDs do not last, and nothing of what has come can be followed"))
	}
	gone, listed, err := j.gone(w, box)
	if err != nil {
		return err
	}
	j.mirror.tries++
	if known := j.flagsKnown(w, box); j.mirror.tries < mostTries && !(known && listed) {
		return nil
	}
	j.mirror.done = true
	if !listed {
		if err := j.unmirrored(w, unfollowed("it does not list all messages, and nothing is deleted")); err != nil {
			return err
		}
	}
	return j.update(ctx, w, gone)
}

// flagsKnown says whether all flags that changed are known. A MODSEQ that is less than it was, or none, is another count.
func (j *folderJob) flagsKnown(w *imapWorker, box *imap.Selected) bool {
	_, known := w.State.carried(j.box)
	switch {
	case j.turn.mirror.refused:
		return false
	case j.turn.mirror.flags != nil && w.condStore() && !j.mirror.all && box.HighestModSeq < known:
		j.mirror.all = true
		return false
	}
	return true
}

// gone is what is stored and not listed any more. Listed is false where that cannot be said: the numbers do not agree.
func (j *folderJob) gone(w *imapWorker, box *imap.Selected) (gone goimap.UIDSet, listed bool, err error) {
	if j.turn.mirror.counted {
		j.mirror.listed = !j.allThere(w, box)
		return nil, !j.mirror.listed, nil
	}
	if j.turn.mirror.list == nil {
		return nil, true, nil
	}
	found, err := j.turn.mirror.list.Wait()
	if err != nil {
		refused := refusal(w.client, err)
		if refused == nil {
			return nil, false, err
		}
		return nil, true, j.unmirrored(w, refused)
	}
	there := found.UIDs()
	j.turn.mirror.list, j.turn.search = nil, nil // they are large, perhaps
	_, now := w.client.Selected()
	if n := size(there); n != uint64(box.NumMessages) && n != uint64(now) {
		return nil, false, nil
	}
	return subtract(subtract(w.State.stored(j.box), there), j.taken), true, nil
}

// allThere says whether a folder has as many messages as are stored and, with those that the turn's search found, are not.
func (j *folderJob) allThere(w *imapWorker, box *imap.Selected) bool {
	found, err := j.turn.search.Wait()
	stored := subtract(w.State.stored(j.box), j.taken)
	return err == nil && size(stored)+size(subtract(found.UIDs(), stored)) == uint64(box.NumMessages)
}
