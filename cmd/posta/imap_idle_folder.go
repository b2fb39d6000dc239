package main

import (
	"context"
	"time"

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
	since    time.Time  // of the connection
}

// The pauses before connecting again.
const (
	firstPause = time.Second
	maxPause   = 5 * time.Minute
	steady     = time.Minute // a connection that held so long was a good one
)

// watch watches until ctx ends. An error of the first connection, and one that does not go away by itself, ends it.
func (f *folderWatch) watch(ctx context.Context) error {
	pause := firstPause
	for {
		err := f.session(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case !f.known || !mayPass(err):
			return err
		case !f.since.IsZero() && time.Since(f.since) > steady:
			pause = firstPause
		}
		f.env.warn("%s: %v; connecting again in %v", f.folder, err, pause)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause = min(2*pause, maxPause)
	}
}

// mayPass says whether an error of a server that has been good may go away by itself.
func mayPass(err error) bool {
	switch statusOf(err) {
	case exitTempFail, exitNoHost, exitProtocol, exitIOErr:
		return true
	}
	return false
}

// session is one connection, up to its error or the end of ctx.
func (f *folderWatch) session(ctx context.Context) error {
	f.since = time.Time{}
	f.login.Lock()
	cfg, err := f.config(f.c) // again for each: a token has its time
	f.login.Unlock()
	if err != nil {
		return err
	}
	if f.client, err = imap.Dial(ctx, cfg); err != nil {
		return err
	}
	defer f.client.Close()
	more := false
	if err := f.until(ctx, func() error { more, err = f.open(); return err }); err != nil {
		return err
	}
	f.since = time.Now()
	for ctx.Err() == nil {
		if more {
			if err := f.until(ctx, func() error { return f.collect(ctx) }); err != nil {
				return err
			}
		}
		if more, err = f.idle(ctx); err != nil {
			return err
		}
	}
	return nil
}

// until does something that the end of ctx shall end at once.
func (f *folderWatch) until(ctx context.Context, do func() error) error {
	defer f.client.Watch(ctx)()
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

// parting is how long the server has to answer when ctx has ended.
const parting = 2 * time.Second

// idle waits until there may be new messages, or ctx ends.
func (f *folderWatch) idle(ctx context.Context) (more bool, err error) {
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer f.client.Watch(late)()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(parting, cancel) })()
	for u, err := range f.client.Idle(ctx, f.opt.wait) {
		switch {
		case err != nil:
			return false, err
		case u.Kind == imap.UpdateAlert:
			f.env.warn("%s: the server says: %s", f.folder, u.Text)
		case u.Kind == imap.UpdateExists, u.Kind == imap.UpdateOverflow:
			return true, nil
		}
	}
	return false, nil
}
