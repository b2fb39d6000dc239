package dialer

import (
	"errors"
	"net"
	"os"
	"runtime"
	"sync/atomic"
	"time"
)

// limited is a transport connection whose waits end. It stands below TLS, to which a limit that is prolonged is thus no
// error. One goroutine may read while another writes.
type limited struct {
	net.Conn
	socket *socket // reads instead of Conn; nil: Conn does
	epoch  time.Time
	limit  atomic.Int64
	wrote  atomic.Int64 // when a write last moved something, since epoch
	read   window
	write  window
	dead   atomic.Pointer[Error] // why Watch ended the connection
}

func newLimited(nc net.Conn, limit time.Duration) *limited {
	l := &limited{Conn: nc, socket: newSocket(nc), epoch: time.Now()}
	l.limit.Store(int64(limit))
	l.read.set = nc.SetReadDeadline
	l.write.set = nc.SetWriteDeadline
	l.write.step = resumable
	return l
}

// Where a write that ran into its deadline says how much it wrote, it can go on. Windows does not; there a write is made
// in pieces, each of which has the whole time limit.
const (
	resumable = runtime.GOOS != "windows"
	pieceSize = 16 << 10
)

func (l *limited) now() time.Duration     { return time.Since(l.epoch) }
func (l *limited) timeout() time.Duration { return time.Duration(l.limit.Load()) }

// until lets all waits end at one time, until unbound.
func (l *limited) until(t time.Time) {
	end := t.Sub(l.epoch)
	l.read.mode, l.read.end = bounded, end
	l.write.mode, l.write.end = bounded, end
}

func (l *limited) unbound() { l.read.mode, l.write.mode = bulkNext, bulkNext }

// startLine begins a line or a reply.
func (l *limited) startLine() { l.read.mode = lineNext }
func (l *limited) endLine()   { l.read.mode = bulkNext }

func (l *limited) Read(p []byte) (int, error) {
	for {
		if err := l.arm(&l.read); err != nil {
			return 0, err
		}
		n, err := l.receive(p)
		l.read.leave(l.now(), n)
		if n > 0 || err == nil || !l.again(&l.read, err) {
			return n, l.cause(err)
		}
	}
}

func (l *limited) receive(p []byte) (int, error) {
	if l.socket != nil {
		return l.socket.Read(p)
	}
	return l.Conn.Read(p)
}

func (l *limited) Write(p []byte) (int, error) {
	written := 0
	for {
		if err := l.arm(&l.write); err != nil {
			return written, err
		}
		piece := p[written:]
		if !resumable {
			piece = piece[:min(len(piece), pieceSize)]
		}
		n, err := l.Conn.Write(piece)
		written += n
		now := l.now()
		l.write.leave(now, n)
		if n > 0 {
			l.wrote.Store(int64(now))
		}
		if written == len(p) || err != nil && !l.again(&l.write, err) {
			return written, l.cause(err)
		}
	}
}

// arm begins a wait.
func (l *limited) arm(w *window) error {
	now, limit := l.now(), l.timeout()
	w.enter(now, limit)
	if end, ok := w.deadline(now, limit); ok {
		if err := w.set(l.epoch.Add(end)); err != nil {
			return err
		}
	}
	// If Watch ends the connection only after this look, it sets the deadline after it was set here.
	if dead := l.dead.Load(); dead != nil {
		return dead
	}
	return nil
}

// again tells whether the wait goes on: err is a deadline that struck before the window's end, or the window is
// prolonged.
func (l *limited) again(w *window, err error) bool {
	if !errors.Is(err, os.ErrDeadlineExceeded) || l.dead.Load() != nil || w == &l.write && !resumable {
		return false
	}
	now, limit := l.now(), l.timeout()
	if w == &l.read && w.mode == line {
		// While this end still writes, the reply to it is not due.
		w.end = max(w.end, time.Duration(l.wrote.Load())+limit)
	}
	return now < w.end || w.prolong(now, limit)
}

// cause says why a wait ended.
func (l *limited) cause(err error) error {
	if err == nil {
		return nil
	}
	if dead := l.dead.Load(); dead != nil {
		return dead
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return timeLimit(l.timeout())
	}
	return err
}

// kill ends all waits, those under way too.
func (l *limited) kill(why *Error) {
	if l.dead.CompareAndSwap(nil, why) {
		l.SetDeadline(l.epoch)
	}
}
