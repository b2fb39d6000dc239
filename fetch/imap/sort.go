package imap

import goimap "github.com/emersion/go-imap/v2"

// Sort searches and sorts (RFC 5256): keys are "DATE", "REVERSE SIZE", "SUBJECT" and so on. The numbers are UIDs in their
// order.
func (c *Client) Sort(program Program, keys ...string) *Pending[[]goimap.UID] {
	err := c.need("SORT", goimap.CapSort)
	if err == nil {
		err = c.understands("SORT", program)
	}
	if err != nil {
		return refuse[[]goimap.UID](c, err)
	}
	p, cmd := pend[[]goimap.UID](c, "UID SORT", c.mailbox, func(e *encoder) {
		e.words(keys...)
		c.program(e, program, "")
	})
	cmd.nameless = "SORT"
	cmd.takes = func(r response) (bool, error) {
		if r.name != "SORT" {
			return false, nil
		}
		_, err := c.in.numbers(func(n uint32) bool {
			*p.data = append(*p.data, goimap.UID(n))
			return len(*p.data) <= maxRanges
		})
		return true, err
	}
	return p
}
