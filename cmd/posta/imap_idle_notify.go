package main

import (
	"cmp"
	"context"
	"errors"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
)

// notifyWatch watches several folders over one connection: the server tells of all of them (RFC 5465).
type notifyWatch struct {
	*watching
	folders []*folderWatch
	client  *imap.Client
	good    bool // a session was
}

// errNotTold is a server that does not tell of a folder though it was asked to.
var errNotTold = errors.New("the server does not tell of all folders")

// watch watches until ctx ends.
func (n *notifyWatch) watch(ctx context.Context) error {
	err := n.keep(ctx, n.conn.server.String(), func() bool { return n.good }, n.session)
	if errors.Is(err, errNotTold) {
		return n.watchEach(ctx, n.folders)
	}
	return err
}

// session is one connection, up to its error or the end of ctx. No folder stays open, so that the server tells of all alike.
// What it told during a fetch may be lost with the end of that IDLE; so each NOTIFY asks anew how it stands.
func (n *notifyWatch) session(ctx context.Context) (err error) {
	if n.client == nil {
		if n.client, err = n.connect(ctx); err != nil {
			return err
		}
	}
	defer func() {
		n.client.Close()
		n.client = nil
	}()
	for err == nil && ctx.Err() == nil {
		var again bool
		err = until(ctx, n.client, func() error { again, err = n.look(ctx); return err })
		if err == nil && !again {
			n.good = true
			err = n.await(ctx)
		}
	}
	return err
}

// await waits until the server tells of a folder, or it is time to ask anew: what it has gathered to tell, Dovecot 2.3
// forgets at the end of an IDLE, its renewal too.
func (n *notifyWatch) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(n.opt.wait.Renewal, imap.DefaultRenewal))
	defer cancel()
	_, err := n.listen(ctx, n.client, func(u imap.Update) bool { return u.Kind == imap.UpdateStatus || u.Kind == imap.UpdateOverflow })
	return err
}

// look asks for news of the folders from now on, and fetches what is new already. While a folder is open, news of it come
// otherwise, and so it has to be looked again.
func (n *notifyWatch) look(ctx context.Context) (again bool, err error) {
	n.client.Updates()
	if _, err := n.client.Notify(imap.NotifyOptions{Mailboxes: n.opt.folders, Counts: true}).Wait(); err != nil {
		return false, err
	}
	told := map[string]*goimap.StatusData{}
	for _, u := range n.client.Updates() {
		if u.Kind == imap.UpdateStatus {
			told[u.Status.Mailbox] = u.Status
		}
	}
	for _, f := range n.folders {
		now := told[f.folder]
		switch {
		case !f.known:
		case now == nil || now.UIDNext == 0:
			return false, errNotTold
		case now.UIDNext <= f.next && (now.UIDValidity == 0 || now.UIDValidity == f.validity):
			continue
		}
		again = true
		if err := n.examine(ctx, f); err != nil {
			return false, err
		}
	}
	return again, nil
}

// examine opens a folder, fetches what is new, and leaves it.
func (n *notifyWatch) examine(ctx context.Context, f *folderWatch) error {
	f.client = n.client
	defer func() { f.client = nil }()
	more, err := f.open()
	if err == nil && more {
		err = f.collect(ctx)
	}
	if err != nil {
		return err
	}
	_, err = n.client.Unselect().Wait()
	return err
}
