package dialer

import "time"

// While octets come about as fast as memory takes them, it costs more to sleep than to wait: the peer has to wake this end up
// for every piece that it sends, which on virtual machines takes a good part of its time, and is the slower for it. So for a
// short time the socket is asked again instead, and a large read is filled. That is for peers on this machine and for
// networks faster than those of today's desks; on any other the pieces do not come fast enough for it to begin.
const (
	rushOctets   = 256 << 10              // have to come
	rushTime     = 800 * time.Microsecond // within this: about 330 MB/s
	rushPatience = 200 * time.Microsecond // without anything new, and it is over
)

// rush says whether octets come that fast.
type rush struct {
	on    bool
	count int       // octets since then:
	since time.Time // the begin, or the last time that enough of them had come
}

// came counts n octets. In a rush that they are too few is seen in time, too: a peer that drips must not keep a read long.
func (r *rush) came(n int) {
	r.count += n
	if r.count < rushOctets && !r.on {
		return
	}
	now := time.Now()
	took := now.Sub(r.since)
	switch {
	case r.count >= rushOctets:
		r.on = took < rushTime
	case took < rushTime:
		return
	default:
		r.on = false
	}
	r.count, r.since = 0, now
}

// over begins to count anew: the peer made this end wait.
func (r *rush) over() { *r = rush{since: time.Now()} }
