package main

import (
	"context"
	"errors"
	"time"

	"github.com/urfave/cli/v2"

	"posta/fetch"
	"posta/fetch/pop3"
	"posta/fetch/store"
)

// forgetAfter is how long a letter is remembered that the server no longer lists: a listing may be wrong for a day.
const forgetAfter = 30 * 24 * time.Hour

// manyForgotten letters that the server does not list are not remembered so long: they must not fill the memory.
const manyForgotten = 1 << 18

// popGet is one run of posta pop get.
type popGet struct {
	*popSession
	opt    *popGetOptions
	state  *fetch.State // nil: nothing is remembered
	store  store.Store
	out    *syncedOutput // of a store on standard output
	failed *failures
	stored *pop3.Subset
	found  int  // letters, by a query
	ended  bool // the server has said that what was to be deleted is
}

func (g *popGet) run(c *cli.Context) (err error) {
	if err := g.openState(); err != nil {
		return err
	}
	if g.state != nil {
		defer func() { err = firstError(err, g.state.Close()) }()
	}
	if !g.opt.dryRun {
		if err := g.openStore(); err != nil {
			return err
		}
		defer func() { err = firstError(err, g.closeStore()) }()
	}
	if err := g.dial(c); err != nil {
		return err
	}
	return g.session(c)
}

// openState opens what earlier runs wrote. It also keeps two runs from doing the same at a time.
func (g *popGet) openState() error {
	if !g.opt.remembers() {
		return nil
	}
	path, err := g.opt.statePath(g.env, g.source())
	if path == "" || err != nil {
		return err
	}
	g.state, err = fetch.OpenState(path, g.source(), g.env.now)
	return err
}

func (g *popGet) openStore() error {
	var journal store.Journal
	if g.state != nil {
		journal = g.state
	}
	opt := g.opt.options(g.env, g.conn, journal)
	g.out = newSyncedOutput(g.env)
	var err error
	if len(g.opt.rules) > 0 {
		g.store, err = openSorter(g.opt, g.out, opt)
	} else {
		g.store, err = store.Open(g.opt.to, g.out, opt)
	}
	if err != nil || g.state == nil {
		return err
	}
	if err := g.state.Settle(g.store.Holds); err != nil {
		return firstError(err, g.store.Close())
	}
	return nil
}

func (g *popGet) closeStore() error {
	return firstError(g.store.Close(), g.out.Flush())
}

// session is the download: what is new comes, what is stored goes.
func (g *popGet) session(c *cli.Context) error {
	plan, err := g.plan(c.Context)
	if err != nil {
		return err
	}
	if g.opt.dryRun {
		return g.showPlan(c, plan)
	}
	if n := plan.Get.Len(); n > 1 && g.opt.raw() {
		return usageError("pop get: %d letters: standard output takes one as it is; use --stream", n)
	}
	if err := g.left(c, plan.TooLong); err != nil {
		return err
	}
	err = g.fetch(c.Context, plan.Get)
	if err == nil || !g.lost(err) {
		err = g.finish(c, plan, err)
	}
	if n := g.stored.Len(); !g.ended && !g.box.HasUIDs() && g.opt.policy.Delete && n > 0 {
		g.env.warn("the server has no UIDL: of %d letters that came, those that are still there come again", n)
	}
	return err
}

// lost says whether the session cannot go on after err.
func (g *popGet) lost(err error) bool {
	var write *store.WriteError
	return !errors.As(err, &write)
}

func (g *popGet) fetch(ctx context.Context, letters *pop3.Subset) (err error) {
	g.stored = g.box.Subset(false)
	run := &fetch.POP3{Client: g.client, Store: g.store, Lines: g.opt.lines, Keys: g.state != nil}
	shown := newProgress(g.env, letters.Len())
	defer shown.clear()
	for out, runErr := range run.Run(ctx, letters.Letters()) {
		if shown.step(); out == nil || out.Err != nil || g.opt.json || g.opt.paths {
			shown.clear()
		}
		if runErr != nil {
			return runErr
		}
		if out.Err == nil {
			g.stored.Add(g.box.Index(out.Letter.Number))
		}
		if reportErr := g.report(out); reportErr != nil {
			return reportErr
		}
	}
	return g.box.Err()
}

// finish deletes what is stored, says QUIT, and only after its +OK writes down what is deleted.
func (g *popGet) finish(c *cli.Context, plan *fetch.Plan, fetchErr error) error {
	if g.opt.policy.Delete {
		plan.Delete.AddAll(g.stored)
	}
	if fetchErr != nil && g.client.Noop() != nil {
		return fetchErr // replies are still under way, or the connection is gone
	}
	deleted, err := g.quitDeleting(c, plan.Delete, g.failed)
	g.ended = err == nil
	if err == nil && g.state != nil {
		err = g.remember(deleted)
	}
	if fetchErr != nil {
		return fetchErr
	}
	if err != nil {
		return err
	}
	plan.Delete.AddAll(g.stored)
	return g.status(plan.Delete.Len())
}

// remember brings the state in line with the mailbox.
func (g *popGet) remember(deleted *pop3.Subset) error {
	err := g.state.Forget(func(yield func(string) bool) {
		deleted.All()(func(_ int, l pop3.Letter) bool { return yield(l.UID) })
	})
	if err = firstError(err, g.box.Err()); err != nil || !g.box.Whole() || !g.box.HasUIDs() {
		return err
	}
	after := forgetAfter
	if g.state.Len() > g.box.Len()+manyForgotten {
		after = 0
	}
	return g.state.Prune(g.env.now().Add(-after))
}
