package sendmail

import (
	"context"
	"errors"

	"posta/internal/dialer"
)

// startTLS makes the connection TLS (RFC 3207). Where the server does not offer it or refuses, that is the end.
func (c *Client) startTLS(ctx context.Context) error {
	if !c.ext.Has("STARTTLS") {
		return c.tlsRefused(errors.New("the server does not offer STARTTLS"))
	}
	if err := c.send(StageSTARTTLS, "STARTTLS"); err != nil {
		return err
	}
	r, err := c.reply(StageSTARTTLS)
	switch {
	case err != nil:
		return err
	case !r.OK():
		return c.tlsRefused(refusal(StageSTARTTLS, r))
	case r.Code != 220:
		return protocolError(StageSTARTTLS, "reply %q", r)
	}
	if err := c.conn.StartTLS(ctx); err != nil {
		c.broken = err // nothing more may be said in plain text
		return err
	}
	c.mark(StageSTARTTLS)
	return nil
}

func (c *Client) tlsRefused(err error) error {
	return &dialer.Error{Op: "start TLS with", Addr: c.cfg.Dialer.Address, Kind: dialer.TLSRefused, Err: err}
}
