package main

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"posta/mimetool/stream"
	"posta/sendmail"
)

const (
	maxJobs      = 100              // connections that one run opens
	letterMemory = 256 << 10        // a larger letter of a stream goes to a temporary file
	streamMemory = 6 << 20          // octets of the letters that are under way
	letterWeight = 2 << 10          // of a letter beside its octets
	grace        = 5 * time.Second  // for letters in flight when the user interrupts
	allowance    = 10 * time.Second // for reconnecting, where --retry does not give more
)

// streaming is a run of posta send --stream. Letters go one way:
//
//	read ──► commit (the journal) ──► work, one for each connection ──► settle
//
// Each stage ends when the one before it has closed its channel. To stop early, reading ends; what is under way then
// is settled as everything is.
type streaming struct {
	*sending
	cfg       sendmail.Config
	committer *committer // nil without --journal
	pace      *pace
	memory    *semaphore.Weighted

	reading   context.Context // ends when no more letters shall be read
	halt      context.CancelCauseFunc
	planned   chan *consignment // read, in the order of the stream
	ready     chan *consignment // may be sent
	done      chan *consignment // settled
	connected atomic.Int32      // connections that work
	everSent  atomic.Bool       // a connection worked once
	held      atomic.Int64      // weight of the letters that wait for another try
	last      int               // letter that was read; this and cut are for run when reading has ended
	cut       error             // the stream could not be read to its end; what was read of it is sent
}

// consignment is a letter on its way.
type consignment struct {
	*outgoing // nil when the letter could not be read
	delivery  *delivery
	print     fingerprint
	weight    int64
	close     func() error
	tries     int                        // connections that were lost over it
	since     time.Time                  // of its first temporary refusal
	due       time.Time                  // with --direct: of its next try
	skipped   bool                       // the journal says that it is done
	left      []*sendmail.RecipientError // of the last try: who does not have it yet
}

// runStream sends the letters on standard input.
func (s *sending) runStream(ctx context.Context, nul bool) error {
	format, err := stream.ParseFormat(s.opt.stream)
	if err != nil {
		return usageError("--stream: %w", err)
	}
	if s.opt.dryRun {
		return s.planStream(format, nul)
	}
	t := &streaming{
		sending: s, pace: newPace(s.opt.rate), memory: semaphore.NewWeighted(streamMemory),
		planned: make(chan *consignment), ready: make(chan *consignment), done: make(chan *consignment, 64),
	}
	if t.mta == nil {
		t.cfg, err = s.config(ctx)
	}
	if err != nil {
		return err
	}
	if s.opt.journal != "" {
		j, err := openJournal(s.opt.journal)
		if err != nil {
			return err
		}
		t.committer = newCommitter(j)
		t.planned = make(chan *consignment, commitLetters)
	}
	t.reading, t.halt = context.WithCancelCause(ctx)
	defer t.halt(nil)
	return t.run(ctx, format, nul)
}

// run starts the stages and settles what comes out of them.
func (t *streaming) run(ctx context.Context, format stream.Format, nul bool) error {
	sendingCtx, stop := graceful(ctx)
	defer stop()
	var stages sync.WaitGroup
	stages.Go(func() { t.read(format, nul) })
	if t.committer == nil {
		t.ready = t.planned
	} else {
		stages.Go(t.commit)
	}
	for range t.opt.jobs {
		if t.mta != nil {
			stages.Go(func() { t.workDirect(sendingCtx) })
		} else {
			stages.Go(func() { t.work(sendingCtx) })
		}
	}
	go func() {
		stages.Wait()
		close(t.done)
	}()
	total, err := t.settleAll()
	err = firstError(t.closeJournal(), err)
	if t.stopped() != nil {
		t.env.warn("stopped after letter %d; what follows it in the stream was not read", t.last)
	}
	if cause := context.Cause(t.reading); cause != nil && ctx.Err() == nil {
		return firstError(err, cause)
	}
	return firstError(err, ctx.Err(), t.cut, silent(total.status()))
}

// graceful is a context that ends a little after ctx, so that letters in flight get their replies.
func graceful(ctx context.Context) (context.Context, func()) {
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return late, func() { stop(); cancel() }
}

// commit passes planned letters on once they are in the journal.
func (t *streaming) commit() {
	err := t.committer.run(t.planned, t.ready, t.unsent)
	close(t.ready)
	if err == nil {
		go t.committer.follow()
		return
	}
	close(t.committer.ended)
	t.halt(fail(exitIOErr, "--journal: %w", err))
	for c := range t.planned {
		t.unsent(c, err)
	}
}

// unsent settles a letter that cannot be sent.
func (t *streaming) unsent(c *consignment, err error) {
	c.delivery.conclude(err)
	t.done <- c
}

func (t *streaming) closeJournal() error {
	if t.committer == nil {
		return nil
	}
	close(t.committer.end)
	<-t.committer.ended
	if err := firstError(t.committer.flush(), t.committer.journal.close()); err != nil {
		return fail(exitIOErr, "--journal: %w", err)
	}
	return nil
}

// stopped says why no more letters are read; nil while they are.
func (t *streaming) stopped() error {
	if t.reading.Err() == nil {
		return nil
	}
	return context.Cause(t.reading)
}
