package main

import (
	"posta/sendmail"
)

// resume asks the journal whether a letter is still to be sent, and to whom.
func (t *streaming) resume(c *consignment) (send bool, err error) {
	if t.committer == nil {
		return true, nil
	}
	d, j := c.delivery, t.committer.journal
	state, print, err := j.look(d.Letter)
	switch {
	case err != nil:
		return false, err
	case state != stateNone && print != c.print:
		return false, fail(exitDataErr, "--journal: %s has another letter %d than the stream: it belongs to another stream, or this one was changed", j.f.Name(), d.Letter)
	case state == stateAccepted || state == stateRefused:
		c.skipped, d.Status = true, "skipped"
		return false, nil
	case state == stateSending && t.opt.skipInDoubt:
		t.env.warn("%smay have been delivered before; left out", d.which())
		c.skipped, d.Status = true, "skipped"
		return false, nil
	case state == stateSending:
		t.env.warn("%smay have been delivered before; sending it again", d.which())
	}
	if left := j.left[d.Letter]; left != nil && (state == stateRest || state == stateSending) {
		c.envelope.To = only(c.envelope.To, left)
	}
	return true, nil
}

// only is the recipients that are among addresses.
func only(to []sendmail.Recipient, addresses []string) []sendmail.Recipient {
	named := make(map[string]bool, len(addresses))
	for _, a := range addresses {
		named[a] = true
	}
	kept := to[:0:0]
	for _, r := range to {
		if named[r.Address] {
			kept = append(kept, r)
		}
	}
	return kept
}
