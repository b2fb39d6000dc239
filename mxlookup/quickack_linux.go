package mxlookup

import (
	"net"
	"syscall"
)

// quickAck has the next segment acknowledged at once. A server that writes the length of a pipelined answer and the
// answer apart, with Nagle's algorithm on, would wait 40 ms for that otherwise. The kernel forgets it soon: it is set
// before each read. What cannot be set is not missed.
func quickAck(conn net.Conn) {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return
	}
	if raw, err := tcp.SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) { syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1) })
	}
}
