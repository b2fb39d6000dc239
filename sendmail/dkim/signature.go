package dkim

import (
	"bufio"
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Options say who signs, and how.
type Options struct {
	Domain   string           // d: who vouches for the letter
	Identity string           // i: "@" and the domain or one below it, perhaps with a user before it; "": no tag
	Keys     []Key            // one signature each
	Header   Canonicalization // default Relaxed
	Body     Canonicalization // default Relaxed
	Time     time.Time        // t; default now
	Expires  time.Duration    // x, after Time; 0: no tag
}

// Key is a private key and the name of its record, SELECTOR._domainkey.DOMAIN.
type Key struct {
	Selector string
	Signer   crypto.Signer // an *rsa.PrivateKey or ed25519.PrivateKey, or a token that holds one
}

// ErrOptions is the error of options that make no signature.
var ErrOptions = errors.New("cannot sign")

// Sign reads a letter to its end and returns its DKIM-Signature fields, with CRLF after each line: they go in front
// of the letter. An error of r comes back as it is.
func Sign(r io.Reader, opts Options) ([]byte, error) {
	if err := opts.complete(); err != nil {
		return nil, err
	}
	br := bufio.NewReaderSize(r, 32<<10)
	fields, err := readHeader(br)
	if err != nil {
		return nil, err
	}
	names, chosen, err := selectFields(fields)
	if err != nil {
		return nil, err
	}
	hash := sha256.New()
	b := newBody(hash, opts.Body)
	if _, err := br.WriteTo(b); err != nil {
		return nil, err
	}
	b.close()
	bodyHash := hash.Sum(nil)
	var out []byte
	for i := range opts.Keys {
		sig, err := opts.sign(&opts.Keys[i], names, chosen, bodyHash)
		if err != nil {
			return nil, err
		}
		out = append(out, sig...)
	}
	return out, nil
}

// Check says whether Sign could sign with these options: the error is ErrOptions or ErrKey.
func (o Options) Check() error { return o.complete() }

// complete fills in what may be left out, and refuses what may not.
func (o *Options) complete() error {
	if o.Header == "" {
		o.Header = Relaxed
	}
	if o.Body == "" {
		o.Body = Relaxed
	}
	if o.Time.IsZero() {
		o.Time = time.Now()
	}
	switch {
	case !isName(o.Domain):
		return fmt.Errorf("%w: no domain %q", ErrOptions, o.Domain)
	case len(o.Keys) == 0:
		return fmt.Errorf("%w: no key", ErrOptions)
	case o.Identity != "" && !o.owns(o.Identity):
		return fmt.Errorf("%w: identity %q is not in %s", ErrOptions, o.Identity, o.Domain)
	}
	for _, k := range o.Keys {
		if !isName(k.Selector) {
			return fmt.Errorf("%w: no selector %q", ErrOptions, k.Selector)
		}
		if _, err := Record(k.Signer.Public()); err != nil {
			return err
		}
	}
	return nil
}

// owns says whether an identity is in the domain or below it (RFC 6376 §3.5, i=).
func (o *Options) owns(identity string) bool {
	_, domain, ok := strings.Cut(identity, "@")
	domain, own := strings.ToLower(domain), strings.ToLower(o.Domain)
	return ok && !strings.ContainsAny(identity, " ;\r\n\t") && (domain == own || strings.HasSuffix(domain, "."+own))
}

// isName says whether s is a domain name that can stand in a tag.
func isName(s string) bool {
	if s == "" || strings.HasPrefix(s, ".") || strings.Contains(s, "..") {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.')
	})
}

// sign makes the field of one key (RFC 6376 §3.7).
func (o *Options) sign(k *Key, names []string, chosen []field, bodyHash []byte) ([]byte, error) {
	hash := sha256.New()
	for _, f := range chosen {
		hash.Write(canonicalField(f.raw, o.Header))
	}
	unsigned := o.tags(k, names, bodyHash)
	hash.Write(bytes.TrimSuffix(canonicalField(append(unsigned, '\r', '\n'), o.Header), []byte("\r\n")))
	digest, how := hash.Sum(nil), crypto.SignerOpts(crypto.SHA256)
	if _, ok := k.Signer.Public().(ed25519.PublicKey); ok {
		how = crypto.Hash(0) // RFC 8463 §3: the digest is what is signed, not hashed again
	}
	sig, err := k.Signer.Sign(rand.Reader, digest, how)
	if err != nil {
		return nil, fmt.Errorf("%w with %s: %w", ErrOptions, k.Selector, err)
	}
	return append(fold(unsigned, base64.StdEncoding.EncodeToString(sig)), '\r', '\n'), nil
}

// tags is the field up to the signature itself, without a line end.
func (o *Options) tags(k *Key, names []string, bodyHash []byte) []byte {
	algorithm := "rsa-sha256"
	if _, ok := k.Signer.Public().(ed25519.PublicKey); ok {
		algorithm = "ed25519-sha256"
	}
	b := fmt.Appendf(nil, "DKIM-Signature: v=1; a=%s; c=%s/%s;\r\n\td=%s; s=%s; t=%d;", algorithm, o.Header, o.Body,
		o.Domain, k.Selector, o.Time.Unix())
	if o.Expires > 0 {
		b = fmt.Appendf(b, " x=%d;", o.Time.Add(o.Expires).Unix())
	}
	if o.Identity != "" {
		b = fmt.Appendf(b, "\r\n\ti=%s;", o.Identity)
	}
	b = append(b, "\r\n\th="...)
	column := 10
	for i, name := range names {
		if column+len(name) > 72 {
			b, column = append(b, "\r\n\t "...), 9
		}
		b = append(b, name...)
		if column += len(name) + 1; i < len(names)-1 {
			b = append(b, ':')
		}
	}
	return fmt.Appendf(b, ";\r\n\tbh=%s;\r\n\tb=", base64.StdEncoding.EncodeToString(bodyHash))
}

// fold appends a signature in lines of 64.
func fold(b []byte, sig string) []byte {
	for len(sig) > 64 {
		b, sig = append(append(b, sig[:64]...), "\r\n\t "...), sig[64:]
	}
	return append(b, sig...)
}
