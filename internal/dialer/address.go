package dialer

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
)

// target is what the transport connects to: the proxy, or the server itself.
func target(cfg *Config) (network, address string, err error) {
	network = cfg.Network
	if network == "" {
		network = "tcp"
	}
	if cfg.Proxy != nil {
		address, err = proxyAddress(cfg.Proxy)
		return "tcp", address, err
	}
	if network == "unix" {
		return network, cfg.Address, nil
	}
	host, port, err := splitAddress(cfg.Address)
	return network, net.JoinHostPort(host, port), err
}

// splitAddress takes host:port apart, the host as DNS knows it: RFC 5890's A-labels for a name that is not ASCII.
func splitAddress(address string) (host, port string, err error) {
	host, port, err = net.SplitHostPort(address)
	if err != nil {
		return "", "", configError{err}
	}
	if host == "" || port == "" {
		return "", "", configError{errors.New("host or port is missing")}
	}
	host, err = toASCII(host)
	return host, port, err
}

func toASCII(host string) (string, error) {
	for i := range len(host) {
		if host[i] >= 0x80 {
			ascii, err := idna.Lookup.ToASCII(host)
			if err != nil {
				return "", configError{fmt.Errorf("no host name: %w", err)}
			}
			return ascii, nil
		}
	}
	return host, nil
}

// serverName is the name that the certificate must be for. A Unix socket has none of its own.
func (cfg *Config) serverName() (string, error) {
	name := cfg.ServerName
	switch {
	case name != "":
	case cfg.Network == "unix":
		name = "localhost"
	default:
		host, _, err := splitAddress(cfg.Address)
		if err != nil {
			return "", err
		}
		name = host
	}
	// RFC 4007 §11: a zone is known to this machine only. RFC 9525 §6.3 compares without the root's dot.
	name, _, _ = strings.Cut(name, "%")
	return toASCII(strings.TrimSuffix(name, "."))
}

// localAddr is the source address: IP, IP:port or [IPv6]:port. Nil: any.
func localAddr(cfg *Config) (net.Addr, error) {
	if cfg.LocalAddr == "" || cfg.Network == "unix" {
		return nil, nil
	}
	if ip, err := netip.ParseAddr(strings.Trim(cfg.LocalAddr, "[]")); err == nil {
		return net.TCPAddrFromAddrPort(netip.AddrPortFrom(ip, 0)), nil
	}
	ap, err := netip.ParseAddrPort(cfg.LocalAddr)
	if err != nil {
		return nil, configError{fmt.Errorf("source address %q is no IP address", cfg.LocalAddr)}
	}
	return net.TCPAddrFromAddrPort(ap), nil
}

// isLoopback tells by the peer's actual address, whatever name led to it.
func isLoopback(addr net.Addr) bool {
	switch addr := addr.(type) {
	case *net.UnixAddr:
		return true
	case *net.TCPAddr:
		return addr.IP.IsLoopback()
	}
	return false
}

// peerName is what the transcript calls the server.
func (c *Conn) peerName() string {
	peer := c.raw.RemoteAddr().String()
	switch {
	case c.cfg.Proxy != nil:
		return c.cfg.Address + " through the proxy " + peer
	case c.cfg.Network == "unix", peer == c.cfg.Address:
		return c.cfg.Address
	}
	return c.cfg.Address + " at " + peer
}
