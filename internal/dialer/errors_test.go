package dialer

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestKinds(t *testing.T) {
	for _, c := range []struct {
		err  error
		kind Kind
		text string
	}{
		{&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}}, NoHost, "no such host"},
		{&net.OpError{Op: "dial", Err: &net.DNSError{Err: "server misbehaving", Name: "x", IsTemporary: true}}, Network, "server misbehaving"},
		{&net.OpError{Op: "dial", Err: &net.DNSError{Err: "i/o timeout", Name: "x", IsTimeout: true}}, Timeout, "i/o timeout"},
		{&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, Network, syscall.ECONNREFUSED.Error()},
		{&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, Network, syscall.ECONNRESET.Error()},
		{io.ErrUnexpectedEOF, Network, "the server closed the connection"},
		{timeLimit(5 * time.Second), Timeout, "no answer within 5s"},
		{ErrLineTooLong, Protocol, "line too long"},
		{&net.OpError{Op: "remote error", Err: errors.New("tls: bad certificate")}, TLSRefused, "tls: bad certificate"},
	} {
		e := reading(strings.NewReader("")).error("read from", fmt.Errorf("%w", c.err))
		if c.err == io.ErrUnexpectedEOF {
			e.Err = c.err
		}
		if e.Kind != c.kind || e.Error() != "read from mail.example.org:25: "+c.text {
			t.Errorf("%v: kind %v, %q; want %v, %q", c.err, e.Kind, e, c.kind, c.text)
		}
		if !errors.Is(e, c.err) || e.Timeout() != (c.kind == Timeout) || e.Temporary() != (c.kind == Timeout || c.kind == Network) {
			t.Errorf("%v: lost, time-out %v, temporary %v", c.err, e.Timeout(), e.Temporary())
		}
	}
}

// A certificate may say anything.
func TestErrorTextCannotActOnATerminal(t *testing.T) {
	e := &Error{Op: "start TLS with", Addr: "x:1", Err: errors.New("certificate of \x1b[2J\u202e\nx")}
	if want := `start TLS with x:1: certificate of \x1b[2J\u202e\nx`; e.Error() != want {
		t.Errorf("%q, want %q", e, want)
	}
}
