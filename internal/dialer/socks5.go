package dialer

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"strconv"
)

// RFC 1928 and RFC 1929.
const (
	socksVersion     = 5
	socksNoAuth      = 0
	socksPassword    = 2
	socksConnect     = 1
	socksIPv4        = 1
	socksDomain      = 3
	socksIPv6        = 4
	socksAuthVersion = 1
)

// proxyAddress is where the proxy listens.
func proxyAddress(proxy *url.URL) (string, error) {
	if proxy.Scheme != "socks5" && proxy.Scheme != "socks5h" {
		return "", configError{fmt.Errorf("proxy scheme %q is not socks5", proxy.Scheme)}
	}
	if proxy.Hostname() == "" {
		return "", configError{errors.New("the proxy has no host")}
	}
	port := proxy.Port()
	if port == "" {
		port = "1080"
	}
	return net.JoinHostPort(proxy.Hostname(), port), nil
}

// socks5 asks the proxy for a connection to the server. Not an octet beyond the proxy's answers is read.
func (c *Conn) socks5() error {
	request, err := socksRequest(c.cfg.Address)
	if err != nil {
		return err
	}
	if err := c.socksAuth(); err != nil {
		return err
	}
	if _, err := c.raw.Write(request); err != nil {
		return err
	}
	return c.socksReply()
}

// socksRequest is a CONNECT (RFC 1928 §4). A name is resolved by the proxy.
func socksRequest(address string) ([]byte, error) {
	host, service, err := splitAddress(address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return nil, configError{fmt.Errorf("port %q is no number", service)}
	}
	request := []byte{socksVersion, socksConnect, 0}
	if ip, err := netip.ParseAddr(host); err != nil {
		if len(host) > 255 {
			return nil, configError{errors.New("the host name is too long")}
		}
		request = append(request, socksDomain, byte(len(host)))
		request = append(request, host...)
	} else if ip = ip.Unmap().WithZone(""); ip.Is4() {
		request = append(append(request, socksIPv4), ip.AsSlice()...)
	} else {
		request = append(append(request, socksIPv6), ip.AsSlice()...)
	}
	return append(request, byte(port>>8), byte(port)), nil
}

// socksAuth agrees on a method (RFC 1928 §3), and logs in if it is that of RFC 1929.
func (c *Conn) socksAuth() error {
	user := c.cfg.Proxy.User
	hello := []byte{socksVersion, 1, socksNoAuth}
	if user != nil {
		hello = []byte{socksVersion, 2, socksNoAuth, socksPassword}
	}
	answer, err := c.socksAsk(hello, socksVersion)
	if err != nil {
		return err
	}
	switch {
	case answer == socksNoAuth:
		return nil
	case answer == socksPassword && user != nil:
		return c.socksLogin(user)
	}
	return errors.New("the proxy wants a login")
}

// socksLogin is RFC 1929 §2.
func (c *Conn) socksLogin(user *url.Userinfo) error {
	password, _ := user.Password()
	if len(user.Username()) > 255 || len(password) > 255 {
		return configError{errors.New("the proxy's user name or password is too long")}
	}
	login := []byte{socksAuthVersion, byte(len(user.Username()))}
	login = append(login, user.Username()...)
	login = append(login, byte(len(password)))
	login = append(login, password...)
	status, err := c.socksAsk(login, socksAuthVersion)
	if err == nil && status != 0 {
		err = errors.New("the proxy refused the login")
	}
	return err
}

// socksAsk writes a message and reads the answer of two octets: a version and a value.
func (c *Conn) socksAsk(message []byte, version byte) (byte, error) {
	if _, err := c.raw.Write(message); err != nil {
		return 0, err
	}
	var answer [2]byte
	if _, err := io.ReadFull(c.raw, answer[:]); err != nil {
		return 0, err
	}
	if answer[0] != version {
		return 0, errNoProxy()
	}
	return answer[1], nil
}

// socksReply reads the reply to a CONNECT (RFC 1928 §6).
func (c *Conn) socksReply() error {
	var head [5]byte // up to the first octet of the address
	if _, err := io.ReadFull(c.raw, head[:]); err != nil {
		return err
	}
	if head[0] != socksVersion {
		return errNoProxy()
	}
	if head[1] != 0 {
		return socksRefusal(head[1])
	}
	rest, ok := map[byte]int{socksIPv4: net.IPv4len, socksIPv6: net.IPv6len, socksDomain: 1 + int(head[4])}[head[3]]
	if !ok {
		return errNoProxy()
	}
	_, err := io.CopyN(io.Discard, c.raw, int64(rest-1+2)) // the rest of the address, and the port
	return err
}

func errNoProxy() error {
	return &Error{Err: errors.New("the proxy does not speak SOCKS5"), Kind: Protocol}
}

// socksRefusal tells the reply codes of RFC 1928 §6. The proxy can't say whether a name exists.
func socksRefusal(code byte) error {
	texts := []string{
		1: "general failure", "not allowed", "network unreachable", "host unreachable",
		"connection refused", "TTL expired", "command not supported", "address type not supported",
	}
	if int(code) < len(texts) {
		return errors.New("the proxy says: " + texts[code])
	}
	return fmt.Errorf("the proxy says: error %d", code)
}
