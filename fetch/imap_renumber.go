package fetch

import (
	"context"
	"fmt"
	"io"

	"posta/fetch/imap"
	"posta/fetch/store"
)

// mostChanges is how often the UIDs of a folder may change in a run.
const mostChanges = 3

// renumbered begins a folder anew whose UIDs are others than those known: what is stored is found again by its header.
func (j *folderJob) renumbered(ctx context.Context, w *imapWorker, box *imap.Selected) error {
	if err := j.discard(w); err != nil {
		return err
	}
	if err := w.flush(ctx); err != nil {
		return err
	}
	*j = folderJob{Folder: j.Folder, box: j.box, phase: phaseHeaders, changes: j.changes + 1}
	switch {
	case j.changes > mostChanges:
		return j.giveUp(w, fmt.Errorf("%w: UIDVALIDITY changes all the time", imap.ErrProtocol))
	case w.State.stores(j.box):
		return nil
	}
	return j.rematch(w, box, nil)
}

// rematch goes on with what is known of the messages that are there now.
func (j *folderJob) rematch(w *imapWorker, box *imap.Selected, there []printed) error {
	if err := w.State.rematch(j.box, box.UIDValidity, there); err != nil {
		return &store.WriteError{Err: err}
	}
	j.phase = phaseBegin
	return nil
}

// compared reads the headers of all that is there now.
func (j *folderJob) compared(w *imapWorker, box *imap.Selected) error {
	var there []printed
	for m, err := range j.turn.fetches[0].Messages() {
		if err != nil {
			refused := refusal(w.client, err)
			if refused == nil {
				return j.broken(err)
			}
			return j.giveUp(w, refused)
		}
		p, ok, err := w.fingerprint(m)
		if err != nil {
			return j.broken(err)
		}
		if ok {
			there = append(there, p)
		}
	}
	return j.rematch(w, box, there)
}

// fingerprint is that of a message whose header comes.
func (w *imapWorker) fingerprint(m *imap.Message) (p printed, ok bool, err error) {
	h := headerPrint{buf: w.buf[:0]}
	for {
		lit, err := m.Next()
		switch {
		case err == io.EOF:
			w.buf = h.buf
			return printed{uid: m.UID, print: h.of(m.Size, 0)}, ok && m.UID != 0, nil
		case err != nil:
			return p, false, err
		case lit.NIL || ok:
			continue
		}
		for lit.Left() > 0 {
			chunk, err := lit.Chunk()
			if err != nil {
				return p, false, err
			}
			h.write(chunk)
		}
		ok = true
	}
}
