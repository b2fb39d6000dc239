package mxlookup

import (
	"sync"
	"time"
)

// window bounds the questions in flight to one server over UDP: more than it answers in a round trip do not make it
// faster, but overrun the buffer of its socket, and what is lost there is asked again only after a while.
type window struct {
	fixed int // 0: by the round trip time

	mu       sync.Mutex
	inFlight int
	queue    []chan struct{} // who waits, in order
}

// Bounds of a window that goes by the round trip time: between them it has room for what comes back in that time at
// busyRate.
const (
	minWindow = 192 // small questions fit into the buffer that a socket has by default on Linux
	maxWindow = 1024
	busyRate  = 25_000 // answers a second
)

// size is the window at the least round trip time seen: later ones grow with the questions that wait at the server.
func (w *window) size(least time.Duration) int {
	if w.fixed > 0 {
		return w.fixed
	}
	return min(max(minWindow, int(least*busyRate/time.Second)), maxWindow)
}

// enter waits for room. It is not for long: each question in flight ends within its time limit.
func (w *window) enter(least time.Duration) {
	w.mu.Lock()
	if len(w.queue) == 0 && w.inFlight < w.size(least) {
		w.inFlight++
		w.mu.Unlock()
		return
	}
	turn := make(chan struct{})
	w.queue = append(w.queue, turn)
	w.mu.Unlock()
	<-turn
}

// leave makes room.
func (w *window) leave(least time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.inFlight--
	for len(w.queue) > 0 && w.inFlight < w.size(least) {
		close(w.queue[0])
		w.queue = w.queue[1:]
		w.inFlight++
	}
}
