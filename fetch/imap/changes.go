package imap

// Changes are the flags that a command changed, or that changed since a client last looked.
type Changes struct {
	Changed    []Update // by message (UpdateFetch)
	Incomplete bool     // there were more than are kept: Fetch with ChangedSince tells all

	cost int
}

// changed reads a FETCH response that tells a change.
func (c *Client) changed(r response, list *Changes) error {
	u, err := c.flagChange(r)
	if err != nil || list.Incomplete {
		return err
	}
	if list.cost += u.cost(); list.cost > maxUpdated {
		list.Incomplete = true
		return nil
	}
	list.Changed = append(list.Changed, u)
	return nil
}

// flagChange reads a FETCH response without content: what nobody waits for would be lost. As many of them as there may be
// messages do not count as a server that never stops.
func (c *Client) flagChange(p response) (Update, error) {
	m := &c.message
	kept, ignored := c.in.kept, c.in.ignored-responseCost
	m.reset(c.in, p.num)
	for {
		l, err := m.next()
		if l == nil {
			if !m.done {
				return Update{}, err
			}
			break
		}
		for _, cmd := range c.flight {
			if cmd.fetch != nil {
				return Update{}, protocolError("content of message %d before its command's turn", p.num)
			}
		}
	}
	if c.changes++; c.changes/4 <= uint64(c.exists)+maxUpdates {
		c.in.kept, c.in.ignored = kept, ignored
	}
	return Update{Kind: UpdateFetch, Num: m.Seq, UID: m.UID, Flags: m.Flags, ModSeq: m.ModSeq}, nil
}
