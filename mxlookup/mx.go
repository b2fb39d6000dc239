package mxlookup

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
)

// Host is a host that takes a domain's mail.
type Host struct {
	Preference uint16
	Name       string // in lower case without the final dot; "." in a null MX
}

// IsAddress says whether the name is an IP address: no such host exists, the record is wrong (RFC 5321 §5.1 wants a
// domain name).
func (h Host) IsAddress() bool {
	last := h.Name[max(len(h.Name), 1)-1:]
	if (last < "0" || last > "9") && !strings.Contains(h.Name, ":") {
		return false // which almost all are
	}
	_, err := netip.ParseAddr(h.Name)
	return err == nil
}

// Route is where a domain's mail goes.
type Route struct {
	Domain   string // as asked for
	Name     string // what the domain's aliases lead to; the domain itself when it is no alias
	Hosts    []Host // by preference, equal ones by name; at least one
	Implicit bool   // the domain has no MX and addresses of its own (RFC 5321 §5.1)
	Literal  bool   // the domain is an address literal
	Secure   bool   // the resolver validated each answer on the way (AD), which is asked for with Config.DNSSEC
}

// Null says whether the domain says that it takes no mail (RFC 7505): a single MX of the root.
func (r *Route) Null() bool { return len(r.Hosts) == 1 && r.Hosts[0].Name == "." }

// Shuffle puts hosts of equal preference in random order, as a sender has to try them (RFC 5321 §5.1).
func (r *Route) Shuffle() {
	rand.Shuffle(len(r.Hosts), func(i, j int) { r.Hosts[i], r.Hosts[j] = r.Hosts[j], r.Hosts[i] })
	slices.SortStableFunc(r.Hosts, func(a, b Host) int { return cmp.Compare(a.Preference, b.Preference) })
}

// MX finds where the mail of a domain goes; the domain is in ASCII as Domain makes it. The error is an *Error:
// ErrNoMail for a domain that exists and has neither MX nor addresses.
func (r *Resolver) MX(ctx context.Context, domain string) (*Route, error) {
	if _, ok := Literal(domain); ok {
		return &Route{Domain: domain, Name: domain, Literal: true, Hosts: []Host{{Name: domain}}}, nil
	}
	domain = canonical(domain)
	f, err := r.lookup(ctx, domain, TypeMX)
	if errors.Is(err, ErrNoRecord) {
		return r.implicit(ctx, domain, f)
	}
	if err != nil {
		return nil, err
	}
	route := &Route{Domain: domain, Name: f.name, Secure: f.secure, Hosts: make([]Host, len(f.records))}
	for i := range f.records {
		route.Hosts[i] = Host{f.records[i].numbers[0], f.records[i].target}
	}
	slices.SortFunc(route.Hosts, func(a, b Host) int {
		return cmp.Or(cmp.Compare(a.Preference, b.Preference), strings.Compare(a.Name, b.Name))
	})
	route.Hosts = slices.Compact(route.Hosts)
	return route, nil
}

// implicit is the route of a domain that f shows to have no MX: the domain itself, if it has an address.
func (r *Resolver) implicit(ctx context.Context, domain string, f *found) (*Route, error) {
	// One address is enough, and most that have any have one of IPv4.
	addrs, err := r.Addresses(ctx, domain, 4)
	if errors.Is(err, ErrNoRecord) {
		addrs, err = r.Addresses(ctx, domain, 6)
	}
	switch {
	case err == nil:
		return &Route{
			Domain: domain, Name: addrs.Name, Implicit: true, Secure: f.secure && addrs.Secure,
			Hosts: []Host{{Name: domain}},
		}, nil
	case errors.Is(err, ErrNoRecord), errors.Is(err, ErrNoDomain):
		return nil, &Error{Name: domain, Err: ErrNoMail}
	}
	return nil, err
}

// canonical is a domain as it is asked for and kept.
func canonical(domain string) string { return strings.ToLower(trimDot(domain)) }
