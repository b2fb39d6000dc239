package dialer

import (
	"io"
	"net"
	"os"
	"runtime"
	"syscall"
	"time"
)

// calmOctets have to be there in a rush before the system tells of them. Nothing waits for that.
const calmOctets = 512 << 10

// socket reads a connection of the system's by its own calls, so that it can be asked again without going to sleep.
type socket struct {
	raw  syscall.RawConn
	net  string                // "tcp", "unix"
	try  func(fd uintptr) bool // s.fill, made once
	p    []byte
	n    int   // of p, that are filled
	err  error // of the last call
	late error // it came behind octets, and is for the next read
	rush rush
	calm bool // the system does not tell of each piece that comes
}

// newSocket is nil where this is of no use: nc is none of the system's, or there is no second processor for the peer.
func newSocket(nc net.Conn) *socket {
	var stream syscall.Conn
	switch c := nc.(type) {
	case *net.TCPConn:
		stream = c
	case *net.UnixConn:
		stream = c
	}
	if stream == nil || runtime.GOMAXPROCS(0) == 1 {
		return nil
	}
	raw, err := stream.SyscallConn()
	if err != nil {
		return nil
	}
	s := &socket{raw: raw, net: nc.LocalAddr().Network()}
	s.try = s.fill
	return s
}

// Read is that of a net.Conn, deadlines too. In a rush it fills p, as long as something comes.
func (s *socket) Read(p []byte) (int, error) {
	if err := s.late; err != nil {
		s.late = nil
		return 0, err
	}
	s.p, s.n, s.err = p, 0, nil
	err := s.raw.Read(s.try)
	s.p = nil
	switch {
	case s.n > 0:
		s.late = s.err
		return s.n, nil
	case err != nil:
		return 0, err
	case s.err != nil:
		return 0, s.err
	case len(p) == 0:
		return 0, nil
	}
	return 0, io.EOF
}

// fill reads what there is. It is false to be called again when something has come, or the deadline.
func (s *socket) fill(fd uintptr) bool {
	var idle time.Time // since when nothing came
	for s.n < len(s.p) {
		n, err := readNow(fd, s.p[s.n:])
		switch {
		case n > 0:
			s.n += n
			idle = time.Time{}
			if s.rush.came(n); !s.rush.on {
				s.setCalm(fd, false)
				return true
			}
			s.setCalm(fd, true)
		case err == syscall.EINTR: // once more
		case err == syscall.EAGAIN:
			if s.linger(&idle) {
				continue
			}
			if !s.calm {
				return s.n > 0
			}
			s.setCalm(fd, false) // and look once more: old systems tell of nothing that came before
		default: // the end, or an error
			if err != nil {
				s.err = &net.OpError{Op: "read", Net: s.net, Err: os.NewSyscallError("read", err)}
			}
			return true
		}
	}
	return true
}

// setCalm says whether the system is to tell of each piece that comes: it does so by waking up a thread of the runtime's,
// whoever reads, and it is the peer's processor that does it. Before anything waits for the socket it must tell again.
func (s *socket) setCalm(fd uintptr, calm bool) {
	if s.calm == calm {
		return
	}
	s.calm = calm
	octets := 1
	if calm {
		octets = calmOctets
	}
	syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVLOWAT, octets)
}

// linger says whether to ask again. Meanwhile whoever else waits for this processor has it; it may be the peer.
func (s *socket) linger(idle *time.Time) bool {
	if !s.rush.on {
		return false
	}
	now := time.Now()
	if idle.IsZero() {
		*idle = now
	}
	if now.Sub(*idle) >= rushPatience {
		s.rush.over()
		return false
	}
	syscall.RawSyscall(syscall.SYS_SCHED_YIELD, 0, 0, 0)
	return true
}
