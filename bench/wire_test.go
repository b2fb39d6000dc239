package bench

import (
	"net"
	"sync"
	"testing"
	"time"
)

// wire is a long way to a server: each octet takes half of the round trip in each direction, however many are under way.
type wire struct {
	addr string
	half time.Duration

	mu       sync.Mutex
	count    int
	answered bool // something came back since the client sent something
}

// stretch puts a way of this round trip before a server.
func stretch(b testing.TB, server string, roundTrip time.Duration) *wire {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	w := &wire{addr: l.Addr().String(), half: roundTrip / 2}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", server)
			if err != nil {
				client.Close()
				return
			}
			go w.carry(far, client, w.sent)
			go w.carry(client, far, w.received)
		}
	}()
	return w
}

// piece is what arrives at a time.
type piece struct {
	octets []byte
	at     time.Time
}

// carry carries from one end to the other, and tells what comes.
func (w *wire) carry(to, from net.Conn, told func()) {
	pieces := make(chan piece, 1<<14)
	go func() {
		defer close(pieces)
		for {
			octets := make([]byte, 64<<10)
			n, err := from.Read(octets)
			if n > 0 {
				pieces <- piece{octets[:n], time.Now().Add(w.half)}
			}
			if err != nil {
				return
			}
			told()
		}
	}()
	for p := range pieces {
		time.Sleep(time.Until(p.at))
		if _, err := to.Write(p.octets); err != nil {
			break
		}
	}
	to.Close()
	for range pieces { // until the reader has seen that it is over
	}
}

// sent notes that the client sent something: a turn, if it had to wait for what came before.
func (w *wire) sent() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.answered {
		w.count++
	}
	w.answered = false
}

func (w *wire) received() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answered = true
}

func (w *wire) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.count, w.answered = 0, false
}

// turns is how often a client waited for the server.
func (w *wire) turns() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count
}
