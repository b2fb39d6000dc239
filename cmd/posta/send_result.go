package main

import (
	"errors"

	"posta/sendmail"
)

// delivery is what became of a letter, over all attempts. It is the object that --json prints.
type delivery struct {
	Letter     int                        `json:"letter,omitempty"` // in the stream, from 1
	Name       string                     `json:"name,omitempty"`   // of the file, where the stream names it
	Status     sendmail.Status            `json:"status"`
	ID         string                     `json:"id,omitempty"` // the server's
	MessageID  string                     `json:"messageId,omitempty"`
	From       string                     `json:"from"`
	Accepted   []string                   `json:"accepted"`
	Refused    []*sendmail.RecipientError `json:"refused"`
	Deliveries []sendmail.Delivery        `json:"deliveries,omitempty"`
	Size       int64                      `json:"size,omitempty"`
	Attempts   int                        `json:"attempts,omitempty"`
	Times      sendmail.Times             `json:"times,omitempty"` // seconds
	Error      string                     `json:"error,omitempty"`
	Exit       int                        `json:"exit"` // the exit status that this letter alone would have

	err    error // what kept the letter from being sent, or from all recipients
	unkept bool  // --save failed
}

func newDelivery(out *outgoing) *delivery {
	return &delivery{
		MessageID: out.messageID, From: out.envelope.From, Size: out.letter.Size(),
		Accepted: []string{}, Refused: []*sendmail.RecipientError{},
	}
}

// add counts the accepted recipients of an attempt.
func (d *delivery) add(res *sendmail.Result) {
	for _, r := range res.Accepted {
		d.Accepted = append(d.Accepted, r.Address)
	}
	d.Deliveries = append(d.Deliveries, res.Deliveries...)
	d.ID = firstOf(d.ID, res.ID)
	d.Times = append(d.Times, res.Times...)
}

// conclude sets the status: err is what ended the last attempt, nil when the server answered for every recipient.
func (d *delivery) conclude(err error) *delivery {
	d.err = err
	for _, r := range d.Refused {
		if r.Err.InDoubt {
			d.err = r.Err
		}
	}
	switch {
	case inDoubt(d.err):
		d.Status = sendmail.InDoubt
	case len(d.Refused) == 0 && d.err == nil:
		d.Status = sendmail.Accepted
	case len(d.Accepted) > 0:
		d.Status = sendmail.Partial
	case errors.Is(d.err, sendmail.ErrUnsent) || len(d.Refused) == 0:
		d.Status = sendmail.Unsent
	default:
		d.Status = sendmail.Refused
	}
	if d.Exit = d.exit(); d.err != nil {
		d.Error = d.err.Error()
	}
	return d
}

// inDoubt says whether the letter of err may or may not have been delivered.
func inDoubt(err error) bool {
	var e *sendmail.Error
	return errors.As(err, &e) && e.InDoubt
}

// exit is the exit status of the letter.
func (d *delivery) exit() int {
	switch {
	case d.Status == sendmail.Accepted:
		return exitOK
	case d.Status == sendmail.InDoubt:
		return exitTempFail
	case len(d.Accepted) > 0:
		return exitPartial
	case len(d.Refused) == 0:
		return statusOf(d.err)
	case len(d.Refused) == 1 && noSuchUser(d.Refused[0].Err):
		return exitNoUser
	}
	for _, r := range d.Refused {
		if r.Err.Temporary() { // worth another try for them
			return statusOf(r.Err)
		}
	}
	return statusOf(d.Refused[0].Err)
}

// report says on standard error who does not get the letter and why, each line after which, and returns the silent
// error of the letter's exit status.
func (d *delivery) report(e *env, which string) error {
	status := d.Exit
	switch {
	case status == exitOK && d.unkept:
		status = exitIOErr
	case len(d.Refused) == 0 && d.err != nil:
		e.warn("%s%v", which, d.err)
	default:
		d.reportRefused(e, which)
	}
	return silent(status)
}

// reportRefused writes a line for each recipient; one alone when all have the same reason.
func (d *delivery) reportRefused(e *env, which string) {
	for i, r := range d.Refused {
		if len(d.Accepted) > 0 || r.Err.Recipient != "" {
			e.warn("%s%v", which, r)
		} else if i == 0 || r.Err.Error() != d.Refused[i-1].Err.Error() {
			e.warn("%s%v", which, r.Err)
		}
	}
}
