package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"posta/fetch/imap"
)

// appendLosses are the connections that were lost since a message was taken.
type appendLosses struct {
	row    int // attempts in a row that brought nothing
	ended  int // connections that ended when messages were on their way
	blamed int // messages in a row that were given up for it
}

const (
	mostLosses  = 6
	carefulFrom = 2 // connections, after which one message is sent at a time
	blameFrom   = 3 // connections, after which it is this message that ends them
	mostInRow   = 3 // messages are blamed: then it is not they
)

// progress begins to count anew.
func (l *appendLosses) progress() { *l = appendLosses{} }

// careful says whether messages go one by one.
func (l *appendLosses) careful() bool { return l.ended >= carefulFrom }

// blames says whether it is the first message on its way that ends connections.
func (l *appendLosses) blames() bool { return l.ended >= blameFrom && l.blamed < mostInRow }

// lost takes up what a lost connection has left on its way: another one is made, and what the server has not got is ready to be sent
// again, before the rest. An error ends the run; all that was on its way has been told of then.
func (a *appending) lost(err error) error {
	groups, why := a.flight, err
	a.flight = nil
	a.losses.ended++
	for {
		if err := a.pause(err); err != nil {
			a.abandon(groups, why)
			return err
		}
		if err = a.redial(a.c); err != nil {
			continue
		}
		doubts, lookErr := a.look(groups)
		if err = lookErr; err == nil {
			return a.takeUp(groups, doubts, why)
		}
	}
}

// pause waits before connecting again. Its error says that there is no sense in that.
func (a *appending) pause(err error) error {
	ctx := a.c.Context
	var ours *imap.LetterError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &ours), !mayPass(err):
		return err
	}
	if a.losses.row++; errors.Is(err, os.ErrDeadlineExceeded) {
		a.losses.row++ // who has waited so long does not want to five times more
	}
	if a.losses.row > mostLosses {
		return err
	}
	d, limit := firstPause<<(a.losses.row-1), a.conn.dialer.Timeout
	var reply *imap.Error
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded): // a server that is slow may be at it still: it gets as much time again
		d = limit
	case errors.As(err, &reply):
		d = max(d, reply.Backoff())
	}
	d = min(d, limit)
	a.shown.clear()
	a.env.warn("%v; connecting again in %v", err, d.Round(time.Millisecond))
	return a.env.wait(ctx, d)
}

// takeUp tells what the server has of the groups, and makes the rest ready.
func (a *appending) takeUp(groups []*appendGroup, doubts map[*appended]*letterDoubt, why error) error {
	var left []*appendGroup
	for _, g := range groups {
		again := &appendGroup{}
		for i, w := range g.messages {
			var err error
			switch d := doubts[w]; {
			case d == nil || d.absent:
				again.add(w, g.letters[i])
			case d.uid != 0:
				a.begun = true
				a.losses.progress()
				err = a.has(w, d.validity, d.uid)
			default:
				err = a.unknown(w, why)
			}
			if err != nil {
				return err
			}
		}
		if len(again.messages) > 0 {
			left = append(left, again)
		}
	}
	a.ready = slices.Concat(left, a.ready)
	if len(left) > 0 && a.losses.blames() {
		a.losses.blamed++
		a.losses.row, a.losses.ended = 1, carefulFrom
		w := a.ready[0].messages[0]
		a.ready = slices.Concat(a.ready[0].singly()[1:], a.ready[1:])
		return a.fail(w, w.wrap(fmt.Errorf("%d connections ended with it: %w", blameFrom, why)))
	}
	return a.env.out.Flush()
}

// abandon tells of what was on its way that it may be on the server, or is not.
func (a *appending) abandon(groups []*appendGroup, why error) {
	for _, g := range groups {
		if !g.sent() {
			a.unsent([]*appendGroup{g})
			continue
		}
		for _, w := range g.messages {
			a.unknown(w, why)
		}
	}
}

// unknown tells of a message that may be on the server.
func (a *appending) unknown(w *appended, why error) error {
	w.Event = "unknown"
	return a.fail(w, w.wrap(doubtError{why}))
}

// doubtError is that of a message that may be on the server; it has the status of what lost the connection.
type doubtError struct{ why error }

func (doubtError) Error() string   { return "it is not known whether the server has it" }
func (e doubtError) Unwrap() error { return e.why }

// sent says whether the group went out whole. Otherwise the server has none of it (RFC 3502 §6.3.11).
func (g *appendGroup) sent() bool {
	if g.answer == nil {
		return false
	}
	data, _ := g.answer.Wait()
	return data.Sent
}
