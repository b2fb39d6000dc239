// Package dane verifies the certificate of a mail server by its TLSA records (RFC 6698, as RFC 7671 and RFC 7672 have
// it for SMTP).
//
// Lookup finds the records, Policy says what they ask for, Verify holds a server's certificates against them. All of it
// is worth what the resolver's word is worth that an answer was validated (RFC 7672 §2.1): without DNSSEC there is no
// DANE. Usages 0 and 1 (PKIX) are unusable for SMTP (RFC 7672 §3.1.3).
package dane

import (
	"context"
	"errors"

	"posta/mxlookup"
)

// Policy is what the TLSA records of a host ask of who sends to it.
type Policy struct {
	Host    string          // the host of the MX
	Base    string          // the name whose records these are (RFC 7672 §2.2.2)
	Records []mxlookup.TLSA // those that are usable
	// Mandatory says that TLS has to be used: there are validated TLSA records, usable or not (RFC 7672 §2.2). Without
	// any usable one the certificate is not verified.
	Mandatory bool
}

// Lookup finds the policy of a host for a port. Nil without an error means that the host has none: no records, or an
// answer that was not validated. An error means that this cannot be known, and the host must not be sent to now
// (RFC 7672 §2.1.1).
func Lookup(ctx context.Context, r *mxlookup.Resolver, host string, port int) (*Policy, error) {
	addrs, err := r.Addresses(ctx, host, 0)
	if err != nil {
		return nil, err
	}
	if !addrs.Secure {
		return nil, nil // RFC 7672 §2.2.2: without validated addresses there is nothing to bind to
	}
	bases := []string{host}
	if addrs.Alias { // RFC 7672 §2.2.2: what the alias leads to comes first
		bases = []string{addrs.Name, host}
	}
	for _, base := range bases {
		records, secure, err := r.TLSA(ctx, port, base)
		switch {
		case errors.Is(err, mxlookup.ErrNoDomain), errors.Is(err, mxlookup.ErrNoRecord):
			continue
		case err != nil:
			return nil, err
		case secure:
			return &Policy{Host: host, Base: base, Records: Usable(records), Mandatory: true}, nil
		}
	}
	return nil, nil
}

// The values of the fields of a record (RFC 6698 §2.1, RFC 7218).
const (
	usageTA       = 2 // DANE-TA: a certificate authority
	usageEE       = 3 // DANE-EE: the server's own certificate
	selectorCert  = 0
	selectorSPKI  = 1
	matchFull     = 0
	matchSHA2_256 = 1
	matchSHA2_512 = 2
)

// Usable are the records that SMTP can use (RFC 7672 §3.1).
func Usable(records []mxlookup.TLSA) []mxlookup.TLSA {
	var usable []mxlookup.TLSA
	for _, rec := range records {
		length := map[uint8]int{matchSHA2_256: 32, matchSHA2_512: 64, matchFull: len(rec.Data)}[rec.Matching]
		if (rec.Usage == usageTA || rec.Usage == usageEE) && (rec.Selector == selectorCert || rec.Selector == selectorSPKI) &&
			len(rec.Data) > 0 && len(rec.Data) == length {
			usable = append(usable, rec)
		}
	}
	return usable
}
