package direct

import (
	"context"
	"errors"
	"net/netip"
	"time"
)

// maxSilent bounds how many silent addresses are remembered.
const maxSilent = 10_000

// silence is an address that let a connection time out.
type silence struct {
	err   error
	until time.Time
}

// silent is the error of an address that is left alone for now, else nil. One that kept a letter waiting for a minute is not
// tried with the next letter for as long, so that many letters to a dead host do not wait one after the other.
func (s *Sender) silent(addr netip.Addr) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.silences[addr]; ok && time.Now().Before(e.until) {
		return e.err
	}
	return nil
}

// noteSilence remembers an address whose connection, begun at a time, ended in err, if it was silent.
func (s *Sender) noteSilence(ctx context.Context, addr netip.Addr, began time.Time, err error) {
	var t interface{ Timeout() bool }
	if ctx.Err() != nil || !errors.As(err, &t) || !t.Timeout() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.silences) >= maxSilent {
		clear(s.silences)
	}
	now := time.Now()
	s.silences[addr] = silence{err, now.Add(now.Sub(began))}
}
