package dialer

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

const limit = time.Minute

// peerTest runs client against peer over a pipe, in a bubble whose clock stands while anyone is busy: times are exact.
// It returns how long the client took.
func peerTest(t *testing.T, peer func(net.Conn), client func(*testing.T, *Conn)) (took time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			peer(far)
		}()
		c := newConn(near, Config{Address: "pipe", Timeout: limit})
		start := time.Now()
		client(t, c)
		took = time.Since(start)
		c.Close()
		far.Close()
		<-done
	})
	return took
}

// drip writes s in pieces of n octets, one each interval, again and again.
func drip(s string, n int, interval time.Duration) func(net.Conn) {
	return func(c net.Conn) {
		for {
			for rest := s; rest != ""; rest = rest[min(n, len(rest)):] {
				time.Sleep(interval)
				if _, err := io.WriteString(c, rest[:min(n, len(rest))]); err != nil {
					return
				}
			}
		}
	}
}

// sip reads n octets each interval.
func sip(n int, interval time.Duration) func(net.Conn) {
	return func(c net.Conn) {
		for {
			time.Sleep(interval)
			if _, err := io.ReadFull(c, make([]byte, n)); err != nil {
				return
			}
		}
	}
}

func silent(c net.Conn) { time.Sleep(24 * time.Hour) }

// then lets a peer do one thing after the other.
func then(fs ...func(net.Conn)) func(net.Conn) {
	return func(c net.Conn) {
		for _, f := range fs {
			f(c)
		}
	}
}

func say(s string) func(net.Conn) { return func(c net.Conn) { io.WriteString(c, s) } }

func wait(d time.Duration) func(net.Conn) { return func(net.Conn) { time.Sleep(d) } }

// readLine reads a line, bulk reads n octets, reply reads lines up to one that begins with a dot.
func readLine(c *Conn) error {
	_, err := c.ReadLine(1000)
	return err
}

func bulkOf(n int64) func(*Conn) error {
	return func(c *Conn) error {
		_, err := io.CopyN(io.Discard, c, n)
		return err
	}
}

func reply(c *Conn) error {
	c.StartReply()
	defer c.EndReply()
	for {
		line, err := c.ReadLine(1000)
		if err != nil || bytes.HasPrefix(line, []byte(".")) {
			return err
		}
	}
}

func writeOf(n int) func(*Conn) error {
	return func(c *Conn) error {
		_, err := c.Write(make([]byte, n))
		return err
	}
}

// Nothing that a peer does may hold a client beyond the limit.
func TestTimeLimit(t *testing.T) {
	for _, c := range []struct {
		name   string
		peer   func(net.Conn)
		client func(*Conn) error
		want   time.Duration
		slack  time.Duration
	}{
		{"line: silence", silent, readLine, limit, 0},
		{"line: silence after its beginning", then(say("250"), silent), readLine, limit, 0},
		{"line: dripped", drip("x", 1, time.Second), readLine, limit, 0},
		{"line: streamed without an end", drip("x", 1, time.Second/10), readLine, limit, 0},
		{"reply: silence", silent, reply, limit, 0},
		{"reply: a line now and then", drip("250-x\r\n", 7, 10*time.Second), reply, limit, 0},
		{"reply: dripped", drip("250-x\r\n", 1, time.Second), reply, limit, 0},
		{"bulk: silence", silent, bulkOf(100), limit, 0},
		{"bulk: silence after a burst", then(wait(5*time.Second), say(string(make([]byte, 1<<20))), silent), bulkOf(2 << 20), 5*time.Second + limit, 0},
		{"bulk: dripped", drip("x", 1, time.Second), bulkOf(1e9), limit, 0},
		{"bulk: dripped in larger drops", drip(string(make([]byte, 1000)), 1000, 10*time.Second), bulkOf(1e9), limit, 0},
		{"bulk: dripped after a burst", then(say(string(make([]byte, 1<<20))), drip("x", 1, time.Second)), bulkOf(1e9), limit, limit / 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := peerTest(t, c.peer, func(t *testing.T, conn *Conn) { timesOut(t, c.client(conn)) })
			if got < c.want || got > c.want+c.slack {
				t.Errorf("ended after %v, want %v and at most %v more", got, c.want, c.slack)
			}
		})
	}
}

