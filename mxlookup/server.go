package mxlookup

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// carrier takes a question to a server by something more reliable than UDP.
type carrier interface {
	ask(ctx context.Context, question message) (message, error)
	close() error
}

// server is one name server and what is known of it.
type server struct {
	name     string // as messages call it
	loopback bool
	udp      *udp    // nil for tls:// and https://
	stream   carrier // TCP, TLS or HTTPS

	rtt      rtt
	noEDNS   atomic.Bool  // answered FORMERR to EDNS0 (RFC 6891 §7)
	noCase   atomic.Bool  // changes the case of letters, and is not to be had over TCP
	silences atomic.Int32 // questions without an answer since the last answer
	probeAt  atomic.Int64 // when a silent server may be asked again first, Unix nanoseconds
}

// newServer reads the text of Config.Servers.
func newServer(text string, roots *x509.CertPool) (*server, error) {
	s := &server{name: text}
	scheme, rest, ok := strings.Cut(text, "://")
	switch {
	case !ok:
		return s, s.plain(text)
	case scheme == "https":
		u, err := url.Parse(text)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("name server %q: %w", text, errBadServer)
		}
		s.stream = newHTTPS(u, roots)
		return s, nil
	case scheme == "tls":
		host, address := hostPort(strings.TrimSuffix(rest, "/"), "853") // RFC 7858 §3.1
		if host == "" || !isPort(address) {
			break
		}
		cfg := &tls.Config{ServerName: host, RootCAs: roots, MinVersion: tls.VersionTLS12}
		s.stream = &stream{dial: func(ctx context.Context) (net.Conn, error) {
			return (&tls.Dialer{Config: cfg}).DialContext(ctx, "tcp", address)
		}}
		return s, nil
	}
	return nil, fmt.Errorf("name server %q: %w", text, errBadServer)
}

// plain makes s a server that is asked over UDP and TCP. It needs an address: a name would need another server.
func (s *server) plain(text string) error {
	host, address := hostPort(text, "53")
	a, err := netip.ParseAddr(host)
	if err != nil || !isPort(address) {
		return fmt.Errorf("name server %q: %w", text, errBadServer)
	}
	s.loopback = a.Unmap().IsLoopback()
	s.udp = &udp{server: s, address: address}
	s.stream = &stream{dial: func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", address)
	}}
	return nil
}

// hostPort splits HOST, HOST:PORT, [HOST]:PORT or a bare IPv6 address.
func hostPort(text, port string) (host, address string) {
	if h, p, err := net.SplitHostPort(text); err == nil {
		return h, net.JoinHostPort(h, p)
	}
	host = strings.Trim(text, "[]")
	return host, net.JoinHostPort(host, port)
}

// isPort says whether an address ends in a port that there is.
func isPort(address string) bool {
	n, err := strconv.ParseUint(address[strings.LastIndexByte(address, ':')+1:], 10, 16)
	return err == nil && n > 0
}

func (s *server) close() error {
	if s.udp != nil {
		return errors.Join(s.udp.close(), s.stream.close())
	}
	return s.stream.close()
}

// A server that was silent this often in a row is asked after the others, but for one question every so often.
const (
	silentAfter = 3
	probeEvery  = 5 * time.Second
)

// answered notes that an answer came after its question was last sent, which was again after it was first sent.
func (s *server) answered(after, again time.Duration) {
	s.rtt.sample(after, again)
	if s.silences.Load() != 0 {
		s.silences.Store(0)
	}
}

// down says whether the server was silent too often to be asked first.
func (s *server) down(now time.Time) bool {
	if s.silences.Load() < silentAfter {
		return false
	}
	at := s.probeAt.Load()
	return now.UnixNano() < at || !s.probeAt.CompareAndSwap(at, now.Add(probeEvery).UnixNano())
}
