package mxlookup

import (
	"bufio"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// streamPatience bounds connecting to a server and one answer of it over a stream.
const streamPatience = 5 * time.Second

// stream asks one server over TCP or TLS: one connection, kept open, with the questions pipelined (RFC 7766 §6.2.1).
type stream struct {
	dial     func(context.Context) (net.Conn, error)
	patience time.Duration // 0: streamPatience

	mu      sync.Mutex
	current *pipe
	closed  bool
}

var errBusy = errors.New("too many questions in flight")

// pipe is one connection.
type pipe struct {
	conn  net.Conn
	heard atomic.Int64 // when the last message came, Unix nanoseconds

	writing sync.Mutex
	mu      sync.Mutex
	waiting map[uint16]*pending
	err     error // why the connection ended
}

type pending struct {
	section []byte
	reply   chan message // closed when the connection ends
}

func (s *stream) ask(ctx context.Context, question message) (message, error) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(s.patience, streamPatience))
	defer cancel()
	for {
		p, fresh, err := s.open(ctx)
		if err != nil {
			return nil, err
		}
		m, err := p.ask(ctx, question)
		if err == nil || fresh || ctx.Err() != nil {
			return m, err
		}
		// RFC 7766 §6.2.4: the server closed a connection that was idle; ask again over another.
	}
}

// open is the connection in use, or a fresh one.
func (s *stream) open(ctx context.Context) (p *pipe, fresh bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, false, net.ErrClosed
	}
	if s.current != nil && s.current.failure() == nil {
		return s.current, false, nil
	}
	conn, err := s.dial(ctx)
	if err != nil {
		return nil, false, err
	}
	s.current = &pipe{conn: conn, waiting: make(map[uint16]*pending)}
	go s.current.read()
	return s.current, true, nil
}

func (s *stream) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.current == nil || s.current.failure() != nil {
		return nil
	}
	return s.current.conn.Close()
}

func (p *pipe) failure() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// ask sends a question and waits for its answer.
func (p *pipe) ask(ctx context.Context, question message) (message, error) {
	section, err := question.question()
	if err != nil {
		return nil, err
	}
	w := &pending{section: section, reply: make(chan message, 1)}
	id, err := p.add(w)
	if err != nil {
		return nil, err
	}
	defer p.drop(id, w)
	asked := time.Now().UnixNano()
	if err := p.send(ctx, id, question); err != nil {
		return nil, err
	}
	select {
	case m, ok := <-w.reply:
		if !ok {
			return nil, p.failure()
		}
		return m, nil
	case <-ctx.Done():
		if p.heard.Load() < asked { // it may be dead without having said so: the next question goes over another
			p.end(ctx.Err())
		}
		return nil, ctx.Err()
	}
}

func (p *pipe) add(w *pending) (id uint16, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return 0, p.err
	}
	if len(p.waiting) > 1<<15 {
		return 0, errBusy
	}
	for id = uint16(rand.Uint32()); p.waiting[id] != nil; {
		id = uint16(rand.Uint32())
	}
	p.waiting[id] = w
	return id, nil
}

// drop ends the wait of w, whose id may be another's by now.
func (p *pipe) drop(id uint16, w *pending) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting[id] == w {
		delete(p.waiting, id)
	}
}

// send writes the length and the message in one piece (RFC 7766 §8).
func (p *pipe) send(ctx context.Context, id uint16, question message) error {
	b := binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(question)), uint16(len(question)))
	b = append(b, question...)
	message(b[2:]).setID(id)
	p.writing.Lock()
	defer p.writing.Unlock()
	if deadline, ok := ctx.Deadline(); ok {
		p.conn.SetWriteDeadline(deadline)
	}
	if _, err := p.conn.Write(b); err != nil {
		p.end(err) // half a message may be out
		return err
	}
	return nil
}

// read hands each answer to whom it is for, until the connection ends.
func (p *pipe) read() {
	r := bufio.NewReaderSize(p.conn, 16<<10)
	for {
		quickAck(p.conn)
		var length [2]byte
		_, err := io.ReadFull(r, length[:])
		m := make(message, binary.BigEndian.Uint16(length[:]))
		if err == nil {
			_, err = io.ReadFull(r, m)
		}
		if err != nil {
			p.end(err)
			return
		}
		p.heard.Store(time.Now().UnixNano())
		p.deliver(m)
	}
}

func (p *pipe) deliver(m message) {
	section, err := m.question()
	if err != nil || !m.has(flagResponse) || m.has(maskOpcode) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if w := p.waiting[m.id()]; w != nil && equalFold(w.section, section) {
		delete(p.waiting, m.id())
		w.reply <- m
	}
}

// end closes the connection and tells everyone who waits.
func (p *pipe) end(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return
	}
	p.err = err
	p.conn.Close()
	for id, w := range p.waiting {
		delete(p.waiting, id)
		close(w.reply)
	}
}
