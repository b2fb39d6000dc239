package mxlookup

import (
	"io"
	"time"
)

// aloneReader is a socket that whoever asks reads himself, so that one question starts neither a goroutine nor a thread.
type aloneReader interface {
	io.ReadWriteCloser
	within(time.Duration) // bounds the reads that follow
}

// attend reads what comes on a socket that nobody else reads, until there is something for replies or the time is over.
// Who still waits then is read for by a goroutine, from then on.
func (s *socket) attend(replies <-chan reply, d time.Duration) {
	if s == nil || s.alone == nil || !s.lead() {
		return
	}
	buf := make([]byte, 4096)
	for end := time.Now().Add(d); len(replies) == 0; {
		left := time.Until(end)
		if left <= 0 {
			break
		}
		s.alone.within(left)
		if !s.receive(buf) {
			break
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.led = len(s.waiting) > 0 && !s.retired
	if s.led {
		s.alone.within(time.Minute)
		go s.read()
	}
}

// lead says whether the caller is to read: nobody does.
func (s *socket) lead() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.led || s.retired {
		return false
	}
	s.led = true
	return true
}
