package direct

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"posta/mxlookup"
	"posta/mxlookup/dane"
	"posta/mxlookup/mtasts"
)

// Security is what protected a letter on its way.
type Security string

// The securities of a delivery, the strongest first.
const (
	DANE          Security = "dane"          // the certificate matched validated TLSA records
	STS           Security = "mta-sts"       // it was verified as the MTA-STS policy asks
	Verified      Security = "verified"      // it was verified since REQUIRETLS asks for it
	Opportunistic Security = "opportunistic" // TLS with whatever certificate
	Plain         Security = "plain"         // none
)

// need is what a connection to a host has to be.
type need struct {
	level  Security
	plain  bool                            // plain text is better than nothing
	verify func(tls.ConnectionState) error // nil: by chain and name
}

// security is what the connection was in the end.
func (n *need) security(overTLS bool) Security {
	if !overTLS {
		return Plain
	}
	return n.level
}

// need works out what a connection to a host has to be; an error says that it must not be sent to.
func (d *delivery) need(ctx context.Context, host string) (*need, error) {
	records, err := d.daneOf(ctx, host)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %s: %w", ErrPolicy, host, err) // RFC 7672 §2.1.1
	case records != nil && len(records.Records) > 0:
		return &need{level: DANE, verify: func(state tls.ConnectionState) error {
			_, err := records.Verify(state.PeerCertificates, d.domain, time.Now())
			return err
		}}, nil
	case d.sts != nil && d.sts.Mode == mtasts.Enforce:
		if !d.sts.Match(host) { // RFC 8461 §4.1
			return nil, fmt.Errorf("%w: %s is not in the MTA-STS policy", ErrPolicy, host)
		}
		return &need{level: STS}, nil
	case d.env.Options.RequireTLS:
		if !d.named(host) {
			return nil, fmt.Errorf("%w: that %s is a host of the domain is neither validated nor in an MTA-STS policy, as REQUIRETLS asks", ErrPolicy, host)
		}
		return &need{level: Verified}, nil
	}
	// RFC 7672 §2.2: unusable records still ask for TLS.
	return &need{level: Opportunistic, plain: records == nil, verify: func(tls.ConnectionState) error { return nil }}, nil
}

// named says whether a host's name is known to be the domain's (RFC 8689 §4.2.1, step 2): anyone could have put another into an
// answer that nobody validated.
func (d *delivery) named(host string) bool {
	return d.way.Secure || d.way.Implicit || d.way.Literal || d.sts != nil && d.sts.Mode != mtasts.None && d.sts.Match(host)
}

// daneOf finds the TLSA records of a host, where the way to it is validated (RFC 7672 §2.2.1).
func (d *delivery) daneOf(ctx context.Context, host string) (*dane.Policy, error) {
	if !d.way.Secure || d.way.Literal {
		return nil, nil
	}
	// What is published is about port 25, wherever a test has its hosts.
	policy, err := dane.Lookup(ctx, d.cfg.Resolver, host, 25)
	if isNoAddress(err) {
		return nil, nil // it will be skipped as a host without addresses
	}
	return policy, err
}

func isNoAddress(err error) bool {
	return errors.Is(err, mxlookup.ErrNoDomain) || errors.Is(err, mxlookup.ErrNoRecord)
}
