package sendmail

import "errors"

// readAll is the reader: it reads the replies that are due until there are no more.
func (p *pipeline) readAll() {
	for e, ok := p.expectation(); ok; e, ok = p.expectation() {
		r, err := readReply(p.c.conn)
		if err != nil {
			p.lost(err)
			return
		}
		if err := p.answer(e, r); err != nil {
			p.lost(err)
			return
		}
	}
}

// expectation waits until a reply is due.
func (p *pipeline) expectation() (expectation, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.expected.none() {
		if p.closed || p.dead != nil {
			return expectation{}, false
		}
		p.reader.Wait()
	}
	return p.expected.first(), p.dead == nil
}

// answer takes a reply in. An error ends the connection.
func (p *pipeline) answer(e expectation, r *Reply) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := e.t
	t.stage = stages[e.kind]
	more, err := p.judge(e, r)
	if !more && err == nil { // else the writer must not take the reply for an answer before the connection is lost
		p.expected.came()
		if p.got++; p.got == p.due {
			p.writer.Signal()
		}
	}
	t.mark(t.stage)
	p.heard = t.last
	if e.kind >= expectEnd && !more && err == nil {
		p.finish(t)
	}
	awaited := p.farewell || e.kind == expectDATA && t.proceed
	if err == nil && p.got == p.due && !awaited {
		err = p.unasked()
	}
	return err
}

// unasked: what comes although no reply is due would be taken for the next one.
func (p *pipeline) unasked() error {
	if p.c.conn.Buffered() == 0 {
		return nil
	}
	r, err := readReply(p.c.conn)
	switch {
	case err != nil:
		return err
	case r.Code == 421:
		return &closed{refusal(StageMAIL, r)}
	}
	return protocolError(StageMAIL, "an unasked reply %q", r).Err
}

// judge is what a reply means for its transaction. more says that the same command has another reply.
func (p *pipeline) judge(e expectation, r *Reply) (more bool, err error) {
	t := e.t
	if r.Code == 421 { // RFC 5321 §3.8: the connection ends, and with it what the reply was for
		closing := refusal(t.stage, r)
		closing.Err = ErrUnsent
		if e.kind != expectRSET && t.fail == nil {
			t.fail = closing
		}
		return false, &closed{closing}
	}
	switch e.kind {
	case expectRSET:
		if r.Code/100 != 2 {
			return false, protocolError(StageRSET, "reply %q", r).Err
		}
	case expectMAIL:
		return false, p.judgeMail(t, r)
	case expectRCPT:
		return false, p.judgeRcpt(t, r)
	case expectDATA:
		return false, p.judgeData(t, r)
	case expectEnd, expectBDAT:
		return p.judgeEnd(t, r)
	}
	return false, nil
}

// closed is the error of a connection that the server ended in order: what it had not answered it did not take.
type closed struct{ err *Error }

func (c *closed) Error() string { return c.err.Error() }
func (c *closed) Unwrap() error { return c.err }

func isClosed(err error) bool {
	var c *closed
	return errors.As(err, &c)
}

func (p *pipeline) judgeMail(t *transaction, r *Reply) error {
	switch {
	case r.Code/100 == 2:
		t.opened = true
	case r.Code/100 == 3:
		return protocolError(StageMAIL, "reply %q", r).Err
	default:
		t.fail = refusal(StageMAIL, r)
	}
	return nil
}

func (p *pipeline) judgeRcpt(t *transaction, r *Reply) error {
	line := t.todo[t.answered]
	t.answered++
	switch {
	case r.Code/100 == 3:
		return protocolError(StageRCPT, "reply %q", r).Err
	case t.fail != nil && r.Code/100 != 2: // MAIL was refused; the recipient shares its lot
		t.refuse(line.index, t.fail)
	case r.Code/100 == 2:
		t.accepted = append(t.accepted, line)
	case len(t.accepted) > 0 && tooMany(r):
		t.rest = append(t.rest, line)
	default:
		e := refusal(StageRCPT, r)
		e.Recipient = t.recipient(line.index).Address
		t.refuse(line.index, e)
	}
	return nil
}

// tooMany is RFC 5321 §4.5.3.1.10: 452, and 552 of old. Their other meanings have other enhanced codes.
func tooMany(r *Reply) bool {
	if r.Code != 452 && r.Code != 552 {
		return false
	}
	if r.Enhanced == [3]int{} {
		return r.Code == 452
	}
	return r.Enhanced[1] == 5 && r.Enhanced[2] == 3
}

func (p *pipeline) judgeData(t *transaction, r *Reply) error {
	switch {
	case r.Code == 354:
		t.proceed = true
	case r.Code < 400:
		return protocolError(StageDATA, "reply %q", r).Err
	case t.fail == nil && len(t.accepted) > 0:
		t.fail = refusal(StageDATA, r)
	}
	return nil
}

// judgeEnd takes the last reply in. One that comes before the letter's end was sent refuses it, and the connection is
// out of step then.
func (p *pipeline) judgeEnd(t *transaction, r *Reply) (more bool, err error) {
	early := t.end == 0
	switch {
	case t.void:
		return false, nil
	case r.Code/100 == 3, early && r.OK():
		return false, protocolError(t.stage, "reply %q", r).Err
	case t.stage == StageBDAT && !r.OK():
		p.dirty = true // RFC 3030 §2: the state is indeterminate
	}
	switch {
	case t.stage == StageBDAT && t.hopeless():
		p.dirty = true
	case p.c.cfg.LMTP && !early:
		return p.judgeOne(t, r), nil
	case r.OK():
		t.deliver(t.accepted, r)
		t.accepted = nil
	default:
		t.fail = refusal(t.stage, r)
	}
	if early {
		err = &closed{&Error{Stage: t.stage, Err: errors.New("refused before its end was sent")}}
	}
	return false, err
}

// judgeOne takes LMTP's reply for one recipient in (RFC 2033 §4.2).
func (p *pipeline) judgeOne(t *transaction, r *Reply) (more bool) {
	one := t.accepted[:1]
	t.accepted = t.accepted[1:]
	if r.OK() {
		t.deliver(one, r)
	} else {
		e := refusal(t.stage, r)
		e.Recipient = t.recipient(one[0].index).Address
		t.refuse(one[0].index, e)
	}
	return len(t.accepted) > 0
}
