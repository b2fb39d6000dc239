package imap

import goimap "github.com/emersion/go-imap/v2"

// ACL asks for the rights on a mailbox by user (RFC 4314 §3.3).
func (c *Client) ACL(mailbox string) *Pending[map[goimap.RightsIdentifier]goimap.RightSet] {
	type acl = map[goimap.RightsIdentifier]goimap.RightSet
	if err := c.need("GETACL", goimap.CapACL); err != nil {
		return refuse[acl](c, err)
	}
	p, cmd := pend[acl](c, "GETACL", mailbox, func(e *encoder) { c.name(e, mailbox) })
	cmd.takes = func(r response) (bool, error) {
		if r.name != "ACL" {
			return false, nil
		}
		list, err := c.in.values()
		n := node{list: list}
		*p.data = acl{}
		for i := 1; i+1 < len(n.list); i += 2 {
			(*p.data)[goimap.RightsIdentifier(n.at(i).text)] = goimap.RightSet(n.at(i + 1).text)
		}
		return true, err
	}
	return p
}

// MyRights asks for the user's own rights on a mailbox (RFC 4314 §3.5).
func (c *Client) MyRights(mailbox string) *Pending[goimap.RightSet] {
	if err := c.need("MYRIGHTS", goimap.CapACL); err != nil {
		return refuse[goimap.RightSet](c, err)
	}
	p, cmd := pend[goimap.RightSet](c, "MYRIGHTS", mailbox, func(e *encoder) { c.name(e, mailbox) })
	cmd.takes = func(r response) (bool, error) {
		if r.name != "MYRIGHTS" {
			return false, nil
		}
		list, err := c.in.values()
		*p.data = goimap.RightSet(node{list: list}.at(1).text)
		return true, err
	}
	return p
}

// SetACL gives a user rights on a mailbox, adds some or takes some (RFC 4314 §3.1).
func (c *Client) SetACL(mailbox string, who goimap.RightsIdentifier, mod goimap.RightModification, rights goimap.RightSet) *Pending[None] {
	if err := c.need("SETACL", goimap.CapACL); err != nil {
		return refuse[None](c, err)
	}
	p, _ := pend[None](c, "SETACL", mailbox, func(e *encoder) {
		c.name(e, mailbox)
		e.String(string(who))
		text := rights.String()
		if mod != goimap.RightModificationReplace {
			text = string(rune(mod)) + text
		}
		e.String(text)
	})
	return p
}

// DeleteACL takes a user off the list (RFC 4314 §3.2).
func (c *Client) DeleteACL(mailbox string, who goimap.RightsIdentifier) *Pending[None] {
	if err := c.need("DELETEACL", goimap.CapACL); err != nil {
		return refuse[None](c, err)
	}
	p, _ := pend[None](c, "DELETEACL", mailbox, func(e *encoder) {
		c.name(e, mailbox)
		e.String(string(who))
	})
	return p
}
