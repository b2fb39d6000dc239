package dialer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// StartTLS makes the connection TLS, after the server's positive reply to STARTTLS (RFC 3207 §4, RFC 2595 §4). Octets
// already received beyond that reply are ErrInjected. The handshake has one time limit. Must not be called while
// another goroutine reads or writes.
func (c *Conn) StartTLS(ctx context.Context) error {
	if c.tls != nil {
		return &Error{Op: "start TLS with", Addr: c.cfg.Address, Err: errors.New("TLS is on already"), Kind: BadConfig}
	}
	if c.br.Buffered() > 0 {
		return c.error("start TLS with", ErrInjected)
	}
	defer c.Watch(ctx)()
	c.raw.until(time.Now().Add(c.Timeout()))
	defer c.raw.unbound()
	return c.handshake()
}

// handshake makes the connection TLS within the time that is set.
func (c *Conn) handshake() error {
	config, err := c.cfg.tlsConfig()
	if err != nil {
		return c.error("start TLS with", err)
	}
	conn := tls.Client(c.raw, config)
	if err := conn.Handshake(); err != nil {
		return c.handshakeError(err)
	}
	c.tls, c.rw = conn, conn
	c.br.Reset(conn)
	c.noteTLS()
	return nil
}

func (c *Conn) noteTLS() {
	if c.Log == nil {
		return
	}
	state := c.tls.ConnectionState()
	resumed := ""
	if state.DidResume {
		resumed = ", resumed"
	}
	c.Log.Note("%s, %s, certificate of %s%s", tls.VersionName(state.Version), tls.CipherSuiteName(state.CipherSuite),
		state.PeerCertificates[0].Subject, resumed)
}

// handshakeError tells a connection that was cut from a server that can't be trusted.
func (c *Conn) handshakeError(err error) *Error {
	e := c.error("start TLS with", err)
	var header tls.RecordHeaderError
	var inner *Error
	switch {
	case errors.As(err, &inner), e.Kind == Timeout:
	case errors.As(err, &header):
		e.Err = errors.New("the server does not speak TLS there")
		e.Kind = TLSRefused
		if c.cfg.Security == StartTLS {
			e.Kind = Protocol
		}
	case !isTransport(err):
		e.Kind = TLSRefused
	}
	return e
}

// tlsConfig verifies the server's certificate: by the pin where there is one, else chain and name.
func (cfg *Config) tlsConfig() (*tls.Config, error) {
	name, err := cfg.serverName()
	if err != nil {
		return nil, err
	}
	config := &tls.Config{
		MinVersion:   tls.VersionTLS12,
		ServerName:   name,
		RootCAs:      cfg.RootCAs,
		Certificates: cfg.Certificates,
		// A flight of commands is one record, and a letter is not cut into small ones.
		DynamicRecordSizingDisabled: true,
	}
	if cfg.Sessions != nil && cfg.Verify == nil {
		config.ClientSessionCache = sessions{cfg.Sessions, fmt.Sprintf(" %s %p %x", cfg.Address, cfg.RootCAs, cfg.Pin)}
	}
	if cfg.Pin != nil {
		pin := bytes.Clone(cfg.Pin)
		config.InsecureSkipVerify = true // the pin is stronger
		config.VerifyConnection = func(state tls.ConnectionState) error { return verifyPin(pin, state.PeerCertificates) }
	}
	if cfg.Verify != nil {
		config.InsecureSkipVerify = true // Verify takes its place
		config.VerifyConnection = cfg.Verify
	}
	return config, nil
}

// verifyPin is asked at each handshake, that of a resumed session too.
func verifyPin(pin []byte, chain []*x509.Certificate) error {
	if len(chain) == 0 {
		return ErrPin
	}
	if sum := sha256.Sum256(chain[0].Raw); !bytes.Equal(sum[:], pin) {
		return ErrPin
	}
	return nil
}
