package dkim

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
)

// ErrKey is the error of a key that is none, or is too weak.
var ErrKey = errors.New("no usable DKIM key")

// Bounds of RSA keys: RFC 8301 §3.2.
const (
	minRSA     = 1024
	DefaultRSA = 2048 // bits: what fits into a TXT record, and is verified everywhere
)

// ParseKey reads a private key in PEM form: PKCS #8 or, for RSA, PKCS #1.
func ParseKey(text []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%w: no PEM block in it", ErrKey)
	}
	var key any
	var err error
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	default:
		return nil, fmt.Errorf("%w: a PEM block of %q", ErrKey, block.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%w: a %T", ErrKey, key)
	}
	if _, err := Record(signer.Public()); err != nil {
		return nil, err
	}
	return signer, nil
}

// GenerateRSA makes an RSA key; bits from 2048 to 4096.
func GenerateRSA(bits int) (crypto.Signer, error) {
	if bits < DefaultRSA || bits > 4096 {
		return nil, fmt.Errorf("%w: RSA keys have from %d to 4096 bits", ErrKey, DefaultRSA)
	}
	return rsa.GenerateKey(rand.Reader, bits)
}

// GenerateEd25519 makes an Ed25519 key (RFC 8463).
func GenerateEd25519() (crypto.Signer, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	return key, err
}

// MarshalKey is a private key as ParseKey reads it.
func MarshalKey(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// Record is the text of the TXT record that publishes a key (RFC 6376 §3.6.1, RFC 8463 §4).
func Record(key crypto.PublicKey) (string, error) {
	switch key := key.(type) {
	case ed25519.PublicKey:
		return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(key), nil
	case *rsa.PublicKey:
		if key.N.BitLen() < minRSA {
			return "", fmt.Errorf("%w: an RSA key of %d bits, at least %d are wanted (RFC 8301 §3.2)", ErrKey, key.N.BitLen(), minRSA)
		}
		der, err := x509.MarshalPKIXPublicKey(key)
		if err != nil {
			return "", fmt.Errorf("%w: %w", ErrKey, err)
		}
		return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der), nil
	}
	return "", fmt.Errorf("%w: a %T", ErrKey, key)
}

// ZoneRecord is a record as it stands in a zone file: the text in strings of 255 octets at most (RFC 1035 §3.3).
func ZoneRecord(domain, selector, text string) string {
	line := selector + "._domainkey." + domain + ". IN TXT ("
	for len(text) > 0 {
		n := min(len(text), 255)
		line += " \"" + text[:n] + "\""
		text = text[n:]
	}
	return line + " )"
}
