package mailflow

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"

	"posta/mxlookup"
	"posta/mxlookup/mtasts"
)

// checkPolicy finds the MTA-STS policy, which the hosts are held against.
func (k *check) checkPolicy(ctx context.Context) {
	policy, err := k.web().Lookup(ctx, k.domain)
	switch {
	case errors.Is(err, mtasts.ErrNone):
		k.add(Info, "mta-sts", "RFC 8461", "publish a policy, so that mail to the domain cannot be read on the way", "no policy")
	case errors.Is(err, mtasts.ErrRecord), errors.Is(err, mtasts.ErrPolicy):
		k.add(Bad, "mta-sts", "RFC 8461 §3", "correct it: senders act as if there was no policy", "%v", err)
	case errors.Is(err, mtasts.ErrFetch):
		k.add(Bad, "mta-sts", "RFC 8461 §3.3", "serve it over HTTPS with a valid certificate, as text/plain, without a redirect", "%v", err)
	case err != nil:
		k.lost("mta-sts", err)
	default:
		k.policy = policy
		level, advice := OK, ""
		if policy.Mode != mtasts.Enforce {
			level, advice = Warn, "set the mode to enforce when the reports are clean"
		}
		k.add(level, "mta-sts", "RFC 8461 §5", advice, "mode %s, kept for %v, hosts %s", policy.Mode, policy.MaxAge, strings.Join(policy.MX, " "))
	}
}

// web is what fetches over HTTPS: from public addresses alone, unless others are asked for.
func (k *check) web() *mtasts.Client {
	client := &mtasts.Client{Resolver: k.Resolver, RootCAs: k.RootCAs, Port: k.PolicyPort, Timeout: k.Timeout}
	if !k.Private {
		client.Allow = isPublic
	}
	return client
}

// What is looked at of a domain that names more than anyone needs: each may cost a time-out.
const (
	maxHosts     = 20
	maxAddresses = 16 // of a host
	maxNames     = 10 // of an address
)

// checkHosts goes through the hosts that take the domain's mail, by preference.
func (k *check) checkHosts(ctx context.Context) {
	route, err := k.Resolver.MX(ctx, k.domain)
	switch {
	case errors.Is(err, mxlookup.ErrNoDomain):
		k.add(Bad, "mx", "RFC 5321 §5.1", "", "the domain does not exist")
		return
	case errors.Is(err, mxlookup.ErrNoMail):
		k.add(Bad, "mx", "RFC 5321 §5.1", "publish MX records, or a null MX (RFC 7505) if no mail is wanted", "neither MX nor address records")
		return
	case err != nil:
		k.lost("mx", err)
		return
	case route.Null():
		k.add(Bad, "mx", "RFC 7505", "", "the domain says that it takes no mail")
		return
	case route.Implicit:
		k.add(Warn, "mx", "RFC 5321 §5.1", "publish an MX record", "no MX record: the domain's own address is used")
	default:
		k.add(OK, "mx", "RFC 5321 §5.1", "", "%s", hostList(route))
	}
	if len(route.Hosts) == 1 && !route.Implicit {
		k.add(Info, "mx", "RFC 5321 §5.1", "", "a single host: mail waits while it is down")
	}
	k.secure = route.Secure
	hosts := route.Hosts
	if len(hosts) > maxHosts {
		k.add(Warn, "mx", "RFC 5321 §5.1", "leave those that are needed", "%d hosts, of which the first %d are checked", len(hosts), maxHosts)
		hosts = hosts[:maxHosts]
	}
	// At once: each may take as long as its time-outs.
	k.apart(len(hosts), func(i int, k *check) { k.checkHost(ctx, hosts[i]) })
}

func hostList(route *mxlookup.Route) string {
	var words []string
	for _, h := range route.Hosts[:min(len(route.Hosts), maxHosts)] {
		words = append(words, h.Name)
	}
	if len(route.Hosts) > maxHosts {
		words = append(words, "…")
	}
	return strings.Join(words, " ")
}

