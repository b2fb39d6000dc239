package sendmail

import "slices"

// lost ends the connection. What became of each letter under way follows from what was written and what was answered.
// It may be called from any goroutine but inside a write.
func (p *pipeline) lost(cause error) {
	p.mu.Lock()
	if p.dead != nil {
		p.mu.Unlock()
		return
	}
	p.dead = cause
	close(p.gone)
	p.mu.Unlock()
	p.c.conn.Close() // ends a write

	p.mu.Lock()
	defer p.mu.Unlock()
	for p.inWrite {
		p.reader.Wait()
	}
	for _, t := range slices.Clone(p.live) {
		p.strand(t, cause)
	}
	for _, t := range p.redo {
		t.fail = unsent(StageMAIL, cause)
		p.finish(t)
	}
	p.redo = nil
	p.reader.Broadcast()
	p.writer.Broadcast()
	p.consumer.Broadcast()
}

// strand ends a transaction with the connection. It is in doubt if the whole letter was written, somebody could
// get it, and the server did not say that it closes the connection instead of answering.
func (p *pipeline) strand(t *transaction, cause error) {
	sent := t.end > 0 && t.end <= p.written && !t.void
	nobody := t.answered == len(t.todo) && len(t.accepted) == 0
	switch {
	case t.fail != nil:
	case sent && !nobody && !isClosed(cause):
		stage := StageDataEnd
		if !t.proceed {
			stage = StageBDAT
		}
		t.fail = &Error{Stage: stage, Err: cause, InDoubt: true}
	default:
		t.fail = unsent(p.awaited(t), cause)
	}
	p.finish(t)
}

// awaited is the stage of the reply that t waits for.
func (p *pipeline) awaited(t *transaction) string {
	if !p.expected.none() && p.expected.first().t == t {
		return stages[p.expected.first().kind]
	}
	return StageMAIL
}
