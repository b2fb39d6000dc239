package mailflow

import (
	"context"
	"crypto/x509"
	"time"

	"posta/mxlookup/dane"
)

// noTLS notes that a host has no STARTTLS, by what that breaks.
func (k *check) noTLS(ctx context.Context, host string) {
	k.add(Warn, host, "RFC 3207", "offer STARTTLS", "no STARTTLS: mail to this host can be read on the way")
	if k.policy != nil {
		k.add(byMode(k.policy.Mode), host, "RFC 8461 §4.2", "offer STARTTLS", "the MTA-STS policy asks for TLS")
	}
	if policy, err := k.danePolicy(ctx, host); err == nil && policy != nil {
		k.add(Bad, host, "RFC 7672 §2.2", "offer STARTTLS", "TLSA records ask for TLS")
	}
}

// checkCertificate holds a server's certificates against the public authorities, DANE and MTA-STS.
func (k *check) checkCertificate(ctx context.Context, host string, certs []*x509.Certificate) {
	if len(certs) == 0 {
		k.add(Bad, host, "RFC 3207 §4", "", "no certificate")
		return
	}
	err := k.verify(host, certs)
	left := certs[0].NotAfter.Sub(k.now())
	switch {
	case err != nil && k.policy != nil:
		k.add(byMode(k.policy.Mode), host, "RFC 8461 §4.2", "get a certificate for this name", "certificate: %v", err)
	case err != nil:
		k.add(Info, host, "RFC 7435", "with MTA-STS or for strict senders, get a certificate for this name", "certificate: %v", err)
	case left < 7*24*time.Hour:
		k.add(Warn, host, "", "renew it", "certificate of %s ends on %s", certs[0].Issuer, certs[0].NotAfter.Format(time.DateOnly))
	default:
		k.add(OK, host, "", "", "certificate of %s until %s", certs[0].Issuer, certs[0].NotAfter.Format(time.DateOnly))
	}
	k.checkDANE(ctx, host, certs)
}

func (k *check) verify(host string, certs []*x509.Certificate) error {
	opts := x509.VerifyOptions{DNSName: host, Roots: k.RootCAs, Intermediates: x509.NewCertPool(), CurrentTime: k.now()}
	for _, cert := range certs[1:] {
		opts.Intermediates.AddCert(cert)
	}
	_, err := certs[0].Verify(opts)
	return err
}

// danePolicy is nil, too, where the answer that names the host was not validated: anyone could have put another into it
// (RFC 7672 §2.2.1).
func (k *check) danePolicy(ctx context.Context, host string) (*dane.Policy, error) {
	if !k.secure {
		return nil, nil
	}
	return dane.Lookup(ctx, k.Resolver, host, k.port())
}

func (k *check) checkDANE(ctx context.Context, host string, certs []*x509.Certificate) {
	policy, err := k.danePolicy(ctx, host)
	if k.lost(host+" dane", err) {
		return
	}
	switch {
	case !k.secure:
		k.add(Info, host, "RFC 7672 §2.2.1", "sign the domain's zone, to have DANE", "the MX is not validated: no DANE")
		return
	case policy == nil:
		k.add(Info, host, "RFC 7672", "", "no TLSA records that are validated: no DANE")
		return
	case len(policy.Records) == 0:
		k.add(Bad, host, "RFC 7672 §3.1", "publish records of usage 2 or 3", "TLSA records, but none that SMTP can use")
		return
	}
	rec, err := policy.Verify(certs, k.domain, k.now())
	if err != nil {
		k.add(Bad, host, "RFC 7672 §3", "publish the record of the new certificate before it is used", "%v", err)
		return
	}
	k.add(OK, host, "RFC 7672", "", "the certificate matches TLSA %d %d %d", rec.Usage, rec.Selector, rec.Matching)
	if server := k.Resolver.Unauthenticated(); server != "" {
		k.add(Info, host, "RFC 7672 §2.1.1", "ask a resolver on this host, or over TLS",
			"that the records are validated is the word of %s, which anyone on the way could forge", server)
	}
}
