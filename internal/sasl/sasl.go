// Package sasl is the client's side of the login that SMTP, POP3 and IMAP4 share (RFC 4422): it picks the strongest
// mechanism that both ends have, and goes through its exchange. The protocols carry the messages, in base64.
//
// Implemented are SCRAM-SHA-256 and SCRAM-SHA-1 (RFC 5802, RFC 7677; without channel binding), CRAM-MD5 (RFC 2195),
// PLAIN (RFC 4616), LOGIN (draft-murchison-sasl-login), OAUTHBEARER (RFC 7628), XOAUTH2 (Google's and Microsoft's) and
// EXTERNAL (RFC 4422 appendix A). Left out are GSSAPI, NTLM, DIGEST-MD5 (RFC 6331) and ANONYMOUS.
package sasl

import (
	"errors"

	gosasl "github.com/emersion/go-sasl"
)

// The mechanisms.
const (
	ScramSHA256 = "SCRAM-SHA-256"
	ScramSHA1   = "SCRAM-SHA-1"
	CramMD5     = "CRAM-MD5"
	Plain       = gosasl.Plain
	Login       = gosasl.Login
	OAuthBearer = gosasl.OAuthBearer
	XOAuth2     = "XOAUTH2"
	External    = gosasl.External
)

var (
	// ErrNoMechanism: none of the server's mechanisms can be used with these credentials.
	ErrNoMechanism = errors.New("no mechanism in common")
	// ErrInsecure: the mechanism would show the secret, and the connection does not hide it.
	ErrInsecure = errors.New("the secret would be shown to everyone on the way")
	// ErrCredentials: the credentials cannot be used with the mechanism.
	ErrCredentials = errors.New("unfit credentials")
	// ErrServer: the server did not prove that it knows the password. It may be an impostor.
	ErrServer = errors.New("the server does not prove that it knows the password")
	// ErrChallenge: the server's challenge is none of the mechanism.
	ErrChallenge = errors.New("broken challenge")
)

// Credentials are what the user logs in with: a name with a password or a token, or a client certificate (External).
type Credentials struct {
	Username string
	Password string
	Authzid  string // the identity to act as; usually empty
	Token    string // OAuth2 bearer token
	External bool   // the connection itself tells who this is
	Host     string // the server's name and port as the user gave them, for OAUTHBEARER
	Port     int
}

// Client goes through one exchange: Start, then Next with each challenge of the server, then Done.
//
// An error of Next ends the exchange; the protocol cancels it with "*". A nil initial response from Start means that the
// server speaks first. A Client is used once, by one goroutine.
type Client interface {
	gosasl.Client

	// Done is asked after the server said that the login succeeded. It returns an error if that may not be
	// believed: SCRAM's server has to prove that it knows the password (ErrServer).
	Done() error
}

// unproven is a mechanism whose server proves nothing.
type unproven struct{ gosasl.Client }

func (unproven) Done() error { return nil }

// maxReason bounds what a server can say in an error.
const maxReason = 200

// Reason returns what the server said in the exchange about why it refuses, "" if it did not say. OAuth2's mechanisms
// and SCRAM do so before the reply that refuses.
func Reason(c Client) string {
	switch c := c.(type) {
	case *oauth:
		return c.reason
	case *scram:
		return c.reason
	}
	return ""
}
