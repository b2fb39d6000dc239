package imap

import (
	"slices"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
)

// Enable switches extensions on (RFC 5161) and returns all that are on then, in upper case. Those that the server does
// not offer are not asked for. UTF8=ACCEPT and IMAP4rev2 make names and strings UTF-8.
func (c *Client) Enable(extensions ...goimap.Cap) ([]string, error) {
	if err := c.need("ENABLE", goimap.CapEnable); err != nil {
		return c.on, err
	}
	wanted := slices.DeleteFunc(slices.Clone(extensions), func(x goimap.Cap) bool {
		return !c.caps.Has(x) || slices.Contains(c.on, strings.ToUpper(string(x)))
	})
	if len(wanted) == 0 {
		return c.on, nil
	}
	err := c.wait(c.start("ENABLE", func(e *encoder) {
		for _, x := range wanted {
			e.Atom(string(x))
		}
	}))
	return c.on, err // ENABLED is read wherever it comes
}

// enabled keeps what ENABLED said.
func (c *Client) enabled(list []string) {
	for _, name := range list {
		name = strings.ToUpper(name)
		if !slices.Contains(c.on, name) && len(c.on) < 100 && len(name) < 100 {
			c.on = append(c.on, name)
		}
		c.utf8 = c.utf8 || name == "UTF8=ACCEPT" || name == "IMAP4REV2"
	}
}

// ID tells the server who this is and asks the same (RFC 2971): pairs such as "name", "version". Some providers want it
// before they open a mailbox.
func (c *Client) ID(ours map[string]string) *Pending[map[string]string] {
	if err := c.need("ID", goimap.CapID); err != nil {
		return refuse[map[string]string](c, err)
	}
	p, cmd := pend[map[string]string](c, "ID", "", func(e *encoder) {
		if len(ours) == 0 {
			e.Atom("NIL")
			return
		}
		e.Atom("(")
		for name, value := range ours {
			e.String(name)
			e.String(value)
		}
		e.Atom(")")
	})
	cmd.takes = func(r response) (bool, error) {
		if r.name != "ID" {
			return false, nil
		}
		list, err := c.in.values()
		*p.data = parameters(node{list: list}.at(0))
		return true, err
	}
	return p
}

// Namespace asks where mailboxes are: the user's own, other users', shared ones (RFC 2342).
func (c *Client) Namespace() *Pending[goimap.NamespaceData] {
	if err := c.need("NAMESPACE", goimap.CapNamespace); err != nil {
		return refuse[goimap.NamespaceData](c, err)
	}
	p, cmd := pend[goimap.NamespaceData](c, "NAMESPACE", "", nil)
	cmd.takes = func(r response) (bool, error) {
		if r.name != "NAMESPACE" {
			return false, nil
		}
		list, err := c.in.values()
		n := node{list: list}
		*p.data = goimap.NamespaceData{Personal: c.namespaces(n.at(0)), Other: c.namespaces(n.at(1)), Shared: c.namespaces(n.at(2))}
		return true, err
	}
	return p
}

func (c *Client) namespaces(n node) []goimap.NamespaceDescriptor {
	var list []goimap.NamespaceDescriptor
	for _, item := range n.list {
		d := goimap.NamespaceDescriptor{Prefix: c.decodeName(item.at(0).text)}
		for _, r := range item.at(1).text {
			d.Delim = r
			break
		}
		list = append(list, d)
	}
	return list
}
