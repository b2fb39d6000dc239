package dialer

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// socketPair is a socket in a rush, and its peer.
func socketPair(t *testing.T) (*socket, *net.TCPConn, net.Conn) {
	t.Helper()
	if n := runtime.GOMAXPROCS(0); n == 1 {
		runtime.GOMAXPROCS(2)
		t.Cleanup(func() { runtime.GOMAXPROCS(n) })
	}
	near, far := tcpPair(t)
	s := newSocket(near)
	if s == nil {
		t.Fatal("TCP is not read as a socket")
	}
	s.rush = rush{on: true, since: time.Now()}
	return s, far, near
}

// tcpPair is the two ends of a TCP connection.
func tcpPair(t *testing.T) (net.Conn, *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	near, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	far, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close(); far.Close() })
	return near, far.(*net.TCPConn)
}

func TestSocketFillsALargeReadInARush(t *testing.T) {
	s, far, _ := socketPair(t)
	for _, piece := range []string{"one ", "two ", "three"} { // segments of their own
		if _, err := io.WriteString(far, piece); err != nil {
			t.Fatal(err)
		}
	}
	p := make([]byte, 13)
	if n, err := s.Read(p); n != len(p) || err != nil || string(p) != "one two three" {
		t.Errorf("%q, %v", p[:n], err)
	}
	if !s.rush.on {
		t.Error("a read that was filled ended the rush")
	}
}

func TestSocketGivesWhatThereIsWhenTheRushEnds(t *testing.T) {
	s, far, _ := socketPair(t)
	if _, err := io.WriteString(far, "little"); err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 1<<20)
	if n, err := s.Read(p); string(p[:n]) != "little" || err != nil {
		t.Errorf("%q, %v", p[:n], err)
	}
	if s.rush.on {
		t.Error("nothing more came, and the rush goes on")
	}
}

// What comes after a rush wakes the reader up, however little it is.
func TestSocketIsWokenUpAfterARush(t *testing.T) {
	s, far, near := socketPair(t)
	near.SetReadDeadline(time.Now().Add(20 * time.Second))
	p := make([]byte, 1<<20)
	for range 3 {
		s.rush = rush{on: true, since: time.Now()}
		go func() {
			io.WriteString(far, "in the rush")
			time.Sleep(50 * time.Millisecond) // the reader sleeps
			io.WriteString(far, "!")
		}()
		for got := ""; got != "in the rush!"; {
			n, err := s.Read(p)
			if err != nil {
				t.Fatalf("behind %q: %v", got, err)
			}
			got += string(p[:n])
		}
		if s.calm {
			t.Error("the system does not tell of what comes")
		}
	}
}

func TestSocketKeepsDeadlines(t *testing.T) {
	s, far, near := socketPair(t)
	if _, err := io.WriteString(far, "begin"); err != nil {
		t.Fatal(err)
	}
	near.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	got, err := io.ReadAll(s)
	if string(got) != "begin" || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%q, %v", got, err)
	}
	near.SetReadDeadline(time.Now().Add(-time.Second))
	s.rush = rush{on: true, since: time.Now()}
	if n, err := s.Read(make([]byte, 1)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after its time: %d, %v", n, err)
	}
}

func TestSocketEnds(t *testing.T) {
	s, far, near := socketPair(t)
	io.WriteString(far, "all")
	far.Close()
	if got, err := io.ReadAll(s); string(got) != "all" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := s.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("behind the end: %v", err)
	}
	near.Close()
	if _, err := s.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("when closed: %v", err)
	}
}

func TestSocketTellsAnErrorBehindWhatCame(t *testing.T) {
	s, far, _ := socketPair(t)
	io.WriteString(far, "begin")
	far.SetLinger(0)
	far.Close() // RST
	got, err := io.ReadAll(s)
	var sys *os.SyscallError
	if string(got) != "begin" || !errors.Is(err, syscall.ECONNRESET) || !errors.As(err, &sys) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestSocketIsForTheSystemsOwnAlone(t *testing.T) {
	near, _ := net.Pipe()
	if newSocket(near) != nil {
		t.Error("a pipe within the program is read as a socket")
	}
	tcp, _ := tcpPair(t)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if newSocket(tcp) != nil {
		t.Error("one processor is kept from the peer")
	}
}

// A peer that sends as fast as it can, and then no more: all comes, and the time limit holds.
func TestReadInARushKeepsTheTimeLimit(t *testing.T) {
	near, far := tcpPair(t)
	sent := bytes.Repeat([]byte("0123456789abcde\n"), 1<<20)
	go far.Write(sent)
	c := newConn(near, Config{Address: "peer", Timeout: 100 * time.Millisecond})
	got := make([]byte, len(sent)+1)
	n, err := io.ReadFull(c, got)
	var e *Error
	if !errors.As(err, &e) || e.Kind != Timeout {
		t.Errorf("%v", err)
	}
	if !bytes.Equal(got[:n], sent) {
		t.Errorf("%d of %d octets, or others", n, len(sent))
	}
}
