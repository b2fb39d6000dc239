package imap

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	goimap "github.com/emersion/go-imap/v2"

	"posta/internal/sasl"
)

// maxChallenges is more than any mechanism has.
const maxChallenges = 16

// login logs in: by AUTHENTICATE where there is a mechanism in common, else by LOGIN.
func (c *Client) login() error {
	if !c.conn.MaySendSecrets() {
		return &Error{Command: "login", Err: sasl.ErrInsecure}
	}
	auth := *c.cfg.Auth
	want := c.cfg.Mechanism
	plain := auth.Password != "" && auth.Token == "" && !auth.External && auth.Authzid == "" && !c.caps.Has(goimap.CapLoginDisabled)
	if plain && strings.EqualFold(want, sasl.Login) && !slices.ContainsFunc(c.mechanisms(), func(m string) bool { return strings.EqualFold(m, want) }) {
		return c.loggedIn(c.loginCommand())
	}
	client, err := sasl.Select(c.mechanisms(), auth, true, want)
	if errors.Is(err, sasl.ErrNoMechanism) && plain && want == "" {
		return c.loggedIn(c.loginCommand())
	}
	if err != nil {
		if c.caps.Has(goimap.CapLoginDisabled) {
			err = fmt.Errorf("%w, and says LOGINDISABLED", err)
		}
		return &Error{Command: "login", Err: err}
	}
	return c.loggedIn(c.authenticate(client))
}

// loggedIn asks for the capabilities anew, unless the login's reply had them.
func (c *Client) loggedIn(err error) error {
	if err == nil && !c.capsKnown {
		err = c.Capability()
	}
	if err == nil && strings.Contains(c.greeting.Text, "Coremail") && c.caps.Has(goimap.CapID) {
		c.ID(map[string]string{"name": "posta"}) // else it opens no mailbox: "Unsafe Login". It goes out with the next command
	}
	return err
}

// loginCommand is LOGIN (RFC 9051 §6.2.3).
func (c *Client) loginCommand() error {
	cmd := c.start("LOGIN", func(e *encoder) {
		e.String(c.cfg.Auth.Username)
		e.String(c.cfg.Auth.Password)
	})
	cmd.secret = cmd.tag + " LOGIN"
	c.mech, c.capsKnown = "LOGIN", false
	return c.wait(cmd)
}

// authenticate is AUTHENTICATE (RFC 9051 §6.2.2), with the initial response where the server takes it (SASL-IR).
func (c *Client) authenticate(client sasl.Client) error {
	mech, initial, err := client.Start()
	if err != nil {
		return &Error{Command: "AUTHENTICATE", Err: err}
	}
	c.mech = mech
	inline := initial != nil && c.caps.Has(goimap.CapSASLIR)
	cmd := c.start("AUTHENTICATE", func(e *encoder) {
		e.Atom(mech)
		if inline {
			e.Atom(encode(initial))
		}
	})
	cmd.name = "AUTHENTICATE " + mech
	cmd.secret = cmd.tag + " AUTHENTICATE " + mech
	x := &exchange{c: c, client: client}
	if !inline {
		x.initial = initial
	}
	cmd.more = x.answer
	c.capsKnown = false
	if err := c.wait(cmd); err != nil {
		return x.refused(err)
	}
	if err := client.Done(); err != nil {
		return &Error{Command: cmd.name, Err: c.fail(err)}
	}
	return nil
}

// encode is base64; an empty initial response is "=" (RFC 4959 §3).
func encode(p []byte) string {
	if len(p) == 0 {
		return "="
	}
	return base64.StdEncoding.EncodeToString(p)
}

// exchange answers the challenges of one AUTHENTICATE.
type exchange struct {
	c       *Client
	client  sasl.Client
	initial []byte // still due
	err     error  // why it was cancelled
	count   int
}

// answer answers a challenge. An exchange that cannot go on is cancelled by "*".
func (x *exchange) answer(text string) error {
	if x.count++; x.count > maxChallenges {
		return protocolError("challenges without end")
	}
	response, err := x.response(text)
	if err != nil {
		if x.err != nil {
			return protocolError("a challenge after the exchange was cancelled")
		}
		x.err = err
		return x.c.write([]byte("*\r\n"))
	}
	x.c.conn.Log.Secret("")
	return x.c.write([]byte(base64.StdEncoding.EncodeToString(response) + "\r\n"))
}

func (x *exchange) response(text string) ([]byte, error) {
	if x.err != nil {
		return nil, x.err
	}
	if x.initial != nil {
		initial := x.initial
		x.initial = nil
		return initial, nil
	}
	challenge, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return nil, protocolError("the challenge is not base64")
	}
	return x.client.Next(challenge)
}

// refused adds to the server's reply what is known besides.
func (x *exchange) refused(err error) error {
	var e *Error
	if errors.As(err, &e) && e.Err == nil {
		if reason := sasl.Reason(x.client); reason != "" {
			e.Err = errors.New(reason)
		}
		if x.err != nil {
			e.Err = x.err
		}
	}
	return err
}
