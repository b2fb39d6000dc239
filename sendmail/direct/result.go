package direct

import (
	"errors"
	"fmt"
	"slices"

	"posta/sendmail"
)

// StageRoute is the stage of an error before any server said anything of the letter: finding and reaching a host.
const StageRoute = "route"

// Error is why a recipient could not be sent to, where no server refused it.
type Error struct {
	Err error // one of this package's, of mxlookup or of the connection
}

// Failure is an error of Domain or Route as one of Send.
func Failure(err error) error { return &Error{err} }

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

// Permanent says that another try would be in vain.
func (e *Error) Permanent() bool { return isPermanent(e.Err) }

// Result is the outcomes as what a single server would have answered to the letter: each recipient is in Accepted or in
// Refused, with its host. The error is set, and has sendmail.ErrUnsent in it, when no recipient was decided about: no
// host could be reached.
func Result(outcomes []Outcome, size int64) (*sendmail.Result, error) {
	res := &sendmail.Result{Status: sendmail.Accepted, Size: size}
	undecided := true
	for i := range outcomes {
		o := &outcomes[i]
		if o.Err == nil {
			undecided = false
			res.Accepted = append(res.Accepted, o.Recipient)
			deliver(res, o)
			continue
		}
		e := o.failure()
		undecided = undecided && e.Code == 0 && !e.InDoubt && e.Temporary()
		res.Refused = append(res.Refused, &sendmail.RecipientError{Recipient: o.Recipient, Err: e})
	}
	switch {
	case len(res.Refused) == 0:
		return res, nil
	case len(res.Accepted) > 0:
		res.Status = sendmail.Partial
		return res, nil
	case undecided:
		res.Status = sendmail.Unsent
		return res, fmt.Errorf("%w: %w", sendmail.ErrUnsent, res.Refused[0])
	}
	res.Status = sendmail.Refused
	return res, nil
}

// deliver counts a recipient to the delivery that it was in.
func deliver(res *sendmail.Result, o *Outcome) {
	i := slices.IndexFunc(res.Deliveries, func(d sendmail.Delivery) bool {
		return d.Host == o.Host && d.ID == o.ID && d.Reply == o.Reply
	})
	if i < 0 {
		i = len(res.Deliveries)
		res.Deliveries = append(res.Deliveries, sendmail.Delivery{Host: o.Host, Security: string(o.Security), ID: o.ID, Reply: o.Reply})
		if res.ID == "" {
			res.ID = o.ID
		}
	}
	res.Deliveries[i].Recipients = append(res.Deliveries[i].Recipients, o.Recipient.Address)
}

// failure is why the recipient does not have the letter: the host's own word, or an *Error.
func (o *Outcome) failure() *sendmail.Error {
	var refused *sendmail.RecipientError
	var reply *sendmail.Error
	if errors.As(o.Err, &refused) {
		reply = refused.Err
	} else if errors.As(o.Err, &reply); errors.Is(o.Err, ErrPolicy) {
		reply = nil // what it said to STARTTLS is not about the letter
	}
	if reply != nil && (reply.Code != 0 || reply.InDoubt) {
		named := *reply
		named.Host, named.Recipient = o.Host, o.Recipient.Address
		return &named
	}
	return &sendmail.Error{Stage: StageRoute, Recipient: o.Recipient.Address, Err: &Error{o.Err}}
}
