package mxlookup

import (
	"context"
	"errors"
	"net/netip"
)

// Addresses are those of a host.
type Addresses struct {
	Host   string
	Name   string       // what the host's aliases lead to
	Alias  bool         // the host is an alias, which an MX must not name (RFC 2181 §10.3)
	List   []netip.Addr // IPv6 before IPv4, each in the server's order; at least one
	Secure bool
}

// Addresses finds the addresses of a host: of family 4, 6, or 0 for both, which are asked for at once. Without any
// address the error is ErrNoRecord or ErrNoDomain; one family that cannot be found out is an error only when the other
// has no address.
func (r *Resolver) Addresses(ctx context.Context, host string, family int) (*Addresses, error) {
	host = canonical(host)
	switch family {
	case 4:
		f, err := r.lookup(ctx, host, TypeA)
		return addresses(host, err, f)
	case 6:
		f, err := r.lookup(ctx, host, TypeAAAA)
		return addresses(host, err, f)
	}
	type result struct {
		found *found
		err   error
	}
	six := make(chan result, 1)
	go func() {
		f, err := r.lookup(ctx, host, TypeAAAA)
		six <- result{f, err}
	}()
	f4, err4 := r.lookup(ctx, host, TypeA)
	f6 := <-six
	switch {
	case err4 == nil && f6.err == nil:
		return addresses(host, nil, f6.found, f4)
	case err4 == nil:
		return addresses(host, nil, f4)
	case f6.err == nil:
		return addresses(host, nil, f6.found)
	}
	if temporary(f6.err) {
		return nil, f6.err
	}
	return nil, err4
}

func addresses(host string, err error, answers ...*found) (*Addresses, error) {
	if err != nil {
		return nil, err
	}
	a := &Addresses{Host: host, Name: answers[0].name, Alias: answers[0].aliases > 0, Secure: true}
	for _, f := range answers {
		a.Secure = a.Secure && f.secure
		for i := range f.records {
			if addr, ok := netip.AddrFromSlice(f.records[i].data); ok {
				a.List = append(a.List, addr)
			}
		}
	}
	return a, nil
}

// temporary says whether err may pass.
func temporary(err error) bool {
	var e *Error
	return !errors.As(err, &e) || e.Temporary()
}
