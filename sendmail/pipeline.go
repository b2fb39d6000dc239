package sendmail

import (
	"context"
	"sync"
	"time"
)

// pipeline is a connection while letters go over it. Three goroutines share it: the writer takes jobs and writes
// commands and letters; the reader matches the replies to them in order (RFC 2920 §3.1) and so decides what became of
// each recipient; the one that ranges over the stream takes the outcomes. What they share is under mu.
type pipeline struct {
	c *Client

	// The writer's.
	out     []byte // what is to be written next
	queued  int64  // octets ever put into out
	jobs    <-chan *Job
	limit   int  // jobs still to be taken; -1: any number
	drained bool // there are no more
	quit    bool // say QUIT after the last letter

	mu       sync.Mutex
	reader   *sync.Cond
	writer   *sync.Cond
	consumer *sync.Cond
	wake     chan struct{} // something for a writer that waits for a job
	gone     chan struct{} // closed with dead

	expected expectations // replies due
	due      int          // replies ever expected
	got      int          // replies ever got
	written  int64        // octets ever written
	inWrite  bool
	live     []*transaction // whose outcome is open, in their order
	bytes    int64          // of their letters
	redo     []*transaction // the second half of recipients, after 452
	dirty    bool           // a transaction is open on the server
	heard    time.Time      // when the last reply came
	farewell bool           // QUIT was said
	outcomes []*Outcome
	closed   bool // the writer is done
	dead     error
}

// stream is Stream; with quit the session ends with the last letter.
func (c *Client) stream(ctx context.Context, jobs <-chan *Job, limit int, quit bool) func(yield func(*Outcome) bool) {
	return func(yield func(*Outcome) bool) {
		if c.Broken() {
			return
		}
		p := newPipeline(c, jobs, limit, quit)
		var both sync.WaitGroup
		both.Go(p.writeAll)
		both.Go(p.readAll)
		unwatch := context.AfterFunc(ctx, func() { p.lost(context.Cause(ctx)) })
		for o := p.outcome(); o != nil; o = p.outcome() {
			if !yield(o) {
				p.lost(context.Canceled)
				break
			}
		}
		both.Wait()
		unwatch()
		p.mu.Lock()
		c.broken, c.dirty, c.heard = p.dead, p.dirty, p.heard
		c.closed = c.closed || p.dead != nil
		p.mu.Unlock()
	}
}

func newPipeline(c *Client, jobs <-chan *Job, limit int, quit bool) *pipeline {
	p := &pipeline{
		c: c, jobs: jobs, limit: limit, quit: quit, dirty: c.dirty, heard: c.heard,
		wake: make(chan struct{}, 1), gone: make(chan struct{}),
	}
	if limit <= 0 {
		p.limit = -1
	}
	p.reader, p.writer, p.consumer = sync.NewCond(&p.mu), sync.NewCond(&p.mu), sync.NewCond(&p.mu)
	return p
}

// outcome waits for the next outcome; nil when all is done.
func (p *pipeline) outcome() *Outcome {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.outcomes) == 0 {
		if p.closed && len(p.live) == 0 {
			return nil
		}
		p.consumer.Wait()
	}
	o := p.outcomes[0]
	p.outcomes = p.outcomes[1:]
	p.writer.Signal()
	return o
}

// send1 is a stream of one letter.
func (c *Client) send1(ctx context.Context, env *Envelope, l *Letter, quit bool) (*Result, error) {
	jobs := make(chan *Job, 1)
	jobs <- &Job{Envelope: env, Letter: l}
	close(jobs)
	var outcome *Outcome
	for o := range c.stream(ctx, jobs, 1, quit) { // to its end, which is QUIT's
		outcome = o
	}
	if outcome == nil {
		return nil, c.brokenError(StageMAIL)
	}
	return outcome.Result, outcome.Err
}
