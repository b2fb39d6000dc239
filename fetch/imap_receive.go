package fetch

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"posta/fetch/imap"
	"posta/fetch/store"
)

// receive takes the messages of a FETCH. Refused is the server's NO, came how many were stored.
func (j *folderJob) receive(ctx context.Context, w *imapWorker, f *imap.Fetch) (refused error, came int, err error) {
	before := w.taken
	for {
		m, err := f.Next()
		if err != nil {
			if r := refusal(w.client, err); r != nil {
				return r, w.taken - before, nil
			}
			return nil, 0, j.broken(err)
		}
		if m == nil {
			return nil, w.taken - before, nil
		}
		if err := j.message(ctx, w, m); err != nil {
			return nil, 0, err
		}
		if err := w.settle(false); err != nil {
			return nil, 0, err
		}
	}
}

// message stores one, if it was asked for and has content. The error is one that ends the connection's work.
func (j *folderJob) message(ctx context.Context, w *imapWorker, m *imap.Message) error {
	if j.phase == phaseDone { // given up
		return nil
	}
	r := &imapReader{j: j, w: w, m: m}
	ok, err := r.content()
	j.reading = m.UID
	if err != nil || !ok {
		if err == nil {
			j.reading = 0
			j.noteFlags(w, m)
		}
		return j.broken(err)
	}
	receipt, err := w.store.Put(ctx, r.message())
	var exit *store.ExitError
	switch {
	case err == nil:
		j.taken.AddNum(r.key.uid)
		w.taken++
		w.queue = append(w.queue, expected{job: j, uid: r.key.uid, receipt: receipt})
	case r.err == errUnwanted:
	case r.err != nil:
		return j.broken(r.err)
	case errors.As(err, &exit):
		j.refuse(w, m.UID, err)
	case noFolder(err):
		return j.giveUp(w, errors.Unwrap(err))
	default:
		return err
	}
	j.reading = 0
	return nil
}

// noFolder says whether the store cannot have this folder, though it may have others.
func noFolder(err error) bool {
	for _, known := range []error{store.ErrFolderName, store.ErrFolders, fs.ErrExist, syscall.ENOTDIR, syscall.ENAMETOOLONG} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// broken is what ended the connection while content came.
func (j *folderJob) broken(err error) error {
	if err == nil {
		return nil
	}
	var known *imap.Error
	if errors.As(err, &known) {
		named := *known
		named.Mailbox = j.Name
		return &named
	}
	return &imap.Error{Command: "UID FETCH", Mailbox: j.Name, Err: err}
}
