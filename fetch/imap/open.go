package imap

import (
	"context"
	"errors"
	"strings"

	goimap "github.com/emersion/go-imap/v2"

	"posta/internal/dialer"
)

// open is the dialogue before the first command of the caller.
func (c *Client) open(ctx context.Context) error {
	if err := c.readGreeting(); err != nil {
		return err
	}
	preAuth := c.greeting.Type == goimap.StatusResponseTypePreAuth
	if c.cfg.Dialer.Security == dialer.StartTLS {
		if preAuth {
			// RFC 9051 §7.1.4, CVE-2020-12398: STARTTLS is not possible any more, and whoever sent this may want just that.
			return c.tlsRefused(errors.New("the server says PREAUTH, before TLS"))
		}
		if err := c.startTLS(ctx); err != nil {
			return err
		}
	}
	if !c.capsKnown {
		if err := c.Capability(); err != nil {
			return err
		}
	}
	if c.cfg.Auth != nil && !preAuth {
		if err := c.login(); err != nil {
			return err
		}
	}
	if c.cfg.Compress && c.caps.Has("COMPRESS=DEFLATE") {
		return c.Compress()
	}
	return nil
}

// readGreeting reads the first response, which has one time limit.
func (c *Client) readGreeting() error {
	c.conn.StartReply()
	defer c.conn.EndReply()
	p, err := c.in.greeting()
	if err != nil {
		return &Error{Command: "greeting", Err: c.fail(err)}
	}
	if p.status == nil || p.tag != "" {
		return &Error{Command: "greeting", Err: c.fail(protocolError("%.80q as a greeting", p.name))}
	}
	c.greeting = *p.status
	switch c.greeting.Type {
	case goimap.StatusResponseTypeOK, goimap.StatusResponseTypePreAuth:
	default:
		c.bye = c.greeting
		c.fail(errBye)
		return &Error{Command: "greeting", Status: c.greeting}
	}
	if c.greeting.Code == "CAPABILITY" {
		c.setCaps(strings.Fields(c.greeting.Arg))
	}
	c.alert(&c.greeting)
	return nil
}

// Capability asks what the server offers. Dial and the login have done so.
func (c *Client) Capability() error {
	return c.wait(c.start("CAPABILITY", nil)) // unsolicited keeps it
}

// startTLS makes the connection TLS (RFC 9051 §6.2.1). Where the server does not offer it or refuses, that is the end.
func (c *Client) startTLS(ctx context.Context) error {
	if c.capsKnown && !c.caps.Has(goimap.CapStartTLS) {
		return c.tlsRefused(errors.New("the server does not offer STARTTLS"))
	}
	if err := c.wait(c.start("STARTTLS", nil)); err != nil {
		var refused *Error
		if errors.As(err, &refused) && refused.Type != "" && refused.Err == nil {
			return c.tlsRefused(err)
		}
		return err
	}
	if c.in.buffered() > 0 { // CVE-2011-0411
		err := &dialer.Error{Op: "start TLS with", Addr: c.cfg.Dialer.Address, Kind: dialer.Protocol, Err: dialer.ErrInjected}
		return c.fail(err)
	}
	if err := c.conn.StartTLS(ctx); err != nil {
		return c.fail(err) // nothing more may be said in plain text
	}
	c.over(c.conn, c.conn)
	c.caps, c.capsKnown = goimap.CapSet{}, false // RFC 9051 §6.2.1: what was offered before counts no more
	return nil
}

func (c *Client) tlsRefused(err error) error {
	return &dialer.Error{Op: "start TLS with", Addr: c.cfg.Dialer.Address, Kind: dialer.TLSRefused, Err: err}
}
