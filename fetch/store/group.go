package store

import "context"

const (
	defaultGroup = 1024     // messages synced together; each has its file open until then
	groupOctets  = 32 << 20 // or so many octets, so that little is lost with the connection
	groupsOpen   = 3        // being filled, waiting, being synced
)

// committer makes groups durable in a goroutine of its own, one after the other, while the next is being filled.
type committer struct {
	opt    Options
	commit func(*group) // makes it durable; failures are in its receipts
	open   *group
	queue  chan *group
	last   *group // to have been queued
	ended  chan struct{}
}

func newCommitter(opt Options, commit func(*group)) *committer {
	if opt.Group <= 0 {
		// The other half of the files that may be open is for others.
		opt.Group = max(1, min(defaultGroup, openFiles()/2/groupsOpen))
	}
	return &committer{opt: opt, commit: commit}
}

// add takes a message into the open group, and hands the group over when it is full.
func (c *committer) add(r *Receipt) {
	c.join(r)
	c.handOverFull()
}

// join takes a message into the open group.
func (c *committer) join(r *Receipt) {
	if c.open == nil {
		c.open = newGroup()
	}
	r.group = c.open
	c.open.receipts = append(c.open.receipts, r)
	c.open.octets += r.Size
}

// handOverFull hands the open group over when it is full.
func (c *committer) handOverFull() {
	if len(c.open.receipts) >= c.opt.Group || c.open.octets >= groupOctets {
		c.handOver()
	}
}

func (c *committer) handOver() {
	if c.queue == nil {
		c.queue, c.ended = make(chan *group, 1), make(chan struct{})
		go c.run()
	}
	c.last, c.open = c.open, nil
	c.queue <- c.last
}

func (c *committer) run() {
	defer close(c.ended)
	for g := range c.queue {
		c.commit(g)
		close(g.done)
	}
}

// flush waits for all that was added.
func (c *committer) flush(ctx context.Context) error {
	if c.open != nil {
		c.handOver()
	}
	if c.last == nil {
		return nil
	}
	select {
	case <-c.last.done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// close flushes, whatever time it takes, and ends the goroutine.
func (c *committer) close() {
	c.flush(context.Background())
	if c.queue != nil {
		close(c.queue)
		<-c.ended
		c.queue = nil
	}
}

// prepare tells the journal what is about to get its name.
func (c *committer) prepare(list []*Receipt) error {
	if c.opt.Journal == nil || len(list) == 0 {
		return nil
	}
	return c.opt.Journal.Prepare(list)
}

// stored tells the journal what is durable.
func (c *committer) stored(list []*Receipt) error {
	if c.opt.Journal == nil || len(list) == 0 {
		return nil
	}
	return c.opt.Journal.Stored(list)
}
