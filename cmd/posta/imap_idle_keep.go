package main

import (
	"context"
	"errors"
	"time"

	"posta/fetch/imap"
)

// The pauses before connecting again.
const (
	firstPause = time.Second
	maxPause   = 5 * time.Minute
	steady     = time.Minute // a connection that held so long was a good one
)

// keep runs one session after the other until ctx ends. An error before a session was good for once, and one that does not
// go away by itself, ends it.
func (w *watching) keep(ctx context.Context, name string, good func() bool, session func(context.Context) error) error {
	pause := firstPause
	for {
		begun := time.Now()
		err := session(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case !good() || !mayPass(err) || errors.Is(err, errNotTold):
			return err
		case time.Since(begun) > steady:
			pause = firstPause
		}
		w.env.warn("%s: %v; connecting again in %v", name, err, pause)
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

// parting is how long the server has to answer when ctx has ended.
const parting = 2 * time.Second

// listen waits until the server tells something that is wanted, or ctx ends.
func (w *watching) listen(ctx context.Context, client *imap.Client, wanted func(imap.Update) bool) (heard bool, err error) {
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer client.Watch(late)()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(parting, cancel) })()
	for u, err := range client.Idle(ctx, w.opt.wait) {
		switch {
		case err != nil:
			return false, err
		case u.Kind == imap.UpdateAlert:
			w.env.warn("the server says: %s", u.Text)
		case wanted(u):
			return true, nil
		}
	}
	return false, nil
}
