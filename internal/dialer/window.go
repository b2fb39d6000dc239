package dialer

import "time"

// mode is what a wait is for, and thereby how its time is counted.
type mode int

const (
	bulkNext mode = iota // bulk data whose first wait is to come
	bulk                 // bulk data: at least the minimal rate within each time limit
	lineNext             // a line or reply whose first wait is to come
	line                 // a line or reply: one time limit as a whole, however its octets are spread
	bounded              // a fixed end
)

// minimalRate is how many octets a second, on average over a time limit, bulk data must move; a peer below it is
// dripping. At a limit of 60 s that is 15 KiB.
const minimalRate = 256

// window is the time that one direction of a connection has. It belongs to the goroutine that reads or writes.
// Times are since the connection's epoch.
type window struct {
	set   func(time.Time) error // sets the deadline
	step  bool                  // wake up now and then, to see progress within one call (writes)
	mode  mode
	begun time.Duration // the begin, less the time that was not spent waiting
	moved time.Duration // when octets last moved
	left  time.Duration // when the last wait ended
	count int           // octets moved since begun
	end   time.Duration // when the wait must end
	armed time.Duration // the deadline that is set
}

// enter begins a wait: it says until when.
func (w *window) enter(now, limit time.Duration) {
	switch w.mode {
	case lineNext:
		w.mode, w.end = line, now+limit
	case bulkNext:
		w.mode = bulk
		w.begin(now, limit)
	case bulk:
		// What the program did since the last wait is not the peer's time.
		w.begun += now - w.left
		w.moved += now - w.left
		w.end = w.begun + limit
		if w.enough(limit) && now-w.begun > limit/8 {
			w.begin(w.moved, limit)
		}
	}
}

func (w *window) begin(at, limit time.Duration) {
	w.begun, w.count, w.end = at, 0, at+limit
}

// enough tells whether the window has seen what the minimal rate asks for.
func (w *window) enough(limit time.Duration) bool {
	return w.count >= max(1, int(limit.Seconds()*minimalRate))
}

// leave ends a wait in which n octets moved.
func (w *window) leave(now time.Duration, n int) {
	w.left = now
	if n > 0 {
		w.moved = now
		w.count += n
	}
}

// prolong is asked at the window's end: bulk data that has moved enough gets another window.
func (w *window) prolong(now, limit time.Duration) bool {
	if w.mode != bulk || !w.enough(limit) || w.moved+limit <= now {
		return false
	}
	w.begin(w.moved, limit)
	return true
}

// deadline returns the deadline to set for the wait that enter began, and false if the one that is set will do: to set
// one costs more than to wake up too early once in a while.
func (w *window) deadline(now, limit time.Duration) (time.Duration, bool) {
	want, slack := w.end, limit/8
	if w.step {
		want = min(w.end, now+limit/8)
		slack = limit / 16
	}
	if w.armed <= want && w.armed > now && w.armed >= want-slack {
		return 0, false
	}
	w.armed = want
	return want, true
}
