package mailflow

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"

	"blitiri.com.ar/go/spf"

	"posta/mxlookup"
)

// checkSPF reads the domain's SPF policy.
func (k *check) checkSPF(ctx context.Context) {
	record, n, err := k.spfRecord(ctx, k.domain)
	switch {
	case k.lost("spf", err):
		return
	case n == 0:
		k.add(Warn, "spf", "RFC 7208 §3", "publish v=spf1 with the hosts that send for the domain, or v=spf1 -all", "no policy")
		return
	case n > 1:
		k.add(Bad, "spf", "RFC 7208 §3.2", "join them into one", "%d policies, there must be one: receivers ignore all", n)
		return
	}
	k.add(OK, "spf", "RFC 7208", "", "%s", record)
	k.checkTerms(record)
	k.checkAll(record)
	k.countLookups(ctx, record)
	k.evaluateSPF(ctx)
}

// spfRecord finds the SPF record of a name, and how many there are (RFC 7208 §4.5).
func (k *check) spfRecord(ctx context.Context, name string) (record string, n int, err error) {
	texts, _, err := k.Resolver.TXT(ctx, name)
	for _, text := range texts {
		if strings.EqualFold(text, "v=spf1") || len(text) > 6 && strings.EqualFold(text[:7], "v=spf1 ") {
			record, n = text, n+1
		}
	}
	return record, n, err
}

// checkAll looks at what the policy says of everyone else (RFC 7208 §5.1).
func (k *check) checkAll(record string) {
	fields := strings.Fields(strings.ToLower(record))
	for _, term := range fields {
		switch term {
		case "-all", "~all":
			return
		case "?all":
			k.add(Warn, "spf", "RFC 7208 §8.2", "end it with -all or ~all", "?all says nothing of other senders")
			return
		case "+all", "all":
			k.add(Bad, "spf", "RFC 7208 §5.1", "end it with -all", "everyone may send in the domain's name")
			return
		}
	}
	if !strings.Contains(strings.ToLower(record), "redirect=") {
		k.add(Warn, "spf", "RFC 7208 §4.7", "end it with -all or ~all", "it says nothing of other senders")
	}
}

// evaluateSPF asks the policy about the address that mail comes from, where one is given.
func (k *check) evaluateSPF(ctx context.Context) {
	if !k.Sender.IsValid() {
		return
	}
	result, err := CheckSPF(ctx, k.Resolver, k.Sender, k.domain, "postmaster@"+k.domain)
	level, advice := OK, ""
	switch result {
	case "pass":
	case "temperror":
		level = Unknown
	default:
		level, advice = Bad, "add the address to the policy"
	}
	k.add(level, "spf", "RFC 7208 §2.6", advice, "%s for %s: %v", result, k.Sender, err)
}

// CheckSPF evaluates the policy of a sender's domain for the address that its mail comes from (RFC 7208 §4): the
// result in the RFC's word, and why.
func CheckSPF(ctx context.Context, r *mxlookup.Resolver, ip netip.Addr, helo, sender string) (string, error) {
	if strings.HasPrefix(sender, "@") { // RFC 7208 §4.3
		sender = "postmaster" + sender
	}
	result, err := spf.CheckHostWithSender(net.IP(ip.AsSlice()), helo, sender, spf.WithContext(ctx), spf.WithResolver(spfResolver{r}))
	return string(result), err
}

// spfResolver is our resolver as blitiri's package wants one.
type spfResolver struct{ r *mxlookup.Resolver }

func (s spfResolver) LookupTXT(ctx context.Context, name string) ([]string, error) {
	texts, _, err := s.r.TXT(ctx, name)
	return texts, asNetError(name, err)
}

func (s spfResolver) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	route, err := s.r.MX(ctx, strings.TrimSuffix(name, "."))
	if err != nil || route.Implicit { // RFC 7208 §5.4: the implicit MX does not count
		return nil, asNetError(name, err)
	}
	var list []*net.MX
	for _, h := range route.Hosts {
		list = append(list, &net.MX{Host: h.Name, Pref: h.Preference})
	}
	return list, nil
}

func (s spfResolver) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	addrs, err := s.r.Addresses(ctx, host, 0)
	if err != nil {
		return nil, asNetError(host, err)
	}
	var list []net.IPAddr
	for _, a := range addrs.List {
		list = append(list, net.IPAddr{IP: a.AsSlice()})
	}
	return list, nil
}

func (s spfResolver) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		return nil, err
	}
	names, err := s.r.PTR(ctx, ip)
	return names, asNetError(addr, err)
}

// asNetError is an error of ours as the standard library's resolver would have it.
func asNetError(name string, err error) error {
	var e *mxlookup.Error
	if !errors.As(err, &e) {
		return err
	}
	return &net.DNSError{Err: e.Error(), Name: name, IsNotFound: none(err), IsTemporary: e.Temporary(), IsTimeout: errors.Is(err, mxlookup.ErrTimeout)}
}
