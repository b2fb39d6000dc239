// Package dialer makes the connections of the mail protocols and keeps their promises: who the peer is, whether
// secrets may be told to it, and that no peer can hold the program longer than the time limit.
//
// Dial reaches the server by TCP (IPv4 and IPv6 side by side, RFC 8305), through a SOCKS5 proxy (RFC 1928, 1929, names
// resolved by the proxy) or a Unix socket, with implicit TLS (RFC 8314) or for a STARTTLS that the protocol above
// asks for (RFC 3207, 2595) and Conn.StartTLS then does. TLS is 1.2 at least, and there is no TLS that is not
// verified: by name (RFC 9525) against certificate authorities, or by the fingerprint of the certificate.
//
// One time limit, Config.Timeout, holds for the connecting as a whole (look-up, proxy, TLS handshake), for each line or
// reply, and for each stall of bulk data. It can't be stretched by dripping octets: a reply has its time as a whole,
// bulk data needs a minimal rate. The time that the program itself takes between two reads is not the peer's.
//
// A Conn does not know the protocol, and writes no line of the dialogue to the transcript by itself: the protocol
// does, since it knows which lines are secret.
//
// Left out: TLS channel bindings, DANE (mxlookup/dane verifies by itself), HTTP proxies.
package dialer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/url"
	"time"

	"posta/internal/transcript"
)

// DefaultTimeout is the time limit of a Config that says none.
const DefaultTimeout = 60 * time.Second

// Security is what a connection must have before anything of worth goes over it.
type Security int

// The securities of a connection.
const (
	Plain    Security = iota // none: loopback only, unless AllowPlain
	StartTLS                 // Dial connects in plain text, the protocol then calls Conn.StartTLS
	TLS                      // TLS from the first octet
)

// Config says where to connect and what the connection must be. It can be used for many connections at once.
type Config struct {
	Network      string            // "tcp" (default), "tcp4", "tcp6", "unix"
	Address      string            // host:port, or the path of a socket
	Security     Security          // what the connection must have
	ServerName   string            // name in the server's certificate; default the host of Address
	AllowPlain   bool              // plain text beyond loopback was asked for aloud
	RootCAs      *x509.CertPool    // nil: the system's, loaded only when needed
	Certificates []tls.Certificate // the client's, when the server asks for one
	Pin          []byte            // SHA-256 of the server's certificate (DER); verifies instead of chain and name
	// Verify judges the server's TLS instead of chain and name, where a policy such as DANE or none at all takes their place.
	// The connection does not count as secure then: no credentials go over it.
	Verify    func(tls.ConnectionState) error
	Sessions  tls.ClientSessionCache // kept TLS sessions; nil: none
	LocalAddr string                 // source address: an IP, or IP:port
	Proxy     *url.URL               // socks5://[user:password@]host[:port]
	Timeout   time.Duration          // connecting, each reply, each stall; default DefaultTimeout
	Log       *transcript.Log        // nil: no transcript
}

// Dial connects as cfg says, TLS handshake included where Security is TLS. Ctx ends the connecting; a later end of
// ctx does not touch the connection, which Conn.Watch is for. Errors are *Error. The caller closes the Conn.
func Dial(ctx context.Context, cfg Config) (*Conn, error) {
	if cfg.Timeout <= 0 {
		cfg.Timeout = DefaultTimeout
	}
	deadline := time.Now().Add(cfg.Timeout)
	nc, err := connect(ctx, &cfg, deadline)
	if err != nil {
		return nil, connectError(ctx, &cfg, err)
	}
	c := newConn(nc, cfg)
	if err := c.establish(ctx, deadline); err != nil {
		nc.Close()
		return nil, err
	}
	return c, nil
}

// connect makes the transport connection: to the proxy, where there is one.
func connect(ctx context.Context, cfg *Config, deadline time.Time) (net.Conn, error) {
	d := net.Dialer{Deadline: deadline}
	local, err := localAddr(cfg)
	if err != nil {
		return nil, err
	}
	if local != nil {
		d.LocalAddr = local
	}
	network, address, err := target(cfg)
	if err != nil {
		return nil, err
	}
	return d.DialContext(ctx, network, address)
}

// establish makes of a transport connection what cfg asked for.
func (c *Conn) establish(ctx context.Context, deadline time.Time) error {
	defer c.Watch(ctx)()
	c.raw.until(deadline)
	defer c.raw.unbound()
	if c.cfg.Proxy != nil {
		if err := c.socks5(); err != nil {
			return c.error("connect through the proxy to", err)
		}
	}
	c.Log.Note("connected to %s", c.peerName())
	switch {
	case c.cfg.Security == TLS:
		return c.handshake()
	case c.cfg.Security == Plain && !c.cfg.AllowPlain && !c.Loopback():
		return &Error{Op: "connect to", Addr: c.cfg.Address, Kind: TLSRefused, Err: ErrPlain}
	}
	return nil
}
