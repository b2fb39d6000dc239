package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"posta/fetch/store"
)

// popRule sends letters to an address into a store.
type popRule struct {
	address string // in lower case; "*@domain" is every one there, "user@" that user anywhere
	to      string // store's spec
}

func (r *popRule) fits(address string) bool {
	address = strings.ToLower(address)
	if domain, ok := strings.CutPrefix(r.address, "*@"); ok {
		return strings.HasSuffix(address, "@"+domain)
	}
	if strings.HasSuffix(r.address, "@") {
		return strings.HasPrefix(address, r.address)
	}
	return address == r.address
}

func (o *popGetOptions) readRules(c *cli.Context) error {
	for _, name := range strings.Split(c.String("sort-by"), ",") {
		if name = strings.TrimSpace(name); name != "" {
			o.sortBy = append(o.sortBy, name)
		}
	}
	for _, rule := range c.StringSlice("rule") {
		address, to, ok := strings.Cut(rule, "=")
		kind, _, err := store.ParseSpec(to)
		if !ok || !strings.Contains(address, "@") || err != nil || kind == store.KindStream {
			return usageError("pop get: --rule needs ADDRESS=STORE, such as ann@example.org=maildir:ann, not %q", rule)
		}
		o.rules = append(o.rules, popRule{strings.ToLower(strings.TrimSpace(address)), to})
	}
	return nil
}
