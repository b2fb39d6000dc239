package mxlookup

import (
	"bytes"
	"errors"
	"net"
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

// tell hands on a reply; the receiver has room for one of each server and needs no more.
func (w *waiter) tell(r reply) {
	select {
	case w.replies <- r:
	default:
	}
}
