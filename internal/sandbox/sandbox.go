// Package sandbox is a whole mail host on loopback for tests: it takes every letter to every address, keeps it octet
// for octet, and answers questions about what came.
//
// It serves
//
//   - SMTP (RFC 5321) and LMTP (RFC 2033) by go-smtp's server, with STARTTLS and implicit TLS (RFC 3207, 8314),
//     AUTH (RFC 4954), PIPELINING, CHUNKING and BINARYMIME (RFC 3030), 8BITMIME, SIZE, SMTPUTF8, DSN, REQUIRETLS,
//     DELIVERBY, MT-PRIORITY;
//   - POP3 (RFC 1939, 2449, 2595, 5034) by its own server and IMAP4 (RFC 9051, 3501) by go-imap's, where the user bob@x
//     finds the letters to bob@x, the user bob those to any bob, and the user "all" all of them;
//   - DNS (RFC 1035), where every domain's MX is the sandbox unless a zone file says otherwise, and every answer is
//     validated (RFC 4035 §3.2.3) for who asks for that; HTTPS for an MTA-STS policy (RFC 8461), if there is one;
//   - a control socket, over which another process asks for the same as a Go program does with the methods here.
//
// A letter's way: a listener accepts; front (smtp_front.go) reads the command lines, strikes with the scripted faults
// and hands the rest to go-smtp, whose session (smtp_session.go) gathers the envelope; the letter's octets go into a
// spool (spool.go) and from there into the recipients' mailboxes (mailbox.go) and the store, which wakes those who wait
// for it. What is deleted from a mailbox stays in the store.
//
// Everything listens on 127.0.0.1, and on ::1 where there is IPv6, at the same port. TLS is by a certification
// authority that lives as long as the sandbox. What the sandbox needs on disk is in one temporary directory, which
// Close removes.
//
// Left out: DNSSEC signatures (the AD bit alone stands for them), relaying anything anywhere, bounces, VRFY and EXPN with answers, FUTURERELEASE.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// DefaultHost is the sandbox's host name: the MX of every domain.
const DefaultHost = "mx.sandbox.test"

// Options says what a sandbox is like. The zero value is the usual one.
type Options struct {
	Host          string            // host name, default DefaultHost
	Dir           string            // a Maildir to keep letters in, made when absent; "": memory
	Zone          string            // a zone file (RFC 1035 §5) that overrides the DNS; "": none
	ZoneText      string            // the text of one, read after that
	DANE          bool              // TLSA records (RFC 6698) for every port of the host
	MTASTS        string            // an MTA-STS policy (RFC 8461 §3.2) for every domain, served over HTTPS; "": none
	Ports         map[string]int    // port by service name ("smtp"), 0 or absent: any free one
	Users         map[string]string // passwords by user name; nil: every user and password is right
	RequireAuth   bool              // MAIL without AUTH is refused with 530
	MaxSize       int64             // octets of a letter, announced by SIZE; 0: no limit
	MaxRecipients int               // of a transaction, more are refused with 452; 0: no limit
	Without       []string          // EHLO keywords that are not offered: "CHUNKING"
}

// Sandbox is a running mail host. Its methods may be called from several goroutines.
type Sandbox struct {
	opt         Options
	dir         string   // temporary: CA, configuration, control socket, large letters
	lock        *os.File // in dir, held while the sandbox lives; nil where there are no such locks
	ca          *authority
	zone        *zone
	store       *store
	accounts    *accounts
	faults      faults
	services    map[string]string // address by service name
	ipv6        bool              // ::1 is served, too
	controlAddr string

	done    chan struct{} // closed by Close
	closing sync.Once
	serving sync.WaitGroup
	mu      sync.Mutex
	closers map[closer]struct{} // listeners and connections
}

type closer interface{ Close() error }

// Start starts a sandbox. It ends with Close, or when ctx does.
func Start(ctx context.Context, opt Options) (*Sandbox, error) {
	if opt.Host == "" {
		opt.Host = DefaultHost
	}
	dir, lock, err := tempDir()
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	s := &Sandbox{
		opt: opt, dir: dir, lock: lock, store: newStore(), accounts: newAccounts(), services: map[string]string{},
		done: make(chan struct{}), closers: map[closer]struct{}{},
	}
	if err := s.start(); err != nil {
		return nil, errors.Join(fmt.Errorf("sandbox: %w", err), s.Close())
	}
	context.AfterFunc(ctx, func() { s.Close() })
	return s, nil
}

