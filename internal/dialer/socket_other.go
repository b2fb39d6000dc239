//go:build !linux

package dialer

import "net"

// newSocket is the connection as it is.
func newSocket(net.Conn) *socket { return nil }

type socket struct{ net.Conn }
