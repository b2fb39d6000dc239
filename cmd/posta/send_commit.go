package main

import (
	"slices"
	"sync"
	"time"
)

// commitLetters is how many letters share one sync of the journal at most. It is also how many more letters than
// those in flight a crash leaves in doubt.
const commitLetters = 64

// markDelay is how long the news that a letter was accepted may wait for others, to go to the disk with them.
const markDelay = 20 * time.Millisecond

// committer writes the journal. Letters wait for the disk in groups: while one group is synced the next gathers.
type committer struct {
	journal *journal
	mu      sync.Mutex
	marks   []mark        // of letters whose reply came
	due     bool          // wake will come
	wake    chan struct{} // marks have waited long enough
	end     chan struct{} // by who waits for ended: nothing more is settled
	ended   chan struct{} // nothing more is written
}

func newCommitter(j *journal) *committer {
	return &committer{journal: j, wake: make(chan struct{}, 1), end: make(chan struct{}), ended: make(chan struct{})}
}

// settled notes what became of a letter. It does not wait for the disk; the mark is written a little later, together
// with those that come until then.
func (c *committer) settled(m mark) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.marks = append(c.marks, m)
	if c.due {
		return
	}
	c.due = true
	time.AfterFunc(markDelay, func() {
		select {
		case c.wake <- struct{}{}:
		default:
		}
	})
}

func (c *committer) takeMarks() []mark {
	c.mu.Lock()
	defer c.mu.Unlock()
	marks := c.marks
	c.marks, c.due = nil, false
	return marks
}

// run passes letters from in to out, each after the journal says that it is being sent, and writes the marks of
// settled ones meanwhile. It ends when in is closed, or with the journal's error; the letters that it holds then are
// refused. Flush writes what is settled after that.
func (c *committer) run(in <-chan *consignment, out chan<- *consignment, refuse func(*consignment, error)) error {
	for {
		group, more := c.gather(in)
		c.mu.Lock()
		for _, l := range group {
			c.marks = append(c.marks, mark{letter: l.delivery.Letter, state: stateSending, print: l.print})
		}
		c.mu.Unlock()
		err := c.flush()
		for err == nil && len(group) > 0 {
			select {
			case out <- group[0]:
				group = group[1:]
			case <-c.wake:
				err = c.flush()
			}
		}
		for _, l := range group {
			refuse(l, err)
		}
		if err != nil || !more {
			return err
		}
	}
}

// gather waits for a letter or a mark, and takes the letters that are there by then.
func (c *committer) gather(in <-chan *consignment) (group []*consignment, more bool) {
	select {
	case l, ok := <-in:
		if !ok {
			return nil, false
		}
		group = append(group, l)
	case <-c.wake:
		return nil, true
	}
	for len(group) < commitLetters {
		select {
		case l, ok := <-in:
			if !ok {
				return group, false
			}
			group = append(group, l)
		default:
			return group, true
		}
	}
	return group, true
}

// follow writes the marks of the last letters, after run.
func (c *committer) follow() {
	defer close(c.ended)
	for {
		select {
		case <-c.wake:
			if c.flush() != nil {
				return // the flush at the end fails too, and is reported
			}
		case <-c.end:
			return
		}
	}
}

// flush writes the marks that there are. Of two on the same letter the later one counts.
func (c *committer) flush() error {
	marks := c.takeMarks()
	if len(marks) == 0 {
		return nil
	}
	last := map[int]int{}
	for i, m := range marks {
		last[m.letter] = i
	}
	kept := marks[:0]
	for i, m := range marks {
		if last[m.letter] == i {
			kept = append(kept, m)
		}
	}
	slices.SortFunc(kept, func(a, b mark) int { return a.letter - b.letter })
	if err := c.journal.write(kept); err != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.marks = append(kept, c.marks...)
		return err
	}
	return nil
}
