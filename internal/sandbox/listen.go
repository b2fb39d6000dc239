package sandbox

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// serve listens for a service on loopback and hands each connection to handle, in a goroutine of its own.
func (s *Sandbox) serve(service string, handle func(net.Conn)) error {
	listeners, port, err := listenLoopback(s.opt.Ports[service])
	if err != nil {
		return fmt.Errorf("%s: %w", service, err)
	}
	s.ipv6 = len(listeners) > 1
	s.services[service] = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	for _, l := range listeners {
		s.accept(l, handle)
	}
	return nil
}

// accept hands each connection of l to handle until the sandbox ends.
func (s *Sandbox) accept(l net.Listener, handle func(net.Conn)) {
	if !s.track(l) {
		l.Close()
		return
	}
	s.serving.Go(func() {
		defer l.Close()
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			s.serving.Go(func() {
				defer nc.Close()
				if s.track(nc) {
					defer s.untrack(nc)
					handle(nc)
				}
			})
		}
	})
}

// listenLoopback listens on 127.0.0.1 and, where there is IPv6, on ::1 at the same port. Port 0 is any free one.
func listenLoopback(port int) ([]net.Listener, int, error) {
	for try := 0; ; try++ {
		four, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			return nil, 0, err
		}
		got := four.Addr().(*net.TCPAddr).Port
		six, err := net.Listen("tcp6", net.JoinHostPort("::1", strconv.Itoa(got)))
		switch {
		case err == nil:
			return []net.Listener{four, six}, got, nil
		case !errors.Is(err, syscall.EADDRINUSE):
			return []net.Listener{four}, got, nil // no IPv6 here
		case port != 0 || try == 20:
			four.Close()
			return nil, 0, err
		}
		four.Close() // another has that port on ::1: take the next
	}
}
