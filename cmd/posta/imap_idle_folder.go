package main

import (
	"context"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
)

// folderWatch watches one folder, over one connection after the other. What it has reported it remembers by UIDs, so that
// what comes while there is no connection is reported with the next, and nothing twice.
type folderWatch struct {
	*watching
	folder   string
	client   *imap.Client
	known    bool // validity and next are
	validity uint32
	next     goimap.UID // the first that is not reported
}

// watch watches until ctx ends.
func (f *folderWatch) watch(ctx context.Context) error {
	return f.keep(ctx, f.folder, func() bool { return f.known }, f.session)
}

// session is one connection, up to its error or the end of ctx.
func (f *folderWatch) session(ctx context.Context) (err error) {
	if f.client == nil {
		if f.client, err = f.connect(ctx); err != nil {
			return err
		}
	}
	defer func() {
		f.client.Close()
		f.client = nil
	}()
	more := false
	err = until(ctx, f.client, func() error { more, err = f.open(); return err })
	for err == nil && ctx.Err() == nil {
		if more {
			err = until(ctx, f.client, func() error { return f.collect(ctx) })
		}
		if err == nil {
			more, err = f.idle(ctx)
		}
	}
	return err
}

// until does something that the end of ctx shall end at once.
func until(ctx context.Context, client *imap.Client, do func() error) error {
	defer client.Watch(ctx)()
	return do()
}

// open opens the folder, read-only: nothing is marked, \Recent stays. More says that messages may have come since the
// last connection.
func (f *folderWatch) open() (more bool, err error) {
	box, err := f.client.Select(f.folder, imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		return false, err
	}
	next := box.UIDNext
	if next == 0 { // RFC 3501 §6.3.1: old servers do not tell
		found, err := f.client.Search(imap.Raw("UID", "*"), imap.SearchOptions{}).Wait()
		if err != nil {
			return false, err
		}
		next = goimap.UID(found.Max) + 1
	}
	if f.known && box.UIDValidity != f.validity {
		f.env.warn("%s: UIDVALIDITY is new: what came since the last connection is not known", f.folder)
		f.known = false
	}
	if !f.known {
		f.known, f.validity, f.next = true, box.UIDValidity, next
	}
	return next > f.next, nil
}

// idle waits until there may be new messages, or ctx ends.
func (f *folderWatch) idle(ctx context.Context) (more bool, err error) {
	return f.listen(ctx, f.client, func(u imap.Update) bool { return u.Kind == imap.UpdateExists || u.Kind == imap.UpdateOverflow })
}
