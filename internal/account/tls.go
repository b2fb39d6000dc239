package account

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"

	"posta/internal/dialer"
)

// TLS says how connections of an account are secured.
type TLS struct {
	Mode       string `toml:"mode"`        // "implicit", "starttls", "none"; "" is what the URL's scheme means
	CA         string `toml:"ca"`          // file of trusted roots in PEM, in place of the system's
	Pin        string `toml:"pin"`         // SHA-256 of the server's certificate, in place of its chain
	Cert       string `toml:"cert"`        // file of the client's certificate chain in PEM
	Key        string `toml:"key"`         // file of its key
	ServerName string `toml:"server_name"` // the name that the certificate must be for; default the host
}

// given says whether anything was said about TLS, so that it is meant even on loopback.
func (t TLS) given() bool { return t != TLS{} }

func checkMode(mode string, implicit bool) (reason string) {
	switch {
	case mode != "" && mode != "implicit" && mode != "starttls" && mode != "none":
		return fmt.Sprintf("tls mode %q is none of implicit, starttls and none", mode)
	case implicit && mode != "" && mode != "implicit":
		return fmt.Sprintf("tls mode %q contradicts the scheme, which means TLS from the start", mode)
	}
	return ""
}

// Dialer says how to connect to s, a server of the account. Files of certificates are read here.
//
// A scheme without TLS from the start means that STARTTLS must succeed. Only on loopback, where nothing was said about
// TLS, it means plain text; the dialer checks that the peer is there.
func (a *Account) Dialer(s *Server) (dialer.Config, error) {
	cfg := dialer.Config{
		Network: "tcp", Address: s.Address(), ServerName: a.TLS.ServerName,
		LocalAddr: a.Source, Proxy: a.Proxy,
	}
	if s.Socket != "" {
		cfg.Network = "unix"
	}
	mode := s.Mode
	if mode == "" {
		mode = a.TLS.Mode
	}
	if reason := checkMode(mode, s.Implicit()); reason != "" {
		return cfg, a.errorf("%s: %s", s, reason)
	}
	switch {
	case mode == "none":
		cfg.Security, cfg.AllowPlain = dialer.Plain, true
	case mode == "implicit" || s.Implicit():
		cfg.Security = dialer.TLS
	case mode == "" && s.Loopback() && !a.TLS.given():
		cfg.Security = dialer.Plain
	default:
		cfg.Security = dialer.StartTLS
	}
	if cfg.Security == dialer.Plain {
		return cfg, nil
	}
	return cfg, a.certificates(&cfg)
}

// DialerToAny says how to connect to hosts that are not the account's: from its source, through its proxy, trusting its
// authorities. Its pin, its client certificate and its mode are for its own servers. STARTTLS is asked for.
func (a *Account) DialerToAny() (dialer.Config, error) {
	cfg := dialer.Config{Network: "tcp", Security: dialer.StartTLS, LocalAddr: a.Source, Proxy: a.Proxy}
	trusting := &Account{Name: a.Name, File: a.File, TLS: TLS{CA: a.TLS.CA}}
	return cfg, trusting.certificates(&cfg)
}

// certificates fills in what proves the server to us and us to the server.
func (a *Account) certificates(cfg *dialer.Config) (err error) {
	if a.TLS.CA != "" {
		if cfg.RootCAs, err = readRoots(a.TLS.CA); err != nil {
			return a.errorf("tls.ca: %w", err)
		}
	}
	if a.TLS.Pin != "" {
		if cfg.Pin, err = ParsePin(a.TLS.Pin); err != nil {
			return a.errorf("tls.pin: %w", err)
		}
	}
	if a.TLS.Cert == "" && a.TLS.Key == "" {
		return nil
	}
	if a.TLS.Cert == "" || a.TLS.Key == "" {
		return a.errorf("tls.cert and tls.key go together")
	}
	pair, err := tls.LoadX509KeyPair(a.TLS.Cert, a.TLS.Key)
	if err != nil {
		return a.errorf("tls.cert: %w", err)
	}
	cfg.Certificates = []tls.Certificate{pair}
	return nil
}

func readRoots(path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s has no certificate in PEM", path)
	}
	return pool, nil
}

// ParsePin reads the SHA-256 of a certificate in DER: hexadecimal digits with or without colons, or base64, after an
// optional "sha256:".
func ParsePin(s string) ([]byte, error) {
	if len(s) > 7 && strings.EqualFold(s[:6], "sha256") && strings.ContainsRune(":/=", rune(s[6])) {
		s = s[7:]
	}
	if sum, err := hex.DecodeString(strings.ReplaceAll(s, ":", "")); err == nil && len(sum) == sha256.Size {
		return sum, nil
	}
	if sum, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "=")); err == nil && len(sum) == sha256.Size {
		return sum, nil
	}
	return nil, errors.New("it is no SHA-256: 64 hexadecimal digits, as openssl x509 -noout -fingerprint -sha256 prints them")
}
