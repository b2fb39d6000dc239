package dialer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
	"unicode"
)

// Kind is what an error means for the one who asked for the connection.
type Kind int

// The kinds of errors.
const (
	Network    Kind = iota // unreachable or cut; may work later
	NoHost                 // the name does not exist
	TLSRefused             // no TLS that could be trusted, or plain text where it is not allowed
	Timeout                // the time limit
	Protocol               // the peer broke the protocol
	BadConfig              // the Config itself is wrong
)

var (
	// ErrInjected: octets follow the reply to STARTTLS, put there by someone between (CVE-2011-0411).
	ErrInjected = errors.New("plain text was injected before TLS began")
	// ErrPlain: the connection would be plain text, to another machine, and that was not asked for.
	ErrPlain = errors.New("plain text beyond this machine was not allowed")
	// ErrPin: the server's certificate is another than the pinned one.
	ErrPin = errors.New("the certificate is not the pinned one")
)

// Error is what went wrong with a connection. It is a net.Error.
type Error struct {
	Op   string // a verb and its preposition: "connect to", "read from"
	Addr string // the Address of the Config
	Err  error
	Kind Kind
}

func (e *Error) Error() string {
	return visible(e.Op + " " + e.Addr + ": " + reason(e.Err))
}

func (e *Error) Unwrap() error { return e.Err }

// Timeout tells whether the time limit was reached.
func (e *Error) Timeout() bool { return e.Kind == Timeout }

// Temporary tells whether it may work later.
func (e *Error) Temporary() bool { return e.Kind == Network || e.Kind == Timeout }

// timeLimit is the error of a wait that took longer than this. It is os.ErrDeadlineExceeded.
type timeLimit time.Duration

func (t timeLimit) Error() string   { return fmt.Sprintf("no answer within %v", time.Duration(t)) }
func (t timeLimit) Is(e error) bool { return e == os.ErrDeadlineExceeded }
func (t timeLimit) Timeout() bool   { return true }
func (t timeLimit) Temporary() bool { return true }

// configError is a mistake in the Config.
type configError struct{ error }

func (e configError) Unwrap() error { return e.error }

// error wraps what happened on the connection, once.
func (c *Conn) error(op string, err error) *Error {
	var inner *Error
	if errors.As(err, &inner) {
		return &Error{Op: op, Addr: c.cfg.Address, Err: inner.Err, Kind: inner.Kind}
	}
	return &Error{Op: op, Addr: c.cfg.Address, Err: err, Kind: kindOf(err)}
}

// kindOf tells the kind of an error of the transport.
func kindOf(err error) Kind {
	var dns *net.DNSError
	var op *net.OpError
	var config configError
	var timeout net.Error
	switch {
	case errors.As(err, &config):
		return BadConfig
	case errors.As(err, &dns) && dns.IsNotFound:
		return NoHost
	case errors.As(err, &op) && op.Op == "remote error":
		return TLSRefused // crypto/tls: the peer's alert. TLS 1.3 refuses a client's certificate after the handshake
	case errors.Is(err, ErrLineTooLong), errors.Is(err, ErrInjected):
		return Protocol
	case errors.As(err, &timeout) && timeout.Timeout():
		return Timeout
	}
	return Network
}

// connectError wraps an error of making the transport connection.
func connectError(ctx context.Context, cfg *Config, err error) *Error {
	e := &Error{Op: "connect to", Addr: cfg.Address, Err: err, Kind: kindOf(err)}
	if cfg.Proxy != nil {
		e.Op = "connect to the proxy " + cfg.Proxy.Host + " for"
	}
	switch {
	case ctx.Err() != nil:
		e.Err = context.Cause(ctx)
	case e.Kind == Timeout:
		e.Err = timeLimit(cfg.Timeout)
	}
	return e
}

// reason says why without the layers between: of "dial tcp 192.0.2.1:25: connect: connection refused" the end.
func reason(err error) string {
	var op *net.OpError
	var sys *os.SyscallError
	var dns *net.DNSError
	switch {
	case err == io.EOF, err == io.ErrUnexpectedEOF:
		return "the server closed the connection"
	case errors.As(err, &sys):
		return sys.Err.Error()
	case errors.As(err, &dns):
		return dns.Err
	case errors.As(err, &op):
		return op.Err.Error()
	}
	return err.Error()
}

// visible escapes what could act on a terminal: certificates and proxies may say anything.
func visible(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 {
		return s
	}
	quoted := fmt.Sprintf("%+q", s)
	return quoted[1 : len(quoted)-1]
}

// isTransport tells errors of the connection below TLS from those of TLS.
func isTransport(err error) bool {
	var sys *os.SyscallError
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &sys) || errors.Is(err, net.ErrClosed)
}
