package fetch

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/store"
)

// fileUpdate is the change of a folder's files.
type fileUpdate struct {
	j       *folderJob
	w       *imapWorker
	folder  *store.KeptFolder
	tag     store.Tag // of the mailbox
	gone    goimap.UIDSet
	changes []flagChange
	passed  map[string]bool     // files that cannot be renamed, since there is one of the new name
	found   map[goimap.UID]bool // messages that have a file; nil where they are too many
	prints  filePrints
}

// fileEdit is what becomes of a file.
type fileEdit struct {
	file   store.File
	remove bool
	flags  store.Flags
}

// update gives files the flags that changed, and removes those of what is gone. What was done is noted when it is durable; a run
// that is ended before does it again.
func (j *folderJob) update(ctx context.Context, w *imapWorker, gone goimap.UIDSet) error {
	u := &fileUpdate{j: j, w: w, gone: gone, changes: latest(j.mirror.changes), passed: map[string]bool{}}
	j.mirror.changes = nil
	u.changes = slices.DeleteFunc(u.changes, func(c flagChange) bool { return c.none() })
	if len(u.gone)+len(u.changes) > 0 {
		all, err := u.run(ctx)
		if err != nil || !all {
			return err
		}
	}
	if w.DryRun {
		return nil
	}
	if w.Mirror.Flags && !j.mirror.noFlags {
		if err := w.State.follow(j.box, u.changes, j.mirror.modSeq); err != nil {
			return &store.WriteError{Err: err}
		}
	}
	if err := w.State.gone(j.box, gone); err != nil {
		return &store.WriteError{Err: err}
	}
	return nil
}

// editsAtOnce are files between two looks into the folder, and two syncs of it.
const editsAtOnce = 8 << 10

// prepare opens the folder, and notes what is going to be done.
func (u *fileUpdate) prepare(ctx context.Context) (err error) {
	if u.folder, err = u.w.Mirror.Kept.Folder(u.j.Path); err != nil {
		return err
	}
	u.tag = u.w.State.tagOf(u.j.box, u.j.validity, 1)
	if !u.w.State.tagged(u.j.box) {
		if err := u.adopt(ctx); err != nil {
			return err
		}
	}
	if u.wanted() <= editsAtOnce {
		u.found = make(map[goimap.UID]bool, u.wanted())
	}
	if u.w.DryRun {
		return nil
	}
	if err := u.w.State.touch(u.j.box, u.changes); err != nil {
		return &store.WriteError{Err: err}
	}
	return nil
}

// wanted is how many messages have files that are to be changed.
func (u *fileUpdate) wanted() uint64 { return size(u.gone) + uint64(len(u.changes)) }

// run changes files, until a look into the folder finds none that is to be changed. It is false where other programs move them
// faster.
func (u *fileUpdate) run(ctx context.Context) (all bool, err error) {
	if err := u.prepare(ctx); err != nil {
		return false, err
	}
	for vain := 0; vain < mostTries; {
		if ctx.Err() != nil {
			return false, causeOf(ctx)
		}
		edits, err := u.look()
		if err != nil || len(edits) == 0 {
			return err == nil, err
		}
		n, err := u.apply(edits)
		switch {
		case err != nil:
			return false, err
		case n == len(edits) && uint64(len(u.found)) == u.wanted():
			return true, nil // nothing was missed
		case n == 0:
			vain++
		}
	}
	return false, nil
}

// look finds files that are to be changed. A dry run tells all of them.
func (u *fileUpdate) look() (edits []fileEdit, err error) {
	for file, err := range u.folder.Files() {
		if err != nil {
			return nil, err
		}
		e, ok := u.edit(file)
		switch {
		case !ok || u.passed[file.Path()]:
		case u.w.DryRun:
			u.tell(&e, nil)
		default:
			edits = append(edits, e)
		}
		if len(edits) == editsAtOnce {
			break
		}
	}
	return edits, nil
}

// edit says what is to become of a file; nothing, where ok is false.
func (u *fileUpdate) edit(file store.File) (e fileEdit, ok bool) {
	uid := goimap.UID(file.Tag.UID)
	if !u.owns(file) {
		return e, false
	}
	if u.gone.Contains(uid) {
		u.seen(uid)
		return fileEdit{file: file, remove: true}, true
	}
	i, ok := slices.BinarySearchFunc(u.changes, uid, func(c flagChange, uid goimap.UID) int { return cmp.Compare(c.uid, uid) })
	if !ok {
		return e, false
	}
	u.seen(uid)
	c := u.changes[i]
	flags := c.on(file.Flags)
	return fileEdit{file: file, flags: flags}, flags != file.Flags
}

func (u *fileUpdate) seen(uid goimap.UID) {
	if u.found != nil {
		u.found[uid] = true
	}
}

// owns says whether a file is of the message whose UID it is called after. In a dir the content has to say so, too.
func (u *fileUpdate) owns(file store.File) bool {
	if file.Tag.Mailbox != "" {
		return file.Tag.Mailbox == u.tag.Mailbox && file.Tag.Validity == u.tag.Validity
	}
	uid := goimap.UID(file.Tag.UID)
	if !u.gone.Contains(uid) {
		return false
	}
	p, ok := u.w.State.printOf(u.j.box, uid)
	return ok && slices.Contains(u.prints.of(file.Path()), p)
}

// apply changes files, and tells it when it is durable. N are those that were there.
func (u *fileUpdate) apply(edits []fileEdit) (n int, err error) {
	var failed *fileEdit
	done := edits[:0]
	for _, e := range edits {
		switch err = u.change(&e); {
		case errors.Is(err, fs.ErrNotExist): // it has another name by now
			err = nil
		case errors.Is(err, fs.ErrExist):
			u.passed[e.file.Path()], err = true, nil
			n++
		case err == nil:
			done = append(done, e)
			n++
		}
		if err != nil {
			err, failed = &store.WriteError{Err: err}, &e
			break
		}
	}
	if synced := u.folder.Sync(); synced != nil {
		return n, synced
	}
	for i := range done {
		u.tell(&done[i], nil)
	}
	if failed != nil {
		u.tell(failed, err)
	}
	return n, err
}

func (u *fileUpdate) change(e *fileEdit) error {
	if e.remove {
		return u.folder.Remove(e.file)
	}
	changed, err := u.folder.Change(e.file, e.file.Tag, e.flags)
	if err == nil {
		e.file = changed
	}
	return err
}

func (u *fileUpdate) tell(e *fileEdit, err error) {
	a := &Arrival{Folder: u.j.Name, UID: goimap.UID(e.file.Tag.UID), Path: e.file.Path(), Change: FlagsChanged, Flags: e.flags, Err: err}
	if e.remove {
		a.Change, a.Flags = FileRemoved, 0
	}
	u.w.tell(a)
}
