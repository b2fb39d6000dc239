package main

import "posta/sendmail"

// handedAhead is how many letters lie ready for a connection, so that it can write several at once.
const handedAhead = 8

// feed hands letters to one connection: first those that another one left, then what is ready.
type feed struct {
	jobs  chan *sendmail.Job
	first []*consignment
	ready <-chan *consignment
	ended chan struct{} // by stop
	left  chan []*consignment
}

func newFeed(first []*consignment, ready <-chan *consignment) *feed {
	return &feed{
		jobs: make(chan *sendmail.Job, handedAhead), first: first, ready: ready,
		ended: make(chan struct{}), left: make(chan []*consignment, 1),
	}
}

// run feeds until there is no more, or stop is called.
func (f *feed) run() {
	f.left <- f.feed()
	close(f.jobs)
}

// feed returns the letters that it took and could not hand over.
func (f *feed) feed() (left []*consignment) {
	for i, c := range f.first {
		if !f.hand(c) {
			return f.first[i:]
		}
	}
	for {
		select {
		case c, ok := <-f.ready:
			if !ok {
				return nil
			}
			if !f.hand(c) {
				return []*consignment{c}
			}
		case <-f.ended:
			return nil
		}
	}
}

func (f *feed) hand(c *consignment) bool {
	select {
	case f.jobs <- &sendmail.Job{Envelope: c.envelope, Letter: c.letter, Tag: c}:
		return true
	case <-f.ended:
		return false
	}
}

// stop ends the feeding and returns the letters that were not handed over.
func (f *feed) stop() (left []*consignment) {
	close(f.ended)
	later := <-f.left
	for job := range f.jobs {
		left = append(left, job.Tag.(*consignment))
	}
	return append(left, later...)
}
