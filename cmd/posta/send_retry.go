package main

import (
	"context"
	"time"

	"posta/sendmail"
)

// The first wait before another attempt, and the longest; each is twice the one before.
const (
	firstWait   = time.Second
	longestWait = time.Minute
)

// deliver sends a letter, again and again while failures are temporary and --retry allows it. A letter that may have
// been delivered is not sent again.
func (s *sending) deliver(ctx context.Context, cfg sendmail.Config, out *outgoing) *delivery {
	d := newDelivery(out)
	env := *out.envelope
	deadline, wait := s.env.now().Add(s.opt.retry), firstWait
	for {
		later, err := s.attempt(ctx, cfg, &env, out.letter, d)
		again := len(later) > 0 || len(d.Refused) == 0 && err != nil && statusOf(err) == exitTempFail && !inDoubt(err)
		if !again || ctx.Err() != nil || s.env.now().Add(wait).After(deadline) {
			d.Refused = append(d.Refused, later...)
			return d.conclude(err)
		}
		s.announce(wait, later, err)
		if pause(ctx, wait) != nil {
			d.Refused = append(d.Refused, later...)
			return d.conclude(ctx.Err())
		}
		wait = min(2*wait, longestWait)
		if len(later) > 0 {
			env.To = env.To[:0:0]
			for _, r := range later {
				env.To = append(env.To, r.Recipient)
			}
		}
	}
}

// attempt is one connection and one letter, with --direct one to each domain. Recipients that are worth another try are returned; what became of the
// others is counted in d. err is set where that is not all there is to say.
func (s *sending) attempt(ctx context.Context, cfg sendmail.Config, env *sendmail.Envelope, l *sendmail.Letter, d *delivery) (later []*sendmail.RecipientError, err error) {
	if s.mta != nil {
		return s.mta.attempt(ctx, env, l, d)
	}
	d.Attempts++
	d.Times = nil
	client, err := sendmail.Dial(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer client.Close() // the letter has its reply by then
	d.Times = client.Times()
	res, err := client.SendAndQuit(ctx, env, l)
	if res == nil {
		return nil, err
	}
	d.add(res)
	later, final := worthAnother(res.Refused)
	if env.AllOrNothing && len(final) > 0 {
		later, final = nil, res.Refused
	}
	d.Refused = append(d.Refused, final...)
	return later, err
}

// worthAnother parts the refusals that may pass from the final ones.
func worthAnother(refused []*sendmail.RecipientError) (later, final []*sendmail.RecipientError) {
	for _, r := range refused {
		if statusOf(r.Err) == exitTempFail && !r.Err.InDoubt {
			later = append(later, r)
		} else {
			final = append(final, r)
		}
	}
	return later, final
}

// announce tells a person who watches why nothing happens.
func (s *sending) announce(wait time.Duration, later []*sendmail.RecipientError, err error) {
	if len(later) > 0 {
		err = later[0]
	}
	if isTerminal(s.env.stderr) {
		s.env.warn("%v; trying again in %v", err, wait)
	}
}

// pause waits, unless ctx ends before.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
