package main

import (
	"context"
	"errors"
	"sync"

	"github.com/urfave/cli/v2"

	"posta/fetch"
	"posta/fetch/imap"
	"posta/fetch/store"
)

// imapGet is one run of posta imap get.
type imapGet struct {
	*imapSession
	opt    *imapGetOptions
	state  *fetch.IMAPState
	stores []store.Store
	out    *syncedOutput // of a store on standard output
	failed *failures
	done   int

	dialing sync.Mutex
}

func (g *imapGet) run(c *cli.Context) (err error) {
	if err := g.openState(); err != nil {
		return err
	}
	defer func() { err = firstError(err, g.state.Close()) }()
	if err := g.dial(c); err != nil {
		return err
	}
	if err := g.understands(g.opt.sel); err != nil {
		return err
	}
	folders, err := g.where()
	if err != nil {
		return err
	}
	if g.needsDays(g.opt.sel) {
		if folders, err = g.byDays(folders); err != nil {
			return err
		}
		g.opt.sel.query = nil // it is answered
	}
	if err := g.openStores(g.opt.connections(len(folders))); err != nil {
		return err
	}
	defer func() { err = firstError(err, g.closeStores()) }()
	return g.download(c, folders)
}

// openState opens what earlier runs wrote. It also keeps two runs from doing the same at a time.
func (g *imapGet) openState() error {
	g.state = fetch.NewIMAPState()
	if !g.opt.fresh {
		return nil
	}
	source := "imap-" + g.conn.source(143, 993)
	path, err := g.opt.statePath(g.env, source)
	if path == "" || err != nil {
		return err
	}
	g.state, err = fetch.OpenIMAPState(path, source)
	return err
}

// openStores opens the store as often as there are connections, and asks it for what an earlier run was about to store.
func (g *imapGet) openStores(n int) error {
	g.out = newSyncedOutput(g.env)
	if g.opt.dryRun {
		return nil
	}
	for range n {
		st, err := store.Open(g.opt.to, g.out, g.opt.options(g.env, g.conn, g.state))
		if err != nil {
			return firstError(err, g.closeStores())
		}
		g.stores = append(g.stores, st)
		if n > 1 {
			err = st.Flush(context.Background()) // a Maildir that was made is the others', too
		}
		if err != nil {
			return firstError(err, g.closeStores())
		}
	}
	if err := g.state.Settle(g.stores[0].Holds); err != nil {
		return firstError(err, g.closeStores())
	}
	return nil
}

func (g *imapGet) closeStores() (err error) {
	for _, st := range g.stores {
		err = firstError(err, st.Close())
	}
	return firstError(err, g.out.Flush())
}

func (g *imapGet) download(c *cli.Context, folders []fetch.Folder) error {
	run := &fetch.IMAP{
		Dial: g.dialer(c), Stores: g.stores, State: g.state, DryRun: g.opt.dryRun,
		UIDs: g.opt.sel.uids, Named: g.opt.named, MaxSize: g.opt.maxSize, Sections: g.opt.parts, Single: g.opt.raw() && !g.opt.dryRun,
		Flags: g.opt.flags, Mirror: g.opt.mirror, Pause: g.conn.dialer.Timeout,
	}
	if g.opt.sel.query != nil && !g.opt.sel.all {
		run.Query = g.opt.sel.query
	}
	shown := newProgress(g.env, unknownNumber)
	defer shown.clear()
	for a, err := range run.Run(c.Context, folders) {
		if errors.Is(err, fetch.ErrMany) {
			return usageError("imap get: %w: standard output takes one as it is; use --stream", err)
		}
		if err != nil && errors.Is(err, g.failed.first) { // of the store, and told with the message
			return silent(statusOf(err))
		}
		if err != nil {
			return err
		}
		if a.UID != 0 {
			shown.step()
		}
		if a.Err != nil || g.opt.json || g.opt.paths {
			shown.clear()
		}
		if err := g.report(a); err != nil {
			return err
		}
	}
	return g.status()
}

// dialer connects: the first connection is the one that there is.
func (g *imapGet) dialer(c *cli.Context) func(context.Context) (*imap.Client, error) {
	return func(ctx context.Context) (*imap.Client, error) {
		g.dialing.Lock()
		defer g.dialing.Unlock()
		if client := g.client; client != nil {
			g.stop()
			g.client = nil
			return client, nil
		}
		cfg, err := g.config(c)
		if err != nil {
			return nil, err
		}
		return imap.Dial(ctx, cfg)
	}
}

// status is that of the command. Where all was asked for, nothing is an answer as well.
func (g *imapGet) status() error {
	if g.done == 0 && g.failed.n == 0 && !g.opt.sel.all && !g.opt.fresh {
		return silent(exitNegative)
	}
	return g.failed.status(g.done)
}
