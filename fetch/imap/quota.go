package imap

import (
	"maps"
	"slices"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
)

// Quota is what a quota root allows and has (RFC 9208 §4): storage is in units of 1024 octets.
type Quota struct {
	Root      string
	Resources map[goimap.QuotaResourceType]Resource
}

// Resource is how much of a resource is used, and its limit.
type Resource struct{ Usage, Limit int64 }

// Quota asks for the quotas that hold for a mailbox (GETQUOTAROOT).
func (c *Client) Quota(mailbox string) *Pending[[]Quota] {
	return c.quota("GETQUOTAROOT", mailbox, func(e *encoder) { c.name(e, mailbox) })
}

// QuotaRoot asks for the quota of a root (GETQUOTA).
func (c *Client) QuotaRoot(root string) *Pending[[]Quota] {
	return c.quota("GETQUOTA", root, func(e *encoder) { e.String(root) })
}

// SetQuota sets the limits of a quota root, all of them: what is not in limits has none then (RFC 9208 §4.1.3). Servers let
// only their administrators do so.
func (c *Client) SetQuota(root string, limits map[goimap.QuotaResourceType]int64) *Pending[[]Quota] {
	return c.quota("SETQUOTA", root, func(e *encoder) {
		e.String(root)
		e.Atom("(")
		for _, name := range slices.Sorted(maps.Keys(limits)) {
			if !isAtom(string(name)) || limits[name] < 0 {
				e.fail("quota %q of %d", string(name), limits[name])
			}
			e.Atom(string(name))
			e.number(uint64(limits[name]))
		}
		e.Atom(")")
	})
}

// quota is a command that brings QUOTA responses.
func (c *Client) quota(verb, name string, write func(*encoder)) *Pending[[]Quota] {
	if err := c.need(verb, goimap.CapQuota); err != nil {
		return refuse[[]Quota](c, err)
	}
	p, cmd := pend[[]Quota](c, verb, name, write)
	cmd.takes = func(r response) (bool, error) {
		if r.name != "QUOTA" && r.name != "QUOTAROOT" {
			return false, nil
		}
		list, err := c.in.values()
		if r.name == "QUOTAROOT" || err != nil || len(list) < 2 || len(*p.data) >= maxMailboxes {
			return true, err
		}
		*p.data = append(*p.data, quota(node{list: list}))
		return true, nil
	}
	return p
}

// quota understands root (resource usage limit…).
func quota(n node) Quota {
	q := Quota{Root: n.at(0).text, Resources: map[goimap.QuotaResourceType]Resource{}}
	for items := n.at(1); len(items.list) >= 3; items.list = items.list[3:] {
		name := goimap.QuotaResourceType(strings.ToUpper(items.at(0).text))
		q.Resources[name] = Resource{Usage: lines(items.at(1)), Limit: lines(items.at(2))}
	}
	return q
}
