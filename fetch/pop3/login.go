package pop3

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"posta/internal/sasl"
)

// login proves who the user is, by the strongest that both ends have: SASL's mechanisms, APOP, USER and PASS.
func (c *Client) login() error {
	if err := c.requestUTF8(); err != nil {
		return err
	}
	err := c.prove()
	var e *Error
	if errors.As(err, &e) {
		e.Login = true
	}
	return err
}

func (c *Client) prove() error {
	switch strings.ToUpper(c.cfg.Mechanism) {
	case MechanismAPOP:
		return c.apop()
	case MechanismUSER:
		return c.userPass()
	case "":
	default:
		return c.authenticate()
	}
	_, err := c.mechanism()
	switch {
	case err == nil:
		return c.authenticate()
	case c.cfg.Auth.Password == "" || c.cfg.Auth.Username == "":
		return &Error{Command: "AUTH", Err: err}
	case c.stamp != "" && !c.conn.MaySendSecrets():
		return c.apop()
	}
	return c.userPass()
}

// userPass is USER and PASS (RFC 1939 §7), together where the server pipelines.
func (c *Client) userPass() error {
	cred := c.cfg.Auth
	switch {
	case !c.conn.MaySendSecrets():
		return &Error{Command: "PASS", Err: fmt.Errorf("PASS without TLS: %w", sasl.ErrInsecure)}
	case !fitsLine(cred.Username) || !fitsLine(cred.Password):
		return &Error{Command: "USER", Err: fmt.Errorf("%w: USER and PASS take no line end and no NUL", sasl.ErrCredentials)}
	}
	c.mech = MechanismUSER
	user, pass := "USER "+cred.Username, "PASS "+cred.Password
	if !c.Pipelines() {
		if _, err := c.ask(user); err != nil {
			return err
		}
		if err := c.write(pass, "PASS"); err != nil {
			return err
		}
		_, err := c.reply("PASS")
		return err
	}
	if err := c.write(user+"\r\n"+pass, user+" and PASS"); err != nil {
		return err
	}
	_, userErr := c.reply(user)
	if keepRefusal(userErr) != nil {
		return userErr
	}
	_, err := c.reply("PASS")
	if userErr != nil && keepRefusal(err) == nil {
		return userErr // it says more than that PASS comes too early
	}
	return err
}

func fitsLine(s string) bool { return s != "" && !strings.ContainsAny(s, "\r\n\x00") }

// apop is APOP (RFC 1939 §7).
func (c *Client) apop() error {
	cred := c.cfg.Auth
	switch {
	case c.stamp == "":
		return &Error{Command: "APOP", Err: fmt.Errorf("%w: the greeting has no stamp for APOP", sasl.ErrNoMechanism)}
	case !fitsLine(cred.Username) || strings.Contains(cred.Username, " ") || cred.Password == "":
		return &Error{Command: "APOP", Err: fmt.Errorf("%w: APOP takes no blank in the user's name, and needs a password", sasl.ErrCredentials)}
	}
	c.mech = MechanismAPOP
	sum := md5.Sum([]byte(c.stamp + cred.Password))
	if err := c.write("APOP "+cred.Username+" "+hex.EncodeToString(sum[:]), "APOP "+cred.Username); err != nil {
		return err
	}
	_, err := c.reply("APOP")
	return err
}

// findStamp is the msg-id in the greeting. One that is none is not used: with octets of its choice an impostor could find
// out the password (CVE-2007-1558).
func findStamp(greeting string) string {
	i := strings.IndexByte(greeting, '<')
	if i < 0 {
		return ""
	}
	j := strings.IndexByte(greeting[i:], '>')
	if j < 0 {
		return ""
	}
	stamp := greeting[i : i+j+1]
	inner := stamp[1 : len(stamp)-1]
	left, right, ok := strings.Cut(inner, "@")
	if !ok || left == "" || right == "" || strings.ContainsAny(right, "@<") || !isCode(inner[:min(len(inner), 64)]) {
		return ""
	}
	for k := range len(inner) {
		if inner[k] <= ' ' || inner[k] > '~' {
			return ""
		}
	}
	return stamp
}
