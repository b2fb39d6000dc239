package main

import (
	"errors"
	"slices"
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
	if err := a.connect(); err != nil {
		return err
	}
	if a.limit != nil && o.w.Octets > int64(*a.limit) {
		return a.fail(o.w, o.w.wrap(tooBig(a.folder, o.w.Octets, *a.limit)))
	}
	switch {
	case !a.begun:
		return a.first(o)
	case o.used != nil: // not in memory: it is answered before the next one is read
		if err := a.flush(); err != nil {
			return err
		}
		a.add(o)
		return a.settle()
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
	g := &appendGroup{messages: []*appended{o.w}, letters: []imap.Letter{o.l.letter}}
	for {
		var data imap.Appended
		err := a.intoFolder(a.folder, a.c.Bool("create"), func() (err error) {
			if err = o.l.rewind(); err == nil {
				g.answer = a.client.Append(a.folder, o.l.letter)
				data, err = g.answer.Wait()
			}
			return err
		})
		var refused *imap.Error
		switch {
		case err != nil && a.client.Broken():
			a.flight = []*appendGroup{g}
			if err := a.lost(err); err != nil || len(a.ready) == 0 {
				return err
			}
			a.ready = nil
		case errors.As(err, &refused) && (refused.Code == "TRYCREATE" || refused.Code == "NONEXISTENT"):
			return err
		default:
			return a.answered(g, data, err)
		}
	}
}

// add puts a message into the group that is to be sent.
func (a *appending) add(o *appendOffer) {
	if a.batch == nil {
		a.batch = &appendGroup{}
	}
	a.batch.add(o.w, o.l.letter)
}

func (g *appendGroup) add(w *appended, letter imap.Letter) {
	g.messages, g.letters, g.octets = append(g.messages, w), append(g.letters, letter), g.octets+w.Octets
}

// singly is the group as groups of one.
func (g *appendGroup) singly() (groups []*appendGroup) {
	for i, w := range g.messages {
		one := &appendGroup{}
		one.add(w, g.letters[i])
		groups = append(groups, one)
	}
	return groups
}

// flush sends the group, behind others.
func (a *appending) flush() error { return a.pump(false) }

// settle sends what is to be sent, and waits for all answers.
func (a *appending) settle() error { return a.pump(true) }

// pump sends what is ready, as many groups as may be on their way at once. At last none is, if all is said.
func (a *appending) pump(all bool) error {
	if a.batch != nil {
		a.ready, a.batch = append(a.ready, a.batch), nil
	}
	for len(a.ready) > 0 || all && len(a.flight) > 0 {
		step := a.collect
		if len(a.ready) > 0 && (len(a.flight) == 0 || len(a.flight) < a.most(a.ready[0]) && !a.client.Broken()) {
			step = a.send
		}
		if err := step(); err != nil {
			return err
		}
	}
	return a.mark()
}

// most is how many groups may be on their way with this one.
func (a *appending) most(g *appendGroup) int {
	switch {
	case a.losses.careful():
		return 1
	case len(g.messages) > 1:
		return maxGroups
	}
	return maxFlight
}

// send sends the first group that is ready.
func (a *appending) send() error {
	g := a.ready[0]
	if a.losses.careful() && len(g.messages) > 1 {
		a.ready = slices.Concat(g.singly(), a.ready[1:])
		g = a.ready[0]
	}
	a.ready = a.ready[1:]
	for i := range g.letters {
		if err := g.letters[i].Body.(rewinder).rewind(); err != nil {
			return err
		}
	}
	g.answer = a.client.Append(a.folder, g.letters...)
	a.flight = append(a.flight, g)
	return nil
}

// collect waits for the answer to the oldest.
func (a *appending) collect() error {
	g := a.flight[0]
	data, err := g.answer.Wait()
	if err != nil && a.client.Broken() {
		return a.lost(err)
	}
	a.flight = a.flight[1:]
	return a.answered(g, data, err)
}

// answered tells what came of a group. One that was refused goes message by message.
func (a *appending) answered(g *appendGroup, data imap.Appended, err error) error {
	switch {
	case err == nil:
		return a.took(g, data)
	case len(g.messages) == 1:
		return a.fail(g.messages[0], g.messages[0].wrap(err))
	}
	a.ready = slices.Concat(g.singly(), a.ready)
	return nil
}

// unsent tells of messages that are not on the server, since the connection was lost.
func (a *appending) unsent(groups []*appendGroup) {
	for _, g := range groups {
		for _, w := range g.messages {
			a.fail(w, w.wrap(errors.New("not appended")))
		}
	}
}

// wrap says which message an error is about.
func (w *appended) wrap(err error) error {
	return ofMessage(&stream.Message{Index: w.Letter, Name: w.Name}, err)
}
