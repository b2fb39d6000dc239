package mxlookup

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// Service is a host that offers a service of a domain (RFC 2782).
type Service struct {
	Priority, Weight, Port uint16
	Host                   string // "." says that the service is not offered
}

// SRV finds the hosts of a service ("imaps", "submission") of a domain over TCP, by priority, equal ones by falling
// weight and then by name, and whether the answer was validated.
func (r *Resolver) SRV(ctx context.Context, service, domain string) (list []Service, secure bool, err error) {
	f, err := r.lookup(ctx, "_"+service+"._tcp."+canonical(domain), TypeSRV)
	if err != nil {
		return nil, false, err
	}
	list = make([]Service, len(f.records))
	for i := range f.records {
		n := f.records[i].numbers
		list[i] = Service{n[0], n[1], n[2], f.records[i].target}
	}
	slices.SortFunc(list, func(a, b Service) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(b.Weight, a.Weight), strings.Compare(a.Host, b.Host))
	})
	return list, f.secure, nil
}
