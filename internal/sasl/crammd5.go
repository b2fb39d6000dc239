package sasl

import (
	"crypto/hmac"
	"crypto/md5"
	"fmt"
)

// cramMD5 is RFC 2195. The password stays here, but may be guessed from what goes over the wire.
type cramMD5 struct {
	username, password string
	asked              bool
}

func newCramMD5(cred Credentials, _ bool) (Client, error) {
	return &cramMD5{username: cred.Username, password: cred.Password}, nil
}

func (c *cramMD5) Start() (mech string, ir []byte, err error) { return CramMD5, nil, nil }

func (c *cramMD5) Next(challenge []byte) ([]byte, error) {
	if c.asked {
		return nil, fmt.Errorf("%w: CRAM-MD5 has one only", ErrChallenge)
	}
	c.asked = true
	mac := hmac.New(md5.New, []byte(c.password))
	mac.Write(challenge)
	return fmt.Appendf(nil, "%s %x", c.username, mac.Sum(nil)), nil
}

func (c *cramMD5) Done() error { return nil }
