package mailflow

import (
	"context"
	"strings"
)

// checkServices looks for what tells mail programs the domain's servers (RFC 6186, 8314 §5.1, and Mozilla's autoconfig).
func (k *check) checkServices(ctx context.Context) {
	found := false
	for _, service := range []string{"submissions", "submission", "imaps", "imap", "pop3s", "pop3"} {
		list, err := k.Resolver.SRV(ctx, service, k.domain)
		if k.lost("srv", err) {
			return
		}
		var words []string
		for _, s := range list {
			if s.Host != "." {
				words = append(words, s.Host)
			}
		}
		if len(words) == 0 {
			continue
		}
		found = true
		level, advice := OK, ""
		if service == "imap" || service == "pop3" {
			level, advice = Info, "offer TLS from the start, and the other service's record (RFC 8314 §3)"
		}
		k.add(level, "srv", "RFC 6186", advice, "%s at %s", service, strings.Join(words, " "))
	}
	addrs, err := k.Resolver.Addresses(ctx, "autoconfig."+k.domain, 0)
	switch {
	case err == nil:
		k.add(OK, "autoconfig", "", "", "autoconfig.%s is %s", k.domain, addrs.Name)
	case !found:
		k.add(Info, "srv", "RFC 6186", "publish SRV records, so that mail programs find the servers", "nothing tells mail programs the domain's servers")
	}
}
