package sendmail

import (
	"strconv"
	"time"
)

const (
	flight = 64 << 10  // out is written when it is as long
	early  = 256 << 10 // a larger letter waits until somebody is known to get it

	// quiet is after how long the server is asked whether it is still there, lest a letter be in doubt for nothing.
	quiet = 5 * time.Second
)

// transact writes a transaction. With PIPELINING nothing is waited for but, without CHUNKING, DATA's 354.
func (p *pipeline) transact(t *transaction) {
	l := t.job.Letter
	step := !p.c.ext.pipelining
	chunked := p.c.ext.chunking
	if !p.begin(t, step) {
		return
	}
	for i := range t.todo {
		p.command(t.todo[i].line, expectation{t: t, kind: expectRCPT})
		if step && !p.sync() {
			return
		}
	}
	wait := step || t.job.Envelope.AllOrNothing
	if chunked {
		wait = wait || t.res.Size > early || l.file != nil
	}
	if wait && (!p.sync() || p.giveUp(t)) {
		return
	}
	if chunked {
		p.putChunk(t)
	} else {
		p.putData(t)
	}
	if step {
		p.sync()
	}
}

// begin opens the transaction. What an earlier one left open, or may have, is closed before: else its sender would be
// this letter's too.
func (p *pipeline) begin(t *transaction, step bool) bool {
	p.mu.Lock()
	reset := p.dirty
	for _, other := range p.live {
		reset = reset || !other.proceed // a final dot ends a transaction, whatever the reply
	}
	p.live = append(p.live, t)
	p.bytes += t.res.Size
	t.last = time.Now()
	if p.dead != nil {
		p.strand(t, p.dead)
		p.mu.Unlock()
		return false
	}
	p.dirty = false
	idle := len(p.live) == 1 && time.Since(p.heard) > quiet
	p.mu.Unlock()
	if reset || idle {
		p.command("RSET", expectation{t: t, kind: expectRSET})
		if (step || idle) && !p.sync() {
			return false
		}
	}
	p.command(t.mail, expectation{t: t, kind: expectMAIL})
	return !step || p.sync() && !p.refusedMail(t)
}

// refusedMail ends a transaction that did not begin.
func (p *pipeline) refusedMail(t *transaction) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.fail == nil {
		return false
	}
	p.finish(t)
	return true
}

// giveUp ends a transaction before its letter when nobody would get it.
func (p *pipeline) giveUp(t *transaction) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !t.hopeless() {
		return false
	}
	p.dirty = p.dirty || t.opened
	p.finish(t)
	return true
}

// putChunk sends the letter as one chunk (RFC 3030 §2).
func (p *pipeline) putChunk(t *transaction) {
	p.expect(expectation{t: t, kind: expectBDAT})
	line := "BDAT " + strconv.FormatInt(t.res.Size, 10) + " LAST"
	p.say(line)
	p.put(line)
	p.putLetter(t, false)
}

// putData sends DATA, waits for its 354 and sends the letter.
func (p *pipeline) putData(t *transaction) {
	p.command("DATA", expectation{t: t, kind: expectDATA})
	if !p.sync() {
		return
	}
	p.mu.Lock()
	if !t.proceed {
		p.dirty = p.dirty || t.opened
		p.finish(t)
		p.mu.Unlock()
		return
	}
	t.void = t.hopeless()
	p.mu.Unlock()
	p.expect(expectation{t: t, kind: expectEnd})
	if t.void {
		p.putLoneDot(t)
		return
	}
	p.putLetter(t, true)
}

// putLoneDot ends a DATA that the server began although nobody was accepted (RFC 2920 §3.1). Where somebody was, an
// empty letter would be delivered: the connection is dropped instead.
func (p *pipeline) putLoneDot(t *transaction) {
	p.mu.Lock()
	wrong := len(t.accepted) > 0 || p.c.cfg.LMTP
	p.mu.Unlock()
	if wrong {
		p.lost(protocolError(StageDATA, "354 to DATA after MAIL was refused").Err)
		return
	}
	p.put(".")
	p.ended(t)
}

// putLetter sends the letter. Its last octets are in out, unwritten, until it is known that it is whole.
func (p *pipeline) putLetter(t *transaction, dots bool) {
	p.c.conn.Log.Note("the letter, %d octets", t.res.Size)
	w := t.job.Letter.open(dots)
	for last := false; !last; {
		before := len(p.out)
		out, end, err := w.next(p.out)
		if err != nil {
			p.abandon(t, err)
			return
		}
		last, p.out = end, out
		p.queued += int64(len(out) - before)
		if !last && len(p.out) >= flight && !p.flush() {
			return
		}
	}
	if dots {
		p.put(".")
	}
	p.ended(t)
	if len(p.out) >= flight {
		p.flush()
	}
}

// ended notes where on the wire the letter ends.
func (p *pipeline) ended(t *transaction) {
	p.mu.Lock()
	t.end = p.queued
	p.mu.Unlock()
}

// abandon ends the connection in the middle of a letter that cannot be read to its end. Letters before it are answered:
// one that is read from a file is begun only then.
func (p *pipeline) abandon(t *transaction, err error) {
	p.mu.Lock()
	t.fail = &Error{Stage: StageLetter, Err: err}
	p.mu.Unlock()
	p.lost(t.fail)
}
