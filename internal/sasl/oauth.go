package sasl

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// oauth is OAUTHBEARER (RFC 7628) or XOAUTH2. Both are one message; a server that refuses sends the reason as a
// challenge, and its refusal only after the client's answer to that.
type oauth struct {
	mech    string
	message string
	giveUp  string // the answer to the reason
	told    bool
	reason  string
}

func newOAuthBearer(cred Credentials, _ bool) (Client, error) {
	if err := checkToken(cred); err != nil {
		return nil, err
	}
	var b strings.Builder
	b.WriteString("n,") // RFC 7628 §3.1: no channel binding
	identity := cred.Authzid
	if identity == "" {
		identity = cred.Username
	}
	if identity != "" {
		b.WriteString("a=" + saslname(identity))
	}
	b.WriteString(",\x01")
	if cred.Host != "" {
		b.WriteString("host=" + cred.Host + "\x01")
	}
	if cred.Port != 0 {
		b.WriteString("port=" + strconv.Itoa(cred.Port) + "\x01")
	}
	b.WriteString("auth=Bearer " + cred.Token + "\x01\x01")
	return &oauth{mech: OAuthBearer, message: b.String(), giveUp: "\x01"}, nil // RFC 7628 §3.2.3
}

func newXOAuth2(cred Credentials, _ bool) (Client, error) {
	if err := checkToken(cred); err != nil {
		return nil, err
	}
	return &oauth{mech: XOAuth2, message: "user=" + cred.Username + "\x01auth=Bearer " + cred.Token + "\x01\x01"}, nil
}

// checkToken refuses what would end a field of the message.
func checkToken(cred Credentials) error {
	control := func(r rune) bool { return r < 0x20 || r == 0x7f }
	if strings.ContainsFunc(cred.Token+cred.Username+cred.Authzid+cred.Host, control) {
		return fmt.Errorf("%w: a control character in the token or the user name", ErrCredentials)
	}
	return nil
}

func (o *oauth) Start() (mech string, ir []byte, err error) { return o.mech, []byte(o.message), nil }

func (o *oauth) Next(challenge []byte) ([]byte, error) {
	if o.told {
		return nil, fmt.Errorf("%w: %s goes on after its refusal", ErrChallenge, o.mech)
	}
	o.told = true
	o.reason = refusal(challenge)
	return []byte(o.giveUp), nil
}

// refusal makes the reason, JSON as a rule, a short text.
func refusal(challenge []byte) string {
	var said struct {
		Status, Scope string
	}
	if json.Unmarshal(challenge, &said) != nil || said.Status == "" {
		return string(challenge[:min(len(challenge), maxReason)])
	}
	if said.Scope != "" {
		return said.Status + ", scope " + said.Scope
	}
	return said.Status
}

func (o *oauth) Done() error {
	if o.told {
		return fmt.Errorf("%w: the server refused the token (%s), then took it", ErrChallenge, o.reason)
	}
	return nil
}
