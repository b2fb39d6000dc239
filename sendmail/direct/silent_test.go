package direct

import (
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"posta/internal/sandbox"
)

// TestSilentHost: a host that takes connections and says nothing is tried once, not with every letter, and again later.
func TestSilentHost(t *testing.T) {
	h := startHost(t, sandbox.Options{})
	mute, err := net.Listen("tcp", net.JoinHostPort("127.0.0.2", h.port))
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	var calls atomic.Int32
	go func() {
		for {
			c, err := mute.Accept()
			if err != nil {
				return
			}
			calls.Add(1)
			defer c.Close()
		}
	}()
	s := h.sender(t, toMX+"example.org. MX 5 mute.test.\nmute.test. A 127.0.0.2\n")
	s.cfg.Server.Dialer.Timeout = time.Second
	addr := netip.MustParseAddr("127.0.0.2")
	for i, want := range []int32{1, 1, 2} {
		if i > 0 {
			e := s.silences[addr]
			e.until = time.Now().Add(time.Duration(3-2*i) * time.Hour) // not over, then over
			s.silences[addr] = e
		}
		if o := one(t, s, false); o.Err != nil || o.Host != "mx.test" {
			t.Errorf("letter %d: host %q, %v", i, o.Host, o.Err)
		}
		if n := calls.Load(); n != want {
			t.Errorf("letter %d: %d connections, want %d", i, n, want)
		}
	}
}

// TestSilentHostAlone: where there is no other host the letters fail for now, with the reason of the first.
func TestSilentHostAlone(t *testing.T) {
	h := startHost(t, sandbox.Options{})
	if err := h.Fail(sandbox.Fault{Stage: "connect", Stall: true, Times: 1}); err != nil {
		t.Fatal(err)
	}
	s := h.sender(t, toMX)
	s.cfg.Server.Dialer.Timeout = time.Second
	first := one(t, s, false)
	e := s.silences[netip.MustParseAddr("127.0.0.1")]
	e.until = time.Now().Add(time.Hour)
	s.silences[netip.MustParseAddr("127.0.0.1")] = e
	second := one(t, s, false)
	if first.Err == nil || second.Err == nil || !second.Temporary() || first.Err.Error() != second.Err.Error() {
		t.Errorf("got %v, then %v", first.Err, second.Err)
	}
}
