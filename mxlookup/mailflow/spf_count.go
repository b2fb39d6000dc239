package mailflow

import (
	"context"
	"errors"
	"strings"

	"posta/mxlookup"
)

// What a policy, with those that it includes, may ask of the DNS (RFC 7208 §4.6.4).
const (
	maxSPFLookups = 10 // terms that ask
	maxSPFVoid    = 2  // of those, such that find nothing
	maxSPFHosts   = 10 // MX hosts of one term
)

// spfCount counts the terms that ask the DNS, through all includes.
type spfCount struct {
	*check
	lookups int
	void    []string // terms that find nothing
	seen    map[string]bool
	loop    string
}

// countLookups holds a policy against the limits of receivers.
func (k *check) countLookups(ctx context.Context, record string) {
	count := &spfCount{check: k, seen: map[string]bool{}}
	count.terms(ctx, record, k.domain, 0)
	switch {
	case count.loop != "":
		k.add(Bad, "spf", "RFC 7208 §4.6.4", "remove the circle", "%s includes itself", count.loop)
	case count.lookups > maxSPFLookups:
		k.add(Bad, "spf", "RFC 7208 §4.6.4", "remove includes that are not needed, or put addresses in their place",
			"%d look-ups, ten are allowed: receivers answer permerror", count.lookups)
	default:
		k.add(OK, "spf", "RFC 7208 §4.6.4", "", "%d look-ups of ten", count.lookups)
	}
	if len(count.void) > maxSPFVoid {
		k.add(Bad, "spf", "RFC 7208 §4.6.4", "remove what does not exist any more",
			"%d look-ups find nothing, two are allowed: receivers answer permerror: %s", len(count.void), strings.Join(count.void, " "))
	} else if len(count.void) > 0 {
		k.add(Warn, "spf", "RFC 7208 §4.6.4", "remove what does not exist any more", "finds nothing: %s", strings.Join(count.void, " "))
	}
}

// terms counts those of a policy; depth is how many includes led there.
func (c *spfCount) terms(ctx context.Context, record, domain string, depth int) {
	if c.seen[domain] {
		c.loop = domain
		return
	}
	c.seen[domain] = true
	defer delete(c.seen, domain)
	for _, text := range strings.Fields(strings.ToLower(record))[1:] {
		if c.lookups > 10*maxSPFLookups {
			return // broken enough
		}
		term := readTerm(text)
		switch term.name {
		case "a", "mx", "ptr", "exists":
			if c.lookups++; c.lookups <= maxSPFLookups {
				c.look(ctx, text, term, domain)
			}
		case "include", "redirect":
			c.lookups++
			c.follow(ctx, text, term, depth)
		}
	}
}

// follow counts the terms of a policy that another names.
func (c *spfCount) follow(ctx context.Context, text string, term spfTerm, depth int) {
	if strings.Contains(term.domain, "%") {
		return // what it stands for is known when a letter comes
	}
	next, n, err := c.spfRecord(ctx, term.domain)
	switch {
	case depth < 20 && err == nil && n == 1:
		c.terms(ctx, next, term.domain, depth+1)
	case n == 0 && (err == nil || none(err)):
		c.add(Bad, "spf", "RFC 7208 §5.2", "remove it", "%s: there is no policy: receivers answer permerror", text)
	case n > 1:
		c.add(Bad, "spf", "RFC 7208 §4.5", "have them joined into one", "%s: there are %d policies: receivers answer permerror", text, n)
	}
}

// look asks what a term asks, as far as that does not depend on the letter.
func (c *spfCount) look(ctx context.Context, text string, term spfTerm, domain string) {
	if term.domain != "" {
		domain = term.domain
	}
	if strings.Contains(domain, "%") {
		return
	}
	var err error
	switch term.name {
	case "a":
		_, err = c.Resolver.Addresses(ctx, domain, 0)
	case "exists":
		_, err = c.Resolver.Addresses(ctx, domain, 4) // RFC 7208 §5.7
	case "mx":
		err = c.lookHosts(ctx, text, domain)
	}
	if none(err) {
		c.void = append(c.void, text)
	}
}

// lookHosts asks for the hosts of a domain; that it has only an address counts as nothing (RFC 7208 §5.4).
func (c *spfCount) lookHosts(ctx context.Context, text, domain string) error {
	route, err := c.Resolver.MX(ctx, domain)
	switch {
	case errors.Is(err, mxlookup.ErrNoMail), err == nil && route.Implicit:
		return mxlookup.ErrNoRecord
	case err == nil && len(route.Hosts) > maxSPFHosts:
		c.add(Bad, "spf", "RFC 7208 §4.6.4", "put addresses in its place",
			"%s: %d hosts, ten are allowed: receivers answer permerror", text, len(route.Hosts))
	}
	return err
}
