package sendmail

import (
	"errors"
	"time"
)

// writeAll is the writer: one transaction after the other, until there are no more.
func (p *pipeline) writeAll() {
	for t := p.nextTransaction(); t != nil; t = p.nextTransaction() {
		p.transact(t)
	}
	if p.quit && !p.c.gone && p.alive() {
		p.sayQuit()
		p.flush()
	}
	p.mu.Lock()
	p.closed = true
	p.reader.Signal()
	p.consumer.Signal()
	p.mu.Unlock()
}

// nextTransaction waits for what is to be sent next: recipients put off before new jobs. Nothing stays unwritten while
// it waits. It returns nil when all is sent and answered, or the connection is lost.
func (p *pipeline) nextTransaction() *transaction {
	for p.room() {
		if t := p.putOff(); t != nil {
			return t
		}
		if p.drained {
			if !p.settle() {
				return nil
			}
			continue
		}
		if job := p.nextJob(); job != nil {
			if t := p.prepare(job); t != nil {
				return t
			}
		}
	}
	return nil
}

// room waits until the window has room for a letter, and until outcomes are taken.
func (p *pipeline) room() bool {
	window := p.c.cfg.Window
	full := func() bool {
		return len(p.live) >= window || p.bytes >= windowBytes || len(p.live)+len(p.outcomes) >= 2*window
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if full() {
		p.mu.Unlock()
		p.flush()
		p.mu.Lock()
	}
	for full() && p.dead == nil {
		p.writer.Wait()
	}
	return p.dead == nil
}

// putOff takes a transaction of recipients that the server had no room for.
func (p *pipeline) putOff() *transaction {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.redo) == 0 {
		return nil
	}
	t := p.redo[0]
	p.redo = p.redo[1:]
	return t
}

// settle waits for the last letters' replies, when there are no more jobs. It returns true when something is to be
// sent after all.
func (p *pipeline) settle() bool {
	if p.quit && !p.c.gone && p.mayQuit() {
		p.sayQuit()
	}
	p.flush()
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.live) > 0 && len(p.redo) == 0 && p.dead == nil {
		p.writer.Wait()
	}
	return p.dead == nil && len(p.redo) > 0
}

// mayQuit says whether QUIT can ride behind the last letter: the server pipelines, and no recipient can be put off.
func (p *pipeline) mayQuit() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.live {
		if len(t.todo) > 1 && !t.settled() {
			return false
		}
	}
	return p.c.ext.pipelining && p.dead == nil && len(p.redo) == 0
}

// sayQuit expects no reply: when the letters have theirs, the connection is closed.
func (p *pipeline) sayQuit() {
	p.say("QUIT")
	p.put("QUIT")
	p.c.gone = true
	p.mu.Lock()
	p.farewell = true
	p.mu.Unlock()
}

// nextJob takes a job; nil when another look is due.
func (p *pipeline) nextJob() (job *Job) {
	if p.limit == 0 {
		p.drained = true
		return nil
	}
	var open bool
	select {
	case job, open = <-p.jobs:
	default:
		p.flush()
		select {
		case job, open = <-p.jobs:
		case <-p.wake:
			return nil
		case <-p.gone:
			return nil
		}
	}
	if !open {
		p.drained = true
		return nil
	}
	if p.limit > 0 {
		p.limit--
	}
	return job
}

// prepare makes a job's first transaction. A job that cannot be sent has its outcome at once.
func (p *pipeline) prepare(job *Job) *transaction {
	d := &delivery{job: job, began: time.Now(), res: &Result{Size: job.Letter.Size()}}
	d.last = d.began
	err := d.check(p.c)
	if err == nil && len(d.lines) > 0 {
		return &transaction{delivery: d, todo: d.lines, stage: StageMAIL}
	}
	if err != nil {
		d.refuseAll(err)
		d.res.Status = Refused
	} else {
		err = d.res.conclude()
	}
	p.mu.Lock()
	p.outcomes = append(p.outcomes, &Outcome{job, d.res, err})
	p.consumer.Signal()
	p.mu.Unlock()
	return nil
}

// check makes the command lines, so that nothing is sent of what cannot be sent whole. A recipient that this server
// cannot take is refused alone.
func (d *delivery) check(c *Client) error {
	env, l := d.job.Envelope, d.job.Letter
	if err := env.check(); err != nil {
		return err
	}
	if err := l.check(c.ext); err != nil {
		return err
	}
	utf8 := false
	d.lines = make([]rcptLine, 0, len(env.To))
	for i := range env.To {
		line, needs, err := c.rcptCommand(&env.To[i])
		var missing *UnsupportedError
		switch {
		case err == nil:
			d.lines = append(d.lines, rcptLine{i, line})
			utf8 = utf8 || needs
		case errors.As(err, &missing):
			d.refuse(i, &Error{Stage: StageRCPT, Err: err})
		default:
			return err
		}
	}
	var err error
	d.mail, err = c.mailCommand(env, l, utf8)
	if err == nil && env.AllOrNothing && len(d.res.Refused) > 0 {
		err = d.res.Refused[0].Err
	}
	return err
}
