package sendmail

// readGreeting reads the server's first reply (RFC 5321 §3.1).
func (c *Client) readGreeting() error {
	r, err := c.reply(StageGreeting)
	if err != nil {
		return err
	}
	c.greeting = r
	c.mark(StageGreeting)
	switch {
	case !r.OK():
		return refusal(StageGreeting, r)
	case r.Code != 220:
		return protocolError(StageGreeting, "greeting %q", r)
	}
	return nil
}

// sayHello says EHLO and, to a server that does not know it, HELO (RFC 5321 §3.2); LHLO with LMTP (RFC 2033 §4.1).
func (c *Client) sayHello() error {
	verb := "EHLO"
	if c.cfg.LMTP {
		verb = "LHLO"
	}
	r, err := c.hail(verb)
	if err != nil {
		return err
	}
	c.ext = new(Extensions)
	switch {
	case r.Code == 250:
		c.ext = parseExtensions(r.Text)
		if c.cfg.LMTP { // its replies for each recipient are read after DATA only
			c.ext.chunking, c.ext.binary = false, false
		}
	case r.Code/100 == 5 && !c.cfg.LMTP:
		if r, err = c.hail("HELO"); err != nil {
			return err
		}
	}
	c.hello = r
	c.mark(StageEHLO)
	switch {
	case !r.OK():
		return refusal(StageEHLO, r)
	case r.Code != 250:
		return protocolError(StageEHLO, "reply %q", r)
	}
	return nil
}

func (c *Client) hail(verb string) (*Reply, error) {
	if err := c.send(StageEHLO, verb+" "+c.name); err != nil {
		return nil, err
	}
	return c.reply(StageEHLO)
}
