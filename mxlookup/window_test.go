package mxlookup

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestWindow: never more in flight than there is room for, and everyone gets a turn.
func TestWindow(t *testing.T) {
	w := window{fixed: 5}
	var inside, most atomic.Int32
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			w.enter(0)
			n := inside.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			time.Sleep(time.Microsecond)
			inside.Add(-1)
			w.leave(0)
		})
	}
	wg.Wait()
	if most.Load() > 5 || w.inFlight != 0 {
		t.Errorf("%d in flight at once, want 5 at most; %d at the end", most.Load(), w.inFlight)
	}
}

// TestWindowSize: as much as comes back in a round trip.
func TestWindowSize(t *testing.T) {
	var w window
	for rtt, want := range map[time.Duration]int{0: minWindow, time.Millisecond: minWindow, 20 * time.Millisecond: 500, time.Second: maxWindow} {
		if got := w.size(rtt); got != want {
			t.Errorf("%v: got %d, want %d", rtt, got, want)
		}
	}
}

// TestRTO: RFC 6298 §2 within bounds; backs off by doubling; loss does not blow it up.
func TestRTO(t *testing.T) {
	var r rtt
	if got := r.timeout(0); got != firstRTO {
		t.Errorf("before anything is known: %v", got)
	}
	for range 50 {
		r.sample(20*time.Millisecond, 0)
	}
	if got := r.timeout(0); got != minRTO {
		t.Errorf("at 20 ms: %v, want %v", got, minRTO)
	}
	if got := r.timeout(2); got != 4*minRTO {
		t.Errorf("the third try at 20 ms: %v, want %v", got, 4*minRTO)
	}
	if got := r.timeout(60); got != maxRTO {
		t.Errorf("the sixtieth try: %v, want %v", got, maxRTO)
	}
	r.sample(20*time.Millisecond, 60*time.Millisecond) // one was lost
	if got := r.timeout(0); got > 70*time.Millisecond {
		t.Errorf("after a loss: %v", got)
	}
	for range 50 {
		r.sample(time.Millisecond, 400*time.Millisecond) // it has become slow: the answer is to the first of two
	}
	if got := r.timeout(0); got < 200*time.Millisecond {
		t.Errorf("for a server that has become slow: %v", got)
	}
}