// A write goes on in steps of an eighth of the limit, to see progress within: so exact is its end.
func TestTimeLimitOfWrites(t *testing.T) {
	for _, c := range []struct {
		name   string
		peer   func(net.Conn)
		client func(*Conn) error
	}{
		{"nothing is read", silent, writeOf(100)},
		{"nothing more is read", then(sipOnce(1<<20), silent), writeOf(2 << 20)},
		{"an octet a second is read", sip(1, time.Second), writeOf(1 << 20)},
		{"an octet a second is read of many small writes", sip(1, time.Second), func(c *Conn) error {
			for {
				if err := writeOf(10)(c); err != nil {
					return err
				}
			}
		}},
		{"some drops are read", sip(1000, 10*time.Second), writeOf(1 << 20)},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := peerTest(t, c.peer, func(t *testing.T, conn *Conn) { timesOut(t, c.client(conn)) })
			if got < limit || got > limit+limit/8 {
				t.Errorf("ended after %v, want %v or little more", got, limit)
			}
		})
	}
}

func sipOnce(n int) func(net.Conn) {
	return func(c net.Conn) { io.ReadFull(c, make([]byte, n)) }
}

func timesOut(t *testing.T, err error) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Kind != Timeout || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v, want a time-out", err)
	}
}

// A slow peer that gets on is not cut, however long it takes.
func TestSlowIsNotDripping(t *testing.T) {
	for _, c := range []struct {
		name   string
		peer   func(net.Conn)
		client func(*Conn) error
	}{
		{"read at 1000 octets a second", drip(string(make([]byte, 1000)), 1000, time.Second), bulkOf(1e6)},
		{"read at one burst in 50 seconds", drip(string(make([]byte, 20000)), 20000, 50*time.Second), bulkOf(1e6)},
		{"written at 1000 octets a second", sip(1000, time.Second), writeOf(1e6)},
		{"written at one gulp in 50 seconds", sip(20000, 50*time.Second), writeOf(1e6)},
		{"lines that come late", drip("250 x\r\n", 7, 50*time.Second), func(c *Conn) error {
			for range 100 {
				if err := readLine(c); err != nil {
					return err
				}
			}
			return nil
		}},
		{"small literals that come late", drip("250 x\r\nbody", 11, 50*time.Second), func(c *Conn) error {
			for range 100 {
				if err := errors.Join(readLine(c), bulkOf(4)(c)); err != nil {
					return err
				}
			}
			return nil
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			took := peerTest(t, c.peer, func(t *testing.T, conn *Conn) {
				if err := c.client(conn); err != nil {
					t.Error(err)
				}
			})
			if took < 10*limit {
				t.Errorf("took %v only", took)
			}
		})
	}
}

// The time that the program takes is not the peer's.
func TestOwnTimeDoesNotCount(t *testing.T) {
	peerTest(t, drip("x", 1, time.Second), func(t *testing.T, c *Conn) {
		for range 30 {
			if err := bulkOf(1)(c); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * limit)
		}
	})
	peerTest(t, drip("250 x\r\n", 7, time.Second), func(t *testing.T, c *Conn) {
		for range 3 {
			if err := readLine(c); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * limit)
		}
	})
	peerTest(t, sip(1, time.Second), func(t *testing.T, c *Conn) {
		for range 30 {
			if err := writeOf(1)(c); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * limit)
		}
	})
}

// While the letter still goes out, the reply to it is not due.
func TestReplyIsNotDueWhileWriting(t *testing.T) {
	const size = 1e6 // at 1000 octets a second
	peer := then(func(c net.Conn) {
		for range int(size / 1000) {
			time.Sleep(time.Second)
			io.ReadFull(c, make([]byte, 1000))
		}
	}, wait(limit/2), say(".\r\n"))
	took := peerTest(t, peer, func(t *testing.T, c *Conn) {
		written := make(chan error)
		go func() { written <- writeOf(size)(c) }()
		if err := reply(c); err != nil {
			t.Error(err)
		}
		if err := <-written; err != nil {
			t.Error(err)
		}
	})
	if want := size/1000*time.Second + limit/2; took != want {
		t.Errorf("took %v, want %v", took, want)
	}
	took = peerTest(t, then(sipOnce(1000), silent), func(t *testing.T, c *Conn) {
		go writeOf(2000)(c)
		timesOut(t, reply(c))
	})
	if took < limit || took > limit+limit/8 {
		t.Errorf("a reply that never came took %v", took)
	}
}

func TestSetTimeout(t *testing.T) {
	took := peerTest(t, silent, func(t *testing.T, c *Conn) {
		c.SetTimeout(2 * time.Second)
		timesOut(t, readLine(c))
	})
	if took != 2*time.Second {
		t.Errorf("shortened, it took %v", took)
	}
	took = peerTest(t, then(say("x\r\n"), wait(20*time.Minute), say("y\r\n"), silent), func(t *testing.T, c *Conn) {
		readLine(c)
		c.SetTimeout(29 * time.Minute)
		if err := readLine(c); err != nil {
			t.Error(err)
		}
		c.SetTimeout(time.Second)
		timesOut(t, readLine(c))
	})
	if took != 20*time.Minute+time.Second {
		t.Errorf("changed to and fro, it took %v", took)
	}
}
