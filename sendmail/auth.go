package sendmail

import (
	"encoding/base64"
	"errors"
	"fmt"

	"posta/internal/sasl"
)

const (
	maxCommand    = 510 // RFC 5321 §4.5.3.1.4, without CRLF
	maxChallenges = 16  // no mechanism has more than a few
)

// authenticate logs in (RFC 4954 §4).
//
// No login goes over plain text to another machine, by no mechanism: a challenge and its response are enough to guess the
// password from.
func (c *Client) authenticate() error {
	if !c.conn.MaySendSecrets() {
		return &Error{Stage: StageAUTH, Err: sasl.ErrInsecure}
	}
	client, err := c.mechanism()
	if err != nil {
		return &Error{Stage: StageAUTH, Err: err}
	}
	for _, secret := range []string{c.cfg.Auth.Password, c.cfg.Auth.Token} {
		if secret != "" {
			c.secrets = append(c.secrets, secret)
		}
	}
	defer func() { c.secrets = nil }()
	r, refused, err := c.startAuth(client)
	if refused && err == nil { // a server older than RFC 4954 may not know the initial response
		if client, err = c.mechanism(); err == nil {
			r, err = c.startAuthPlainly(client)
		}
	}
	if err != nil {
		return err
	}
	for range maxChallenges {
		if r.Code != 334 {
			return c.authEnd(client, r)
		}
		if r, err = c.respond(client, r); err != nil {
			return err
		}
	}
	return protocolError(StageAUTH, "challenges without end")
}

func (c *Client) mechanism() (sasl.Client, error) {
	return sasl.Select(c.ext.Auth(), *c.cfg.Auth, c.conn.MaySendSecrets(), c.cfg.Mechanism)
}

// startAuth says AUTH, with the initial response where it fits the line. refused tells that the server may not have
// understood that.
func (c *Client) startAuth(client sasl.Client) (r *Reply, refused bool, err error) {
	mech, initial, err := client.Start()
	if err != nil {
		return nil, false, &Error{Stage: StageAUTH, Err: err}
	}
	c.mech = mech
	line := "AUTH " + mech
	switch encoded := encode(initial); {
	case initial == nil:
		r, err = c.ask(line, line)
		return r, false, err
	case len(line)+1+len(encoded) > maxCommand: // RFC 4954 §4: AUTH is bound by the limit on lines
		r, err = c.withhold(line, encoded)
		return r, false, err
	default:
		r, err = c.ask(line+" "+encoded, line)
		return r, err == nil && r.Code == 501, err
	}
}

// startAuthPlainly says AUTH without the initial response, which goes as the first one then.
func (c *Client) startAuthPlainly(client sasl.Client) (*Reply, error) {
	mech, initial, err := client.Start()
	if err != nil {
		return nil, &Error{Stage: StageAUTH, Err: err}
	}
	return c.withhold("AUTH "+mech, encode(initial))
}

func (c *Client) withhold(line, initial string) (*Reply, error) {
	r, err := c.ask(line, line)
	if err != nil || r.Code != 334 {
		return r, err
	}
	if initial == "=" {
		initial = ""
	}
	return c.ask(initial, "")
}

// encode is base64; an empty initial response is "=" (RFC 4954 §4).
func encode(p []byte) string {
	if len(p) == 0 {
		return "="
	}
	return base64.StdEncoding.EncodeToString(p)
}

// respond answers a challenge. An exchange that cannot go on is cancelled.
func (c *Client) respond(client sasl.Client, r *Reply) (*Reply, error) {
	challenge, err := base64.StdEncoding.DecodeString(r.Text)
	if err != nil {
		err = fmt.Errorf("%w: the challenge is not base64", ErrProtocol)
	}
	var response []byte
	if err == nil {
		response, err = client.Next(challenge)
	}
	if err != nil {
		if _, e := c.ask("*", ""); e != nil {
			return nil, e
		}
		return nil, &Error{Stage: StageAUTH, Err: err}
	}
	return c.ask(base64.StdEncoding.EncodeToString(response), "")
}

func (c *Client) ask(line, shown string) (*Reply, error) {
	if err := c.sendSecret(StageAUTH, line, shown); err != nil {
		return nil, err
	}
	return c.reply(StageAUTH)
}

// authEnd judges the last reply of the exchange.
func (c *Client) authEnd(client sasl.Client, r *Reply) error {
	switch {
	case !r.OK():
		e := refusal(StageAUTH, r)
		if reason := sasl.Reason(client); reason != "" {
			e.Err = errors.New(reason)
		}
		return e
	case r.Code != 235:
		return protocolError(StageAUTH, "reply %q", r)
	}
	if err := client.Done(); err != nil {
		return &Error{Stage: StageAUTH, Err: err}
	}
	c.mark(StageAUTH)
	return nil
}
