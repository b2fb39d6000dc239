package mxlookup

import (
	"crypto/x509"
	"errors"
	"sync"
	"time"
)

// Config says whom a Resolver asks, and how. The zero value asks the servers of /etc/resolv.conf.
type Config struct {
	// Servers are asked in this order: "HOST", "HOST:PORT", "[IPv6]:PORT" with an address as HOST, "tls://HOST[:PORT]"
	// or "https://HOST[:PORT]/PATH", which may have a name. None: those of resolv.conf.
	Servers []string
	// Timeout bounds one question with all its tries; 0 means DefaultTimeout.
	Timeout time.Duration
	// DNSSEC asks the servers to validate (RFC 6840 §5.7); the AD bits of their answers are believed.
	DNSSEC bool
	// RootCAs verify tls:// and https:// servers; nil means the system's.
	RootCAs *x509.CertPool
	// Alone says that questions are few and one at a time, as those of a command that asks one: what makes many fast is
	// left out where that makes one faster. The context of a question then ends it some hundred milliseconds late.
	Alone bool
	// Window bounds the questions in flight to one server over UDP; 0: from 192 to 1024, by its round trip time.
	Window int
	// CacheSize bounds the octets of answers that are kept; 0 means 8 MiB.
	CacheSize int
}

// DefaultTimeout is how long one question may take with all its tries.
const DefaultTimeout = 10 * time.Second

// Resolver asks name servers. It may be used by several goroutines.
type Resolver struct {
	servers []*server
	timeout time.Duration
	dnssec  bool

	mu      sync.Mutex
	flights map[key]*flight
	cache   cache
}

// New makes a resolver. It opens no socket before the first question; Close closes those that were opened.
func New(cfg Config) (*Resolver, error) {
	if len(cfg.Servers) == 0 {
		cfg.Servers = systemServers("/etc/resolv.conf")
	}
	r := &Resolver{timeout: cfg.Timeout, dnssec: cfg.DNSSEC, flights: make(map[key]*flight)}
	if r.timeout <= 0 {
		r.timeout = DefaultTimeout
	}
	if cfg.CacheSize <= 0 {
		cfg.CacheSize = 8 << 20
	}
	r.cache.limit = cfg.CacheSize / 2
	for _, text := range cfg.Servers {
		s, err := newServer(text, cfg.RootCAs)
		if err != nil {
			return nil, err
		}
		if s.udp != nil {
			s.udp.window.fixed, s.udp.alone = cfg.Window, cfg.Alone
		}
		r.servers = append(r.servers, s)
	}
	return r, nil
}

// Close closes the sockets and connections. Questions in flight end in an error.
func (r *Resolver) Close() error {
	var errs []error
	for _, s := range r.servers {
		errs = append(errs, s.close())
	}
	return errors.Join(errs...)
}

// Unauthenticated names a server whose answers come over a network in plain text, so that their AD bits prove
// nothing (RFC 6840 §5.8, RFC 7672 §2.1.1); "" when each server is on loopback or behind TLS.
func (r *Resolver) Unauthenticated() string {
	for _, s := range r.servers {
		if s.udp != nil && !s.loopback {
			return s.name
		}
	}
	return ""
}
