package main

import (
	"slices"

	"posta/sendmail"
)

// tally counts the letters of a stream by their exit status.
type tally struct {
	accepted int         // for one recipient at least, now or before
	failed   map[int]int // by exit status
}

// status is the exit status of all letters: that of the failed ones where nothing was accepted and they agree.
func (t *tally) status() int {
	switch {
	case len(t.failed) == 0:
		return exitOK
	case t.accepted > 0 || t.failed[exitPartial] > 0:
		return exitPartial
	case t.failed[exitTempFail] > 0:
		return exitTempFail // worth another run
	case len(t.failed) > 1:
		return exitPartial
	}
	for status := range t.failed {
		return status
	}
	return exitOK
}

// settleAll reports each letter, notes it in the journal and lets it go. An error of standard output stops the run.
func (t *streaming) settleAll() (*tally, error) {
	total := &tally{failed: map[int]int{}}
	var failure error
	for c := range t.done {
		if err := t.settle(c, total); err != nil && failure == nil {
			failure = err
			t.halt(err)
		}
	}
	return total, failure
}

func (t *streaming) settle(c *consignment, total *tally) error {
	d := c.delivery
	if c.outgoing != nil {
		t.memory.Release(c.weight)
		if err := c.close(); err != nil {
			t.env.warn("%s%v", d.which(), err)
		}
	}
	if len(d.Accepted) > 0 || c.skipped {
		total.accepted++
	}
	if !c.skipped {
		if d.Exit != exitOK {
			total.failed[d.Exit]++
			d.report(t.env, d.which()) // the run has a status of its own
		}
		t.record(c)
	}
	if !t.opt.json {
		return nil
	}
	if err := t.env.out.JSON(d); err != nil {
		return err
	}
	if len(t.done) == 0 { // who reads along sees what there is
		return t.env.out.Flush()
	}
	return nil
}

// record notes in the journal what became of a letter that was to be sent. One in doubt keeps its line.
func (t *streaming) record(c *consignment) {
	if t.committer == nil || c.outgoing == nil {
		return
	}
	d := c.delivery
	m := mark{letter: d.Letter, print: c.print}
	for _, r := range d.Refused {
		if r.Err.Temporary() {
			m.rest = append(m.rest, r.Recipient.Address)
		}
	}
	switch {
	case d.Status == sendmail.InDoubt:
		if len(d.Accepted) == 0 {
			return
		}
		m.state = stateSending
	case d.Status == sendmail.Accepted:
		m.state = stateAccepted
	case len(d.Accepted) > 0 && len(m.rest) > 0:
		m.state = stateRest
	case len(d.Refused) > 0 && len(m.rest) == 0 && slices.Contains([]int{exitUnavailable, exitNoUser, exitPartial}, d.Exit):
		m.state = stateRefused
	default:
		m.state, m.rest = stateLater, nil
	}
	t.committer.settled(m)
}
