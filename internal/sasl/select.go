package sasl

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	gosasl "github.com/emersion/go-sasl"
)

// mechanism is what Select needs to know about one.
type mechanism struct {
	name  string
	plain bool // shows its secret, or is worth nothing without TLS
	can   func(Credentials) bool
	make  func(cred Credentials, secure bool) (Client, error)
}

// mechanisms are all, the strongest first.
func mechanisms() []mechanism {
	external := func(c Credentials) bool { return c.External }
	token := func(c Credentials) bool { return c.Token != "" }
	password := func(c Credentials) bool { return c.Password != "" && c.Username != "" }
	return []mechanism{
		{External, true, external, newExternal},
		{OAuthBearer, true, token, newOAuthBearer},
		{XOAuth2, true, token, newXOAuth2},
		{ScramSHA256, false, password, newScramSHA256},
		{ScramSHA1, false, password, newScramSHA1},
		{CramMD5, false, password, newCramMD5},
		{Plain, true, password, newPlain},
		{Login, true, password, newLogin},
	}
}

// Select picks the strongest mechanism of offered that cred can do. The plain ones, whose secret could be read or used by
// others, are for a secure connection only: TLS, or one that does not leave the machine. Want forces a mechanism; ""
// is any. Errors are ErrNoMechanism, ErrInsecure and ErrCredentials, with what the server offered.
func Select(offered []string, cred Credentials, secure bool, want string) (Client, error) {
	insecure := ""
	for _, m := range mechanisms() {
		switch {
		case want != "" && !strings.EqualFold(m.name, want),
			!slices.ContainsFunc(offered, func(s string) bool { return strings.EqualFold(s, m.name) }),
			!m.can(cred):
		case m.plain && !secure:
			insecure = cmp.Or(insecure, m.name)
		default:
			return m.make(cred, secure)
		}
	}
	if insecure != "" {
		return nil, fmt.Errorf("%s without TLS: %w", insecure, ErrInsecure)
	}
	return nil, noMechanism(offered, cred, want)
}

// noMechanism says what is missing.
func noMechanism(offered []string, cred Credentials, want string) error {
	have := "a client certificate"
	switch {
	case cred.Token != "":
		have = "a token"
	case cred.Password != "":
		have = "a password"
	case !cred.External:
		return fmt.Errorf("%w: neither password nor token is given", ErrNoMechanism)
	}
	if want != "" {
		have = want + " with " + have
	}
	if len(offered) == 0 {
		return fmt.Errorf("%w: login is by %s, the server offers none", ErrNoMechanism, have)
	}
	return fmt.Errorf("%w: login is by %s, the server offers %s", ErrNoMechanism, have, strings.Join(offered, " "))
}

// newPlain is RFC 4616 §2, where NUL separates.
func newPlain(cred Credentials, _ bool) (Client, error) {
	if strings.ContainsRune(cred.Authzid+cred.Username+cred.Password, 0) {
		return nil, fmt.Errorf("%w: PLAIN takes no NUL", ErrCredentials)
	}
	return unproven{gosasl.NewPlainClient(cred.Authzid, cred.Username, cred.Password)}, nil
}

func newExternal(cred Credentials, _ bool) (Client, error) {
	return unproven{gosasl.NewExternalClient(cred.Authzid)}, nil
}
