package dane

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"posta/mxlookup"
)

// ErrMismatch is the error of a server whose certificates no record vouches for.
var ErrMismatch = errors.New("certificate does not match the TLSA records")

// Verify says which record vouches for a server that showed these certificates, its own first. Domain is that of the
// letter's recipient: a certificate authority's word (DANE-TA) has to be about the host, what it is an alias of, or
// that domain (RFC 7672 §3.2.3). The certificate of a DANE-EE record may have any name and be out of date (RFC 7672
// §3.1.1).
func (p *Policy) Verify(certs []*x509.Certificate, domain string, now time.Time) (mxlookup.TLSA, error) {
	if len(certs) == 0 {
		return mxlookup.TLSA{}, fmt.Errorf("%w: the server showed none", ErrMismatch)
	}
	var authority error
	for _, rec := range p.Records {
		switch rec.Usage {
		case usageEE:
			if matches(rec, certs[0]) {
				return rec, nil
			}
		case usageTA:
			err := p.verifyAuthority(rec, certs, domain, now)
			if err == nil {
				return rec, nil
			}
			authority = err
		}
	}
	if authority != nil && !errors.Is(authority, ErrMismatch) {
		return mxlookup.TLSA{}, fmt.Errorf("%w: %w", ErrMismatch, authority)
	}
	return mxlookup.TLSA{}, ErrMismatch
}

// verifyAuthority verifies the server's certificate by the authority that rec names, which the server has to show, or
// the record to hold whole (RFC 7672 §3.1.2).
func (p *Policy) verifyAuthority(rec mxlookup.TLSA, certs []*x509.Certificate, domain string, now time.Time) error {
	roots, found := x509.NewCertPool(), false
	intermediates := x509.NewCertPool()
	for _, cert := range certs[1:] {
		intermediates.AddCert(cert)
		if matches(rec, cert) {
			roots.AddCert(cert)
			found = true
		}
	}
	if rec.Selector == selectorCert && rec.Matching == matchFull {
		if cert, err := x509.ParseCertificate(rec.Data); err == nil {
			roots.AddCert(cert)
			found = true
		}
	}
	if !found {
		return ErrMismatch
	}
	_, err := certs[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: intermediates, CurrentTime: now})
	if err != nil {
		return err
	}
	for _, name := range []string{p.Host, p.Base, domain} {
		if err = certs[0].VerifyHostname(name); err == nil {
			return nil
		}
	}
	return err
}

// matches says whether a record is about a certificate (RFC 6698 §2.1).
func matches(rec mxlookup.TLSA, cert *x509.Certificate) bool {
	data := cert.Raw
	if rec.Selector == selectorSPKI {
		data = cert.RawSubjectPublicKeyInfo
	}
	switch rec.Matching {
	case matchSHA2_256:
		sum := sha256.Sum256(data)
		data = sum[:]
	case matchSHA2_512:
		sum := sha512.Sum512(data)
		data = sum[:]
	}
	return bytes.Equal(data, rec.Data)
}
