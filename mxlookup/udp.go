package mxlookup

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// portLife is after how many questions a socket gives way to one with another source port: a port that is used for
// long could be found and its answers forged (RFC 5452 §9.2).
const portLife = 1 << 14

// udp asks one server over UDP: many questions in flight over one connected socket, which the kernel lets nobody but
// the server answer to.
type udp struct {
	server  *server
	address string
	window  window
	alone   bool // Config.Alone

	mu     sync.Mutex
	socket *socket
	closed bool
}

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

// waiter is a question that waits for its answer from one server.
type waiter struct {
	socket   *socket
	server   *server
	question message
	section  []byte        // its question section
	sent     time.Time     // last
	again    time.Duration // between the first time it was sent and the last
	replies  chan<- reply
}

// reply is what came back for a waiter: an answer to its question, or the reason why none will come.
type reply struct {
	from    *waiter
	message message
	folded  bool // the case of letters is not that of the question
	err     error
}

// ask sends a question. The answer goes to replies, if there is room; drop ends the wait.
func (u *udp) ask(question message, replies chan<- reply) (*waiter, error) {
	section, err := question.question()
	if err != nil {
		return nil, err
	}
	u.window.enter(u.server.rtt.least())
	w := &waiter{server: u.server, question: question, section: section, sent: time.Now(), replies: replies}
	if err := u.enter(w); err != nil {
		u.window.leave(0)
		return nil, err
	}
	return w, w.write()
}

// enter finds the socket for w. A socket is retired under the same lock, so that none closes before w waits on it.
func (u *udp) enter(w *waiter) (err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if w.socket, err = u.open(); err == nil {
		w.socket.add(w)
	}
	return err
}

// open is the socket for the next question.
func (u *udp) open() (*socket, error) {
	if u.closed {
		return nil, net.ErrClosed
	}
	if s := u.socket; s != nil {
		if s.use() {
			return s, nil
		}
		u.socket = nil
	}
	s, err := u.dial()
	if err == nil {
		u.socket = s
	}
	return s, err
}

// dial opens a socket with one question counted.
func (u *udp) dial() (*socket, error) {
	s := &socket{waiting: make(map[uint16]*waiter), asked: 1}
	if u.alone {
		if s.alone = dialAlone(u.address); s.alone != nil {
			s.conn = s.alone
			return s, nil
		}
	}
	conn, err := net.Dial("udp", u.address)
	if err != nil {
		return nil, err
	}
	if c, ok := conn.(*net.UDPConn); ok {
		c.SetReadBuffer(4 << 20) // as much as the system grants: answers come in bursts
	}
	s.conn = conn
	go s.read()
	return s, nil
}

func (u *udp) close() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.closed = true
	if u.socket == nil {
		return nil
	}
	return u.socket.conn.Close()
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

// resend sends the question again: with the same id, so that a late answer to the first counts.
func (w *waiter) resend() error {
	w.socket.mu.Lock()
	now := time.Now()
	w.again += now.Sub(w.sent)
	w.sent = now
	w.socket.mu.Unlock()
	return w.write()
}

func (w *waiter) write() error {
	_, err := w.socket.conn.Write(w.question)
	if errors.Is(err, syscall.ECONNREFUSED) {
		// The refusal of an earlier packet; this one was not sent.
		_, err = w.socket.conn.Write(w.question)
	}
	return err
}

// drop ends the wait. Each waiter is dropped once, whether it was answered or not.
func (w *waiter) drop() {
	w.server.udp.window.leave(w.server.rtt.least())
	s := w.socket
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting[w.question.id()] == w {
		s.remove(w)
	}
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

// matches says whether m repeats the question of w exactly, or but for the case of letters.
func (w *waiter) matches(m message) (exact, folded bool) {
	if w == nil {
		return false, false
	}
	section, err := m.question()
	if err != nil {
		// RFC 6891 §7: a server that cannot read EDNS0 may send its FORMERR with the header alone.
		rcode := m.rcode()
		return m.count(0) == 0 && (rcode == rcodeFormErr || rcode == rcodeNotImp), false
	}
	return bytes.Equal(section, w.section), equalFold(section, w.section)
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

// tell hands on a reply; the receiver has room for one of each server and needs no more.
func (w *waiter) tell(r reply) {
	select {
	case w.replies <- r:
	default:
	}
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
