package main

import (
	"errors"
	"strconv"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
	"posta/mimetool/stream"
)

// appendGroup is messages that one APPEND brings: all of them or none (RFC 3502).
type appendGroup struct {
	messages []*appended
	letters  []imap.Letter
	octets   int64
	answer   *imap.Pending[imap.Appended]
}

const (
	maxFlight = 16      // single messages on their way at once
	maxGroups = 2       // or groups of
	maxGroup  = 64      // messages: servers do the work of a commit once for a group
	maxOctets = 4 << 20 // of a group, which is held in memory: if it is refused, its messages go one by one
)

// take does what is to be done with an offer. An error ends the run.
func (a *appending) take(o *appendOffer) error {
	defer o.release()
	switch {
	case o.fatal != nil:
		return o.fatal
	case o.err != nil:
		return a.fail(o.w, o.err)
	case a.c.Bool("n"):
		return a.would(o.w, o.l)
	}
	if err := a.ready(); err != nil {
		return err
	}
	if a.limit != nil && o.w.Octets > int64(*a.limit) {
		return a.fail(o.w, o.w.wrap(tooBig(a.folder, o.w.Octets, *a.limit)))
	}
	switch {
	case !a.begun:
		return a.first(o)
	case o.used != nil: // not in memory
		if err := a.flush(); err != nil {
			return err
		}
		a.add(o)
		return a.flush()
	case a.batch != nil && a.batch.octets+o.w.Octets > maxOctets:
		if err := a.flush(); err != nil {
			return err
		}
	}
	a.add(o)
	if len(a.batch.messages) == maxGroup || !a.client.Caps().Has(goimap.CapMultiAppend) {
		return a.flush()
	}
	return nil
}

func tooBig(folder string, size int64, limit uint32) error {
	text := strconv.FormatInt(size, 10) + " octets, the server takes " + strconv.FormatUint(uint64(limit), 10)
	return &imap.Error{Command: "APPEND", Mailbox: folder, Status: imap.Status{Type: goimap.StatusResponseTypeNo, Code: "TOOBIG", Text: text}}
}

// first sends a message alone and waits: a folder that is not there refuses one, and not many that are on their way.
func (a *appending) first(o *appendOffer) error {
	var data imap.Appended
	err := a.intoFolder(a.folder, a.c.Bool("create"), func() (err error) {
		if err = o.l.rewind(); err == nil {
			data, err = a.client.Append(a.folder, o.l.letter).Wait()
		}
		return err
	})
	var refused *imap.Error
	if errors.As(err, &refused) && (refused.Code == "TRYCREATE" || refused.Code == "NONEXISTENT") {
		return err
	}
	a.begun = err == nil
	return a.answered(&appendGroup{messages: []*appended{o.w}}, data, err)
}

// add puts a message into the group that is to be sent.
func (a *appending) add(o *appendOffer) {
	if a.batch == nil {
		a.batch = &appendGroup{}
	}
	a.batch.messages = append(a.batch.messages, o.w)
	a.batch.letters = append(a.batch.letters, o.l.letter)
	a.batch.octets += o.w.Octets
}

// flush sends the group, behind others.
func (a *appending) flush() error {
	g := a.batch
	if g == nil {
		return nil
	}
	a.batch = nil
	for i := range g.letters {
		if err := g.letters[i].Body.(rewinder).rewind(); err != nil {
			return err
		}
	}
	g.answer = a.client.Append(a.folder, g.letters...)
	a.flight = append(a.flight, g)
	limit := maxFlight
	if len(g.messages) > 1 {
		limit = maxGroups
	}
	for len(a.flight) >= limit || a.client.Broken() && len(a.flight) > 0 {
		if err := a.collect(); err != nil {
			return err
		}
	}
	return nil
}

// settle sends what is to be sent, and waits for all answers.
func (a *appending) settle() error {
	if err := a.flush(); err != nil {
		return err
	}
	for len(a.flight) > 0 {
		if err := a.collect(); err != nil {
			return err
		}
	}
	return nil
}

// collect waits for the answer to the oldest.
func (a *appending) collect() error {
	g := a.flight[0]
	a.flight = a.flight[1:]
	data, err := g.answer.Wait()
	return a.answered(g, data, err)
}

// answered tells what came of a group. One that was refused goes message by message.
func (a *appending) answered(g *appendGroup, data imap.Appended, err error) error {
	switch {
	case err == nil:
		return a.took(g, data)
	case a.client.Broken():
		return a.lost(g, err)
	case len(g.messages) == 1:
		return a.fail(g.messages[0], g.messages[0].wrap(err))
	}
	for i, w := range g.messages {
		one := &appendGroup{messages: []*appended{w}}
		err := g.letters[i].Body.(rewinder).rewind()
		if err == nil {
			data, err = a.client.Append(a.folder, g.letters[i]).Wait()
		}
		if err := a.answered(one, data, err); err != nil {
			a.unsent(&appendGroup{messages: g.messages[i+1:]})
			return err
		}
	}
	return nil
}

// lost is the end of the connection: of none that is on its way is it known whether the server has it.
func (a *appending) lost(g *appendGroup, err error) error {
	groups := append([]*appendGroup{g}, a.flight...)
	a.flight = nil
	for _, g := range groups {
		for _, w := range g.messages {
			w.Event = "unknown"
			if err := a.fail(w, w.wrap(errors.New("it is not known whether the server has it"))); err != nil {
				return err
			}
		}
	}
	return err
}

// unsent tells of messages that are not on the server, since the connection was lost.
func (a *appending) unsent(g *appendGroup) {
	for _, w := range g.messages {
		a.fail(w, w.wrap(errors.New("not appended")))
	}
}

// wrap says which message an error is about.
func (w *appended) wrap(err error) error {
	return ofMessage(&stream.Message{Index: w.Letter, Name: w.Name}, err)
}
