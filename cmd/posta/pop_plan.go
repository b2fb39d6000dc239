package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"posta/fetch"
	"posta/fetch/pop3"
)

// plan lists the mailbox and decides what is to be done with it. A query is asked only of letters with which something would
// be done.
func (g *popGet) plan(ctx context.Context) (plan *fetch.Plan, err error) {
	var letters *pop3.Subset
	if letters, g.failed, err = g.list(ctx, g.opt.sel); err != nil {
		return nil, err
	}
	if !g.box.HasUIDs() && g.opt.policy.New {
		return nil, fail(exitUnavailable, "the server has no UIDL, so nobody can tell which letters are new")
	}
	plan = fetch.PlanPOP3(letters, g.state, g.opt.policy, g.env.now())
	if g.opt.sel.query == nil {
		return plan, g.box.Err()
	}
	due := g.box.Subset(false)
	for _, part := range []*pop3.Subset{plan.Get, plan.Delete, plan.TooLong} {
		due.AddAll(part)
	}
	found, err := g.search(ctx, g.opt.sel.query, due, plan.TooLong, g.failed)
	if err != nil {
		return nil, err
	}
	for _, part := range []*pop3.Subset{plan.Get, plan.Delete, plan.TooLong} {
		part.Keep(found)
	}
	g.found = found.Len()
	return plan, nil
}

// status is that of the command, which has come to its end.
func (g *popGet) status(done int) error {
	if g.opt.policy.New || g.found > 0 {
		return g.failed.status(done)
	}
	return g.opt.sel.found(g.failed, done)
}

func (g *popGet) showPlan(c *cli.Context, plan *fetch.Plan) error {
	err := firstError(g.events(c, "would get", plan.Get), g.events(c, "would delete", plan.Delete))
	if g.opt.policy.Delete && err == nil {
		err = g.events(c, "would delete", plan.Get)
	}
	if err == nil {
		err = g.quit(c.Context)
	}
	return firstError(err, g.status(plan.Get.Len()+plan.Delete.Len()))
}

// left tells of letters that are too large.
func (g *popGet) left(c *cli.Context, letters *pop3.Subset) error {
	for l := range letters.Letters() {
		g.env.warn("%s is left on the server: %d octets are more than --max-size", popName(l), l.Size)
	}
	if g.opt.json {
		return g.events(c, "left", letters)
	}
	return nil
}
