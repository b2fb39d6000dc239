package mxlookup

import (
	"context"
	"net/netip"
	"strconv"
)

// TXT finds the texts at a name, each with its strings joined (RFC 7208 §3.3), and whether the answer was validated.
func (r *Resolver) TXT(ctx context.Context, name string) (texts []string, secure bool, err error) {
	f, err := r.lookup(ctx, canonical(name), TypeTXT)
	if err != nil {
		return nil, false, err
	}
	for i := range f.records {
		var text []byte
		for s := f.records[i].data; len(s) > 0; s = s[1+int(s[0]):] {
			text = append(text, s[1:1+int(s[0])]...)
		}
		texts = append(texts, string(text))
	}
	return texts, f.secure, nil
}

// TLSA is one association of a certificate with a port of a host (RFC 6698 §2.1).
type TLSA struct {
	Usage, Selector, Matching uint8
	Data                      []byte
}

// TLSA finds the associations of a TCP port of a host, and whether the answer was validated: without that they say
// nothing.
func (r *Resolver) TLSA(ctx context.Context, port int, host string) (list []TLSA, secure bool, err error) {
	f, err := r.lookup(ctx, "_"+strconv.Itoa(port)+"._tcp."+canonical(host), TypeTLSA)
	if err != nil {
		return nil, false, err
	}
	for i := range f.records {
		d := f.records[i].data
		list = append(list, TLSA{d[0], d[1], d[2], d[3:]})
	}
	return list, f.secure, nil
}

// PTR finds the names of an address.
func (r *Resolver) PTR(ctx context.Context, addr netip.Addr) ([]string, error) {
	f, err := r.lookup(ctx, reverse(addr), TypePTR)
	if err != nil {
		return nil, err
	}
	var names []string
	for i := range f.records {
		names = append(names, f.records[i].target)
	}
	return names, nil
}

// reverse is the name under which an address has its PTR records (RFC 1035 §3.5, RFC 3596 §2.5).
func reverse(addr netip.Addr) string {
	const hex = "0123456789abcdef"
	addr = addr.Unmap()
	octets := addr.AsSlice()
	var b []byte
	for i := len(octets) - 1; i >= 0; i-- {
		if addr.Is4() {
			b = append(strconv.AppendUint(b, uint64(octets[i]), 10), '.')
		} else {
			b = append(b, hex[octets[i]&15], '.', hex[octets[i]>>4], '.')
		}
	}
	if addr.Is4() {
		return string(b) + "in-addr.arpa"
	}
	return string(b) + "ip6.arpa"
}
