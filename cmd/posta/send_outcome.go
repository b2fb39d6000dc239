package main

import (
	"errors"
	"time"

	"posta/sendmail"
)

// outcome counts what became of a letter. It returns the letter when it is to be sent again over the next connection.
func (w *worker) outcome(o *sendmail.Outcome) (again *consignment) {
	c := o.Job.Tag.(*consignment)
	d := c.delivery
	if !errors.Is(o.Err, sendmail.ErrUnsent) {
		d.Attempts++
	}
	c.left = nil
	if o.Result == nil {
		if d.err = o.Err; w.lost(o.Err) && w.stopped() == nil {
			return c
		}
		w.finish(c, o.Err)
		return nil
	}
	d.add(o.Result)
	var lost, later []*sendmail.RecipientError
	for _, r := range o.Result.Refused {
		switch {
		case w.lost(r.Err):
			lost = append(lost, r)
		case statusOf(r.Err) == exitTempFail && !r.Err.InDoubt:
			later = append(later, r)
		default:
			d.Refused = append(d.Refused, r)
		}
	}
	if c.left = append(lost, later...); len(c.left) == 0 {
		w.finish(c, o.Err)
		return nil
	}
	return w.remainder(c, lost)
}

// lost says whether a letter, or a recipient, has no answer since the connection ended, or the server is about to end
// it (RFC 5321 §3.8), so that it can be sent again at once.
func (w *worker) lost(err error) bool {
	var e *sendmail.Error
	switch {
	case errors.Is(err, sendmail.ErrUnsent):
		return true
	case inDoubt(err):
		return !w.opt.skipInDoubt
	}
	return errors.As(err, &e) && (e.Code == 421 || e.Code == 0 && e.Temporary())
}

// remainder deals with the recipients that do not have the letter yet. Those whose answer was lost are tried again at
// once, over another connection; those that the server refused for now when --retry says so.
func (w *worker) remainder(c *consignment, lost []*sendmail.RecipientError) (again *consignment) {
	d := c.delivery
	c.envelope.To = recipientsOf(c.left)
	switch {
	case len(lost) > 0 && w.stopped() == nil:
		if !inDoubt(d.err) {
			d.err = lost[0].Err
		}
		if inDoubt(lost[0].Err) {
			w.env.warn("%smay have been delivered; sending it again: %v", d.which(), lost[0].Err)
		}
		return c
	case len(lost) == 0 && w.mayRetry(c):
		w.keep(c)
	case len(lost) > 0:
		w.finish(c, lost[0].Err)
	default:
		w.finish(c, nil)
	}
	return nil
}

// mayRetry says whether --retry allows another try of a letter that was refused for now.
func (w *worker) mayRetry(c *consignment) bool {
	if c.since.IsZero() {
		c.since = time.Now()
	}
	return w.stopped() == nil && len(w.later) < maxLater && time.Since(c.since)+w.wait <= w.opt.retry
}

func recipientsOf(refused []*sendmail.RecipientError) []sendmail.Recipient {
	to := make([]sendmail.Recipient, len(refused))
	for i, r := range refused {
		to[i] = r.Recipient
	}
	return to
}

// finish settles a letter.
func (w *worker) finish(c *consignment, err error) {
	c.delivery.Refused = append(c.delivery.Refused, c.left...)
	c.delivery.conclude(err)
	w.done <- c
}