// checkHost looks at one host: its name, its addresses, and at what answers there.
func (k *check) checkHost(ctx context.Context, h mxlookup.Host) {
	if h.Name == "." {
		k.add(Bad, "mx", "RFC 7505 §3", "remove it, or all others", "a null MX stands beside other hosts")
		return
	}
	if h.IsAddress() {
		k.add(Bad, h.Name, "RFC 5321 §5.1", "name the host instead", "the MX is an address, where a name has to stand")
		return
	}
	if k.policy != nil && !k.policy.Match(h.Name) {
		k.add(byMode(k.policy.Mode), h.Name, "RFC 8461 §4.1", "add the host to the policy", "the MTA-STS policy does not name this host")
	}
	addrs, err := k.Resolver.Addresses(ctx, h.Name, 0)
	if none(err) {
		k.add(Bad, h.Name, "RFC 5321 §5.1", "publish an address, or remove the host", "the host has no address")
		return
	}
	if k.lost(h.Name, err) {
		return
	}
	if addrs.Alias {
		k.add(Warn, h.Name, "RFC 2181 §10.3", "name "+addrs.Name+" in the MX instead", "the host is an alias of %s", addrs.Name)
	}
	var reachable []netip.Addr
	list := addrs.List
	if len(list) > maxAddresses {
		k.add(Warn, h.Name, "RFC 5321 §5.1", "leave those that are needed", "%d addresses, of which the first %d are checked", len(list), maxAddresses)
		list = list[:maxAddresses]
	}
	for _, addr := range list {
		if k.checkAddress(ctx, h.Name, addr) {
			reachable = append(reachable, addr)
		}
	}
	if !slices.ContainsFunc(addrs.List, netip.Addr.Is6) {
		k.add(Info, h.Name, "", "", "no IPv6 address")
	}
	if !k.DNSOnly {
		k.apart(len(reachable), func(i int, k *check) {
			if len(reachable) > 1 {
				k.at = reachable[i].String()
			}
			k.checkServer(ctx, h.Name, reachable[i])
		})
	}
}

// byMode is how bad it is when a host is not what a policy asks for.
func byMode(mode mtasts.Mode) Level {
	switch mode {
	case mtasts.Enforce:
		return Bad
	case mtasts.Testing:
		return Warn
	}
	return Info
}

// checkAddress looks at an address and its names. It says whether to connect there.
func (k *check) checkAddress(ctx context.Context, host string, addr netip.Addr) bool {
	if !isPublic(addr) {
		k.add(Bad, host, "RFC 6890", "publish a public address", "%s is not a public address: nobody outside can deliver there", addr)
		return k.Private
	}
	names, err := k.Resolver.PTR(ctx, addr)
	if none(err) {
		k.add(Warn, host, "RFC 1912 §2.1", "have the network's owner add a PTR record, if the host sends mail too", "%s has no reverse name", addr)
		return true
	}
	if k.lost(host, err) {
		return true
	}
	names = names[:min(len(names), maxNames)]
	for _, name := range names {
		if back, err := k.Resolver.Addresses(ctx, name, 0); err == nil && slices.Contains(back.List, addr) {
			k.add(OK, host, "RFC 1912 §2.1", "", "%s is %s and back", addr, name)
			return true
		}
	}
	k.add(Warn, host, "RFC 1912 §2.1", "make the names agree, if the host sends mail too", "%s has the reverse name %s, which does not lead back", addr, strings.Join(names, " "))
	return true
}

// isPublic says whether the world can reach an address (RFC 6890; 100.64/10: RFC 6598; examples: RFC 5737, 3849).
func isPublic(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsValid() || a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() {
		return false
	}
	for _, reserved := range []string{"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "2001:db8::/32"} {
		if netip.MustParsePrefix(reserved).Contains(a) {
			return false
		}
	}
	return true
}

// checkBlocked says when nothing answers at all that this may be the fault of the network here.
func (k *check) checkBlocked() {
	if k.tried > 0 && k.blocked == k.tried {
		k.add(Unknown, "network", "", "check from elsewhere: most networks for homes and clouds block port 25",
			"none of %d connections was answered: port %d seems to be blocked from here", k.tried, k.port())
	}
}
