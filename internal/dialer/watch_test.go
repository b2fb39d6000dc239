package dialer

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

// The end of a context ends at once what waits for the peer, and all that comes later.
func TestWatch(t *testing.T) {
	cause := errors.New("interrupted")
	for _, c := range []struct {
		name   string
		client func(*Conn) error
	}{
		{"line", readLine},
		{"reply", reply},
		{"bulk", bulkOf(10)},
		{"write", writeOf(10)},
	} {
		t.Run(c.name, func(t *testing.T) {
			took := peerTest(t, silent, func(t *testing.T, conn *Conn) {
				ctx, cancel := context.WithCancelCause(t.Context())
				defer conn.Watch(ctx)()
				time.AfterFunc(time.Second, func() { cancel(cause) })
				for range 2 {
					if err := c.client(conn); !errors.Is(err, cause) {
						t.Errorf("%v, want %v", err, cause)
					}
				}
			})
			if took != time.Second {
				t.Errorf("ended after %v", took)
			}
		})
	}
}

func TestWatchKinds(t *testing.T) {
	peerTest(t, silent, func(t *testing.T, c *Conn) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		defer c.Watch(ctx)()
		var e *Error
		if err := readLine(c); !errors.As(err, &e) || e.Kind != Timeout || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a context's deadline is %v", err)
		}
	})
	peerTest(t, silent, func(t *testing.T, c *Conn) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		defer c.Watch(ctx)()
		if err := readLine(c); !errors.Is(err, context.Canceled) {
			t.Errorf("a context that ended before is %v", err)
		}
	})
}

func TestWatchStopped(t *testing.T) {
	peerTest(t, drip("250 x\r\n", 7, time.Second), func(t *testing.T, c *Conn) {
		ctx, cancel := context.WithCancel(t.Context())
		c.Watch(ctx)()
		cancel()
		time.Sleep(time.Second)
		if err := readLine(c); err != nil {
			t.Error(err)
		}
	})
}

// Dial's context ends the TLS handshake, and nothing after it.
func TestDialContext(t *testing.T) {
	addr := serve(t, "tcp", "127.0.0.1:0", hang)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := Dial(ctx, Config{Address: addr.String(), Security: TLS}); !errors.Is(err, context.Canceled) {
		t.Errorf("a handshake under way: %v", err)
	}
	if _, err := Dial(ctx, Config{Address: addr.String()}); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that ended before: %v", err)
	}

	addr = serve(t, "tcp", "127.0.0.1:0", echo)
	ctx, cancel = context.WithCancel(t.Context())
	c, err := Dial(ctx, Config{Address: addr.String()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	cancel()
	greets(t, c)
}

// Close ends what is under way in other goroutines, and does not wait for a peer that reads nothing.
func TestClose(t *testing.T) {
	addr := serve(t, "tcp", "127.0.0.1:0", wait(time.Hour))
	for _, client := range []func(*Conn) error{readLine, writeOf(100 << 20)} {
		c := dial(t, Config{Address: addr.String()})
		ended := make(chan error)
		go func() { ended <- client(c) }()
		time.Sleep(10 * time.Millisecond)
		c.Close()
		if err := <-ended; !errors.Is(err, net.ErrClosed) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%v", err)
		}
	}
}
