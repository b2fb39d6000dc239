package mxlookup

import (
	"sync"
	"time"
)

// Bounds of the time after which a question is sent again.
const (
	firstRTO = 400 * time.Millisecond // before anything is known of the server
	minRTO   = 60 * time.Millisecond  // a resolver that has to ask others is slower than the last answer
	maxRTO   = 2 * time.Second
)

// rtt estimates how long a server takes to answer (RFC 6298 §2).
type rtt struct {
	mu           sync.Mutex
	smooth, vary time.Duration
	shortest     time.Duration
}

// sample notes that an answer came d after its question was last sent, which was again after it was first sent.
//
// Nobody knows which of the two it answers. Karn's algorithm would not count it, and so never learn that a server has
// become slow; here it counts as the answer to the last unless that would be too quick.
func (t *rtt) sample(d, again time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if again > 0 && d < t.smooth/2 {
		d += again
	}
	if t.smooth == 0 {
		t.smooth, t.vary, t.shortest = d, d/2, d
		return
	}
	t.shortest = min(t.shortest, d)
	t.vary += ((t.smooth - d).Abs() - t.vary) / 4
	t.smooth += (d - t.smooth) / 8
}

// least is the shortest round trip seen, 0 before the first.
func (t *rtt) least() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.shortest
}

// timeout is how long to wait for an answer to a question that was sent again n times.
func (t *rtt) timeout(n int) time.Duration {
	t.mu.Lock()
	rto := max(minRTO, t.smooth+4*t.vary, 2*t.smooth)
	if t.smooth == 0 {
		rto = firstRTO
	}
	t.mu.Unlock()
	return min(rto<<min(n, 6), maxRTO)
}
