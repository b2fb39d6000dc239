package mxlookup

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"syscall"
	"time"
)

// socket is one source port.
type socket struct {
	conn  io.ReadWriteCloser
	alone aloneReader // conn, if it is one

	mu      sync.Mutex
	waiting map[uint16]*waiter
	asked   int
	retired bool // closed as soon as nothing waits
	led     bool // somebody reads alone
}

// use counts one more question; false when the socket is worn out.
func (s *socket) use() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	s.retired = s.retired || s.asked > portLife
	if s.retired && len(s.waiting) == 0 {
		s.conn.Close()
	}
	return !s.retired
}

// add gives w an id that nothing else on the socket waits with. portLife keeps ids free.
func (s *socket) add(w *waiter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := uint16(rand.Uint32())
	for s.waiting[id] != nil {
		id = uint16(rand.Uint32())
	}
	w.question.setID(id)
	s.waiting[id] = w
}

func (s *socket) remove(w *waiter) {
	delete(s.waiting, w.question.id())
	if s.retired && len(s.waiting) == 0 {
		s.conn.Close()
	}
}

// read hands each answer to whom it is for, until the socket is closed.
func (s *socket) read() {
	buf := make([]byte, 4096) // maxUDP was asked for; some servers send more, none of sense that much
	for s.receive(buf) {
	}
}

// receive reads one packet; false when the socket is at its end.
func (s *socket) receive(buf []byte) bool {
	n, err := s.conn.Read(buf)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED): // ICMP: nobody listens there
		s.fail(err)
	case errors.Is(err, os.ErrDeadlineExceeded): // alone: see attend
	case err != nil:
		s.retire(err)
		return false
	case n >= headerLen:
		s.deliver(buf[:n])
	}
	return true
}

// deliver matches an answer by id, opcode and question. What matches nothing is dropped in silence: it may be late,
// doubled or forged.
func (s *socket) deliver(m message) {
	if !m.has(flagResponse) || m.has(maskOpcode) {
		return
	}
	s.mu.Lock()
	w := s.waiting[m.id()]
	exact, folded := w.matches(m)
	var sent time.Time
	var again time.Duration
	if exact || folded {
		s.remove(w)
		sent, again = w.sent, w.again
	}
	s.mu.Unlock()
	if exact || folded {
		w.server.answered(time.Since(sent), again)
		w.tell(reply{from: w, message: bytes.Clone(m), folded: !exact})
	}
}

// equalFold compares two question sections but for the case of ASCII letters in the name.
func equalFold(a, b []byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && (a[i]^b[i] != 0x20 || a[i]|0x20 < 'a' || a[i]|0x20 > 'z') {
			return false
		}
	}
	return true
}

// fail tells everyone who waits that no answer will come.
func (s *socket) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.waiting {
		w.tell(reply{from: w, err: err})
	}
	clear(s.waiting)
}

// retire takes a broken socket out of use.
func (s *socket) retire(err error) {
	s.mu.Lock()
	s.retired = true
	s.mu.Unlock()
	s.fail(err)
	s.conn.Close()
}
