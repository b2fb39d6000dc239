package pop3

import (
	"encoding/base64"
	"errors"
	"fmt"

	"posta/internal/sasl"
)

const (
	maxAuthLine   = 253 // RFC 5034 §4: 255 with CRLF
	maxChallenges = 16  // no mechanism has more than a few
)

func (c *Client) mechanism() (sasl.Client, error) {
	return sasl.Select(c.caps.SASL, *c.cfg.Auth, c.conn.MaySendSecrets(), c.cfg.Mechanism)
}

// authenticate is AUTH (RFC 5034 §4).
func (c *Client) authenticate() error {
	client, err := c.mechanism()
	if err != nil {
		return &Error{Command: "AUTH", Err: err}
	}
	mech, initial, err := client.Start()
	if err != nil {
		return &Error{Command: "AUTH", Err: err}
	}
	c.mech = mech
	shown := "AUTH " + mech
	line, held := shown, initial
	if encoded := encode(initial); initial != nil && len(shown)+1+len(encoded) <= maxAuthLine {
		line, held = shown+" "+encoded, nil
	}
	if err := c.write(line, shown); err != nil {
		return err
	}
	for range maxChallenges {
		challenge, done, err := c.challenge(shown)
		if done || err != nil {
			return c.proven(client, err)
		}
		response := held
		if held = nil; response == nil {
			if response, err = c.respond(client, challenge); err != nil {
				return err
			}
		}
		if err := c.write(base64.StdEncoding.EncodeToString(response), shown); err != nil {
			return err
		}
	}
	return c.fail(shown, unexpected("challenges without end"))
}

// encode is base64; an empty initial response is "=".
func encode(p []byte) string {
	if len(p) == 0 {
		return "="
	}
	return base64.StdEncoding.EncodeToString(p)
}

// challenge reads a challenge, "+ base64", or the reply that ends the exchange.
func (c *Client) challenge(command string) (challenge []byte, done bool, err error) {
	for len(c.owed) > 0 {
		if _, err := c.status(c.owed[0]); keepRefusal(err) != nil {
			return nil, true, err
		}
		c.owed = c.owed[1:]
	}
	line, err := c.readLine(command)
	if err != nil {
		return nil, true, err
	}
	switch word, text := splitStatus(line); word {
	case "+OK":
		return nil, true, nil
	case "-ERR":
		return nil, true, refusal(command, text)
	case "+":
		challenge, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, true, c.fail(command, unexpected("the challenge is not base64"))
		}
		return challenge, false, nil
	}
	return nil, true, c.fail(command, unexpected("it said %.80q", line))
}

// respond answers a challenge. An exchange that cannot go on is cancelled.
func (c *Client) respond(client sasl.Client, challenge []byte) ([]byte, error) {
	response, err := client.Next(challenge)
	if err == nil {
		return response, nil
	}
	if _, e := c.ask("*"); keepRefusal(e) != nil {
		return nil, e
	}
	return nil, &Error{Command: "AUTH " + c.mech, Err: err}
}

// proven judges the end of the exchange.
func (c *Client) proven(client sasl.Client, err error) error {
	var e *Error
	switch {
	case errors.As(err, &e) && e.Refused():
		if reason := sasl.Reason(client); reason != "" {
			e.Err = errors.New(reason)
		}
		return e
	case err != nil:
		return err
	}
	if err := client.Done(); err != nil {
		return c.fail("AUTH "+c.mech, fmt.Errorf("login: %w", err))
	}
	return nil
}
