package main

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"

	"posta/mxlookup"
)

var errNullMX = errors.New("takes no mail (null MX, RFC 7505)")

// mxResult is what was found out about one domain; with --json, what is printed of it.
type mxResult struct {
	Name     string      `json:"name"`
	Unicode  string      `json:"unicode,omitempty"`
	Alias    string      `json:"alias_of,omitempty"`
	Status   string      `json:"status"`
	Implicit bool        `json:"implicit,omitempty"`
	Literal  bool        `json:"literal,omitempty"`
	Secure   *bool       `json:"secure,omitempty"`
	MX       []mxHost    `json:"mx,omitempty"`
	Services []mxService `json:"services,omitempty"`
	Error    string      `json:"error,omitempty"`
	err      error
}

type mxHost struct {
	Preference uint16       `json:"preference"`
	Host       string       `json:"host"`
	Addresses  []netip.Addr `json:"addresses,omitempty"`
	Alias      string       `json:"alias_of,omitempty"` // RFC 2181 §10.3 forbids it
	Literal    bool         `json:"literal,omitempty"`  // an address where a name has to be
	Error      string       `json:"error,omitempty"`    // of the addresses
	err        error
}

type mxService struct {
	Service  string `json:"service"`
	Priority uint16 `json:"priority"`
	Weight   uint16 `json:"weight"`
	Port     uint16 `json:"port"`
	Host     string `json:"host"`
}

// look finds out what the options ask about one domain.
func (o *mxOptions) look(ctx context.Context, r *mxlookup.Resolver, in mxName) *mxResult {
	res := &mxResult{Name: in.domain, err: in.err}
	switch {
	case in.err != nil:
	case o.srv:
		secure := false
		res.Services, secure, res.err = lookServices(ctx, r, in.domain)
		if o.dnssec && res.err == nil {
			res.Secure = &secure
		}
	default:
		o.route(ctx, r, res)
	}
	res.Status = mxWord(res.err)
	if res.err != nil {
		res.Error = res.err.Error()
	}
	if u := mxlookup.Unicode(res.Name); in.err == nil && u != res.Name {
		res.Unicode = u
	}
	return res
}

// route fills in where the domain's mail goes.
func (o *mxOptions) route(ctx context.Context, r *mxlookup.Resolver, res *mxResult) {
	route, err := r.MX(ctx, res.Name)
	if err != nil {
		res.err = err
		return
	}
	if o.shuffle {
		route.Shuffle()
	}
	if o.first {
		route.Hosts = route.Hosts[:1]
	}
	res.Implicit, res.Literal = route.Implicit, route.Literal
	if route.Name != res.Name {
		res.Alias = route.Name
	}
	if o.dnssec {
		res.Secure = &route.Secure
	}
	res.MX = make([]mxHost, 0, len(route.Hosts))
	for _, h := range route.Hosts {
		res.MX = append(res.MX, mxHost{Preference: h.Preference, Host: h.Name, Literal: h.IsAddress() || route.Literal})
	}
	switch {
	case route.Null():
		res.err = &mxlookup.Error{Name: res.Name, Err: errNullMX}
	case len(o.family) > 0:
		o.addresses(ctx, r, res.MX)
	}
}

// addresses fills in the addresses of the hosts, which are asked for a few at a time.
func (o *mxOptions) addresses(ctx context.Context, r *mxlookup.Resolver, hosts []mxHost) {
	var all sync.WaitGroup
	defer all.Wait()
	few := make(chan struct{}, 8)
	for i := range hosts {
		few <- struct{}{}
		all.Go(func() {
			o.hostAddresses(ctx, r, &hosts[i])
			<-few
		})
	}
}

func (o *mxOptions) hostAddresses(ctx context.Context, r *mxlookup.Resolver, h *mxHost) {
	if addr, ok := mxlookup.Literal(h.Host); ok {
		h.Addresses = []netip.Addr{addr}
	}
	if h.Literal || h.Host == "." { // no such host exists
		return
	}
	family := 0
	if len(o.family) == 1 {
		family = o.family[0]
	}
	found, err := r.Addresses(ctx, h.Host, family)
	if err != nil {
		h.err, h.Error = err, err.Error()
		return
	}
	if h.Addresses = found.List; found.Alias {
		h.Alias = found.Name
	}
	if family == 0 { // -4 -6: IPv4 first, as the flags are read
		slices.SortStableFunc(h.Addresses, func(a, b netip.Addr) int { return a.BitLen() - b.BitLen() })
	}
}

// mailServices are the services of mail clients (RFC 6186, 8314 §5.1), those with TLS from the start first.
func mailServices() []string {
	return []string{"submissions", "submission", "imaps", "imap", "pop3s", "pop3"}
}

// lookServices finds the hosts of every mail service of a domain, and says whether each answer was validated. A service without
// records is left out; without any, the error is the first one that may pass, or that there are none.
func lookServices(ctx context.Context, r *mxlookup.Resolver, domain string) (out []mxService, secure bool, err error) {
	names := mailServices()
	lists := make([][]mxlookup.Service, len(names))
	valid, errs := make([]bool, len(names)), make([]error, len(names))
	var all sync.WaitGroup
	for i := range names {
		all.Go(func() { lists[i], valid[i], errs[i] = r.SRV(ctx, names[i], domain) })
	}
	all.Wait()
	secure = true
	for i, list := range lists {
		for _, s := range list {
			out = append(out, mxService{names[i], s.Priority, s.Weight, s.Port, s.Host})
			secure = secure && valid[i]
		}
		if statusOfLookup(errs[i]) > exitNegative {
			return nil, false, errs[i]
		}
	}
	if out == nil {
		return nil, false, &mxlookup.Error{Name: domain, Type: mxlookup.TypeSRV, Err: mxlookup.ErrNoRecord}
	}
	return out, secure, nil
}

// mxWord is the status of an answer as a word for scripts.
func mxWord(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, errNullMX):
		return "null"
	case errors.Is(err, mxlookup.ErrNoDomain):
		return "nxdomain"
	case errors.Is(err, mxlookup.ErrNoMail), errors.Is(err, mxlookup.ErrNoRecord):
		return "nodata"
	case errors.Is(err, mxlookup.ErrServFail):
		return "servfail"
	case errors.Is(err, mxlookup.ErrTimeout):
		return "timeout"
	case errors.Is(err, mxlookup.ErrAliasLoop):
		return "loop"
	case errors.Is(err, mxlookup.ErrBadName):
		return "badname"
	case errors.Is(err, mxlookup.ErrMalformed):
		return "malformed"
	}
	return "network"
}
