package sendmail

import (
	"fmt"
	"time"
)

// delivery is a job under way: one transaction, or more when the server takes the recipients in portions. Once it is
// begun it is the reader's, under the pipeline's lock.
type delivery struct {
	job   *Job
	mail  string // the command
	lines []rcptLine
	res   *Result
	began time.Time
	last  time.Time // of the last reply
}

// rcptLine is the RCPT of a recipient of the envelope.
type rcptLine struct {
	index int
	line  string
}

// transaction is MAIL, RCPTs and the letter, once.
type transaction struct {
	*delivery
	todo     []rcptLine // the recipients tried
	stage    string     // of the next reply
	answered int        // of todo
	accepted []rcptLine // of todo; with LMTP those whose last reply is still due
	rest     []rcptLine // put off by 452
	opened   bool       // MAIL was accepted
	proceed  bool       // DATA got its 354
	fail     *Error     // what ended it as a whole
	end      int64      // position after its last octet on the wire; 0 before that is known
	void     bool       // a lone dot: there was no recipient
}

// settled says whether all RCPTs are answered and none was put off.
func (t *transaction) settled() bool { return t.answered == len(t.todo) && len(t.rest) == 0 }

// hopeless says whether the letter need not be sent: there is nobody it could go to, or somebody is missing.
func (t *transaction) hopeless() bool {
	return t.fail != nil || len(t.accepted) == 0 || t.job.Envelope.AllOrNothing && len(t.accepted) < len(t.todo)
}

func (d *delivery) recipient(i int) Recipient { return d.job.Envelope.To[i] }

// refuse notes that a recipient does not get the letter.
func (d *delivery) refuse(i int, err *Error) {
	d.res.Refused = append(d.res.Refused, &RecipientError{d.recipient(i), err})
}

func (d *delivery) refuseLines(lines []rcptLine, err *Error) {
	for _, l := range lines {
		d.refuse(l.index, err)
	}
}

// refuseAll is for a job of which nothing was sent.
func (d *delivery) refuseAll(err error) {
	d.res.Refused = nil
	for i := range d.job.Envelope.To {
		d.refuse(i, &Error{Stage: StageLetter, Err: err})
	}
}

// deliver notes a positive reply to the letter.
func (d *delivery) deliver(lines []rcptLine, r *Reply) {
	id := queueID(r.Text)
	if d.res.ID == "" {
		d.res.ID = id
	}
	done := Delivery{ID: id, Reply: r.String(), Recipients: make([]string, 0, len(lines))}
	for _, l := range lines {
		to := d.recipient(l.index)
		done.Recipients = append(done.Recipients, to.Address)
		d.res.Accepted = append(d.res.Accepted, to)
	}
	d.res.Deliveries = append(d.res.Deliveries, done)
}

// mark counts the time since the last reply to a stage.
func (d *delivery) mark(stage string) {
	now := time.Now()
	d.res.Times.add(stage, now.Sub(d.last))
	d.last = now
}

// finish ends a transaction whose replies are all there. Recipients put off get another, the job its outcome. The
// lock is held.
func (p *pipeline) finish(t *transaction) {
	for i, other := range p.live {
		if other == t {
			p.live = append(p.live[:i], p.live[i+1:]...)
			p.bytes -= t.res.Size
			break
		}
	}
	p.writer.Signal()
	if t.fail == nil && t.job.Envelope.AllOrNothing && len(t.res.Refused)+len(t.rest) > 0 {
		t.fail = t.allOrNothing()
	}
	if t.fail != nil {
		t.refuseLines(t.accepted, t.fail)
		t.refuseLines(t.rest, t.fail)
		t.refuseLines(t.todo[t.answered:], t.fail)
		t.rest = nil
	}
	if len(t.rest) > 0 {
		again := &transaction{delivery: t.delivery, todo: t.rest, stage: StageMAIL}
		if p.dead != nil {
			again.fail = unsent(StageMAIL, p.dead)
			p.finish(again)
			return
		}
		p.redo = append(p.redo, again)
		select {
		case p.wake <- struct{}{}:
		default:
		}
		return
	}
	err := t.res.conclude()
	p.outcomes = append(p.outcomes, &Outcome{t.job, t.res, err})
	p.consumer.Signal()
}

// allOrNothing is why those who were accepted do not get the letter either.
func (t *transaction) allOrNothing() *Error {
	if len(t.res.Refused) == 0 {
		return &Error{Stage: StageRCPT, Err: fmt.Errorf("not sent, since the server takes no more recipients than %d at once", len(t.accepted))}
	}
	return &Error{Stage: StageRCPT, Err: fmt.Errorf("not sent, since another recipient was refused: %w", t.res.Refused[0].Err)}
}

// unsent is the error of a letter that was surely not delivered when the connection ended.
func unsent(stage string, cause error) *Error {
	return &Error{Stage: stage, Err: fmt.Errorf("%w: %w", ErrUnsent, cause)}
}