func (s *Sandbox) start() (err error) {
	if s.ca, err = newAuthority(s.opt.Host); err != nil {
		return err
	}
	if err := os.WriteFile(s.CAFile(), s.ca.pem, 0o644); err != nil {
		return err
	}
	if s.opt.Dir != "" {
		if err := makeMaildir(s.opt.Dir); err != nil {
			return err
		}
	}
	if err := s.serve("smtp", func(nc net.Conn) { s.serveSMTP(nc, smtpPlain) }); err != nil {
		return err
	}
	if err := s.serve("smtps", func(nc net.Conn) { s.serveSMTP(nc, smtpImplicitTLS) }); err != nil {
		return err
	}
	if err := s.serve("lmtp", func(nc net.Conn) { s.serveSMTP(nc, lmtp) }); err != nil {
		return err
	}
	if err := s.serveMailboxes(); err != nil {
		return err
	}
	if err := s.servePolicy(); err != nil {
		return err
	}
	if err := s.serveDNS(); err != nil {
		return err
	}
	if err := s.writeConfig(); err != nil {
		return err
	}
	return s.serveControl(controlByTCP())
}

// serveMailboxes serves what was caught.
func (s *Sandbox) serveMailboxes() error {
	for name, handle := range map[string]func(net.Conn){
		"pop3":  func(nc net.Conn) { s.servePOP3(nc, false) },
		"pop3s": func(nc net.Conn) { s.servePOP3(nc, true) },
		"imap":  func(nc net.Conn) { s.serveIMAP(nc, false) },
		"imaps": func(nc net.Conn) { s.serveIMAP(nc, true) },
	} {
		if err := s.serve(name, handle); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the sandbox: every connection is cut, and its temporary directory removed. Letters in Options.Dir stay.
// A second Close does nothing.
func (s *Sandbox) Close() (err error) {
	s.closing.Do(func() {
		close(s.done)
		s.mu.Lock()
		for c := range s.closers {
			c.Close()
		}
		s.mu.Unlock()
		s.serving.Wait()
		err = os.RemoveAll(s.dir)
		if s.lock != nil {
			s.lock.Close()
		}
	})
	return err
}

// Done is closed when the sandbox ends.
func (s *Sandbox) Done() <-chan struct{} { return s.done }

// Addr is the host:port of a service by its name ("smtp", "smtps", "lmtp", "dns"), "" when it is not served.
func (s *Sandbox) Addr(service string) string { return s.services[service] }

// ServiceNames names the services that a sandbox can have, in the order in which they are shown.
func ServiceNames() []string {
	return []string{"smtp", "smtps", "lmtp", "pop3", "pop3s", "imap", "imaps", "https", "dns"}
}

// SMTPAddr is the host:port of SMTP, with STARTTLS.
func (s *Sandbox) SMTPAddr() string { return s.Addr("smtp") }

// SMTPSAddr is the host:port of SMTP over implicit TLS.
func (s *Sandbox) SMTPSAddr() string { return s.Addr("smtps") }

// LMTPAddr is the host:port of LMTP.
func (s *Sandbox) LMTPAddr() string { return s.Addr("lmtp") }

// DNSAddr is the host:port of the name server, UDP and TCP.
func (s *Sandbox) DNSAddr() string { return s.Addr("dns") }

// Host is the sandbox's host name.
func (s *Sandbox) Host() string { return s.opt.Host }

// TempDir is the sandbox's temporary directory. What is put there goes with the sandbox.
func (s *Sandbox) TempDir() string { return s.dir }

// CAFile is the file of the certificate (PEM) that a client of the sandbox has to trust.
func (s *Sandbox) CAFile() string { return filepath.Join(s.dir, "ca.pem") }

// track remembers what Close has to close. It is false when Close has been.
func (s *Sandbox) track(c closer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.done:
		return false
	default:
	}
	s.closers[c] = struct{}{}
	return true
}

func (s *Sandbox) untrack(c closer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.closers, c)
}

// sleep waits for d, or until the sandbox ends: then it is false.
func (s *Sandbox) sleep(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-s.done:
		return false
	}
}
