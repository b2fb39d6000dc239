package fetch

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/store"
)

// adoption calls files after the UIDs of their messages that are not: those of an earlier version, and of an earlier
// UIDVALIDITY. They are found by their fingerprints. One that several messages or several files have tells nothing: these
// files are left as they are, and never changed.
type adoption struct {
	*fileUpdate
	free  []printed // that have no file yet, in the order of prints
	tags  []string  // of the mailbox, when its UIDs were other ones
	files []uint8   // how many files there are of each; 2: more than one
}

// adopt does so with all of a folder, and notes it. A dry run tells what would become of what it finds.
func (u *fileUpdate) adopt(ctx context.Context) error {
	a := &adoption{fileUpdate: u, tags: u.w.State.earlierTags(u.j.box)}
	if err := a.match(); err != nil {
		return err
	}
	whole := true
	for file, err := range a.folder.Files() {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return causeOf(ctx)
		}
		i, ok := a.candidate(file)
		if !ok || a.files[i] != 1 {
			continue
		}
		done, err := a.take(file, a.free[i].uid)
		if err != nil {
			return err
		}
		whole = whole && done
	}
	if err := a.folder.Sync(); err != nil || u.w.DryRun || !whole {
		return err
	}
	if err := u.w.State.tag(u.j.box); err != nil {
		return &store.WriteError{Err: err}
	}
	return nil
}

// take gives a file its tag; false, where another program was faster.
func (a *adoption) take(file store.File, uid goimap.UID) (bool, error) {
	tag := a.tag
	tag.UID = uint32(uid)
	if a.w.DryRun {
		file.Tag = tag
		if e, ok := a.edit(file); ok {
			a.fileUpdate.tell(&e, nil)
		}
		return false, nil
	}
	switch _, err := a.folder.Change(file, tag, file.Flags); {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrExist):
		return false, nil
	case err != nil:
		return false, &store.WriteError{Err: err}
	}
	return true, nil
}

// match finds out which messages have no file of their name, and how many files each of these may have.
func (a *adoption) match() error {
	all := a.w.State.prints(a.j.box)
	named := make([]bool, len(all))
	for file, err := range a.folder.Files() {
		if err != nil {
			return err
		}
		if i, ok := position(all, goimap.UID(file.Tag.UID)); ok && a.isNamed(file, all[i].print) {
			named[i] = true
		}
	}
	for i, p := range all {
		if !named[i] {
			a.free = append(a.free, p)
		}
	}
	slices.SortFunc(a.free, func(x, y printed) int { return bytes.Compare(x.print[:], y.print[:]) })
	a.files = make([]uint8, len(a.free))
	a.leaveAmbiguous(all)
	for file, err := range a.folder.Files() {
		if err != nil {
			return err
		}
		if i, ok := a.candidate(file); ok {
			a.files[i] = min(a.files[i]+1, 2)
		}
	}
	return nil
}

// isNamed says whether a file is called after its message.
func (a *adoption) isNamed(file store.File, print fingerprint) bool {
	if file.Tag.Mailbox != "" {
		return file.Tag.Mailbox == a.tag.Mailbox && file.Tag.Validity == a.tag.Validity
	}
	return file.Made() && slices.Contains(a.prints.of(file.Path()), print)
}

// leaveAmbiguous marks prints that another message has as well, of this mailbox or of another one.
func (a *adoption) leaveAmbiguous(all []printed) {
	for _, p := range all {
		if i, ok := a.find(p.print); ok && a.free[i].uid != p.uid {
			a.files[i] = 2
		}
	}
	for p := range a.w.State.others(a.j.box) {
		if i, ok := a.find(p); ok {
			a.files[i] = 2
		}
	}
}

// find is the first of a print.
func (a *adoption) find(p fingerprint) (int, bool) {
	return slices.BinarySearchFunc(a.free, p, func(x printed, p fingerprint) int { return bytes.Compare(x.print[:], p[:]) })
}

// candidate is the message whose file this may be.
func (a *adoption) candidate(file store.File) (int, bool) {
	tag := file.Tag
	if !file.Made() || tag.Mailbox != "" && !slices.Contains(a.tags, tag.Mailbox) {
		return 0, false
	}
	for _, p := range a.prints.of(file.Path()) {
		if i, ok := a.find(p); ok {
			return i, true
		}
	}
	return 0, false
}

func position(list []printed, uid goimap.UID) (int, bool) {
	return slices.BinarySearchFunc(list, uid, func(p printed, uid goimap.UID) int { return cmp.Compare(p.uid, uid) })
}
