package bench

import (
	"io"
	"net"
	"testing"
	"time"
)

// TestWire: three questions, each after the answer to the one before, are three times the round trip and two turns.
func TestWire(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if conn, err := l.Accept(); err == nil {
			io.Copy(conn, conn)
			conn.Close()
		}
	}()
	w := stretch(t, l.Addr().String(), 20*time.Millisecond)
	conn, err := net.Dial("tcp", w.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	begin, answer := time.Now(), make([]byte, 4)
	for range 3 {
		if _, err := conn.Write([]byte("ping")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != "ping" {
			t.Fatalf("%q %v", answer, err)
		}
	}
	if took := time.Since(begin); took < 60*time.Millisecond || w.turns() != 2 {
		t.Errorf("%v, %d turns", took, w.turns())
	}
}
