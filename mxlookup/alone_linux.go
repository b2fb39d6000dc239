package mxlookup

import (
	"errors"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// aloneConn is a connected UDP socket whose reads block in the kernel: to ask one question takes no poller, no other
// thread, and four system calls where package net makes fifteen.
type aloneConn struct {
	fd     int
	closed atomic.Bool
	using  sync.RWMutex // fd, which another file may get when it is closed
}

// dialAlone connects to an address as of server.plain; nil where that takes package net.
func dialAlone(address string) aloneReader {
	to, err := netip.ParseAddrPort(address)
	if err != nil || to.Addr().Zone() != "" {
		return nil
	}
	family := syscall.AF_INET6
	var sa syscall.Sockaddr = &syscall.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16()}
	if addr := to.Addr().Unmap(); addr.Is4() {
		family, sa = syscall.AF_INET, &syscall.SockaddrInet4{Port: int(to.Port()), Addr: addr.As4()}
	}
	fd, err := syscall.Socket(family, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	if err := syscall.Connect(fd, sa); err != nil {
		syscall.Close(fd)
		return nil // package net says why
	}
	return &aloneConn{fd: fd}
}

// within bounds the reads that follow; they end in os.ErrDeadlineExceeded.
func (c *aloneConn) within(d time.Duration) {
	c.using.RLock()
	defer c.using.RUnlock()
	if c.closed.Load() {
		return
	}
	tv := syscall.NsecToTimeval(max(d, time.Millisecond).Nanoseconds())
	syscall.SetsockoptTimeval(c.fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &tv)
}

func (c *aloneConn) Read(p []byte) (int, error) {
	c.using.RLock()
	defer c.using.RUnlock()
	for !c.closed.Load() {
		n, err := syscall.Read(c.fd, p)
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN):
			return 0, os.ErrDeadlineExceeded
		case err != nil:
			return 0, err
		default:
			return n, nil
		}
	}
	return 0, os.ErrClosed
}

func (c *aloneConn) Write(p []byte) (int, error) {
	c.using.RLock()
	defer c.using.RUnlock()
	if c.closed.Load() {
		return 0, os.ErrClosed
	}
	return syscall.Write(c.fd, p)
}

// Close makes a read that waits end, too.
func (c *aloneConn) Close() error {
	if c.closed.Swap(true) {
		return os.ErrClosed
	}
	syscall.Shutdown(c.fd, syscall.SHUT_RDWR)
	c.using.Lock()
	defer c.using.Unlock()
	return syscall.Close(c.fd)
}
