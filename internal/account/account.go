// Package account finds out to which server a command connects, as whom and with which secret.
//
// A command names an account by a URL or by a name of the configuration. A URL is complete: no file is read for it.
// A name is looked up in the TOML files of [Source], in their order; a later file replaces what an earlier one says,
// accounts as a whole. What comes out is an [Account]: its servers by protocol, how their connections must be secured
// ([Account.Dialer]), and the login ([Account.Login]), whose secret is fetched only then, from where the configuration
// says: the file itself, a command, a file, a systemd credential, a netrc, the environment.
//
// URLs are those of RFC 3986 with the schemes smtp, smtps (RFC 8314 §7.3), imap, imaps (RFC 5092), pop3, pop3s
// (RFC 2384), lmtp and lmtp+unix; mailboxes and messages in an IMAP URL's path are left out.
//
// No error of this package shows a password or a token.
package account

import (
	"fmt"
	"net/url"
)

// Protocol is what a command wants to speak.
type Protocol string

// The protocols. An SMTP server may be one of LMTP: see [Server.LMTP].
const (
	SMTP Protocol = "smtp"
	IMAP Protocol = "imap"
	POP3 Protocol = "pop3"
)

// An Account is what one table [account.NAME] says, or one URL.
type Account struct {
	Name string // of the configuration; "" for a URL
	File string // where Name was found

	From      string // mailbox for From and the envelope: "Ops <ops@example.org>"
	Servers   map[Protocol]*Server
	Password  Secret
	Token     Secret // an OAuth2 access token, in place of a password
	Mechanism string // the SASL mechanism to force; "" lets the strongest win
	TLS       TLS
	Proxy     *url.URL // socks5://[user:password@]host:port; nil connects directly
	Source    string   // the local address to connect from
	Hello     string   // the name in EHLO
	Compress  bool     // IMAP4 is to be compressed, where the server can
	DKIM      []DKIM   // keys that sign its letters

	getenv func(string) string
}

// Server is the account's server for protocol p.
func (a *Account) Server(p Protocol) (*Server, error) {
	if s := a.Servers[p]; s != nil {
		return s, nil
	}
	if a.Name == "" {
		for _, s := range a.Servers {
			return nil, &URLError{URL: s.String(), Reason: fmt.Sprintf("this command needs a server for %s", p)}
		}
	}
	return nil, a.errorf("%s is missing: the account has no server for this command (such as %s = %q)", p, p, example(p))
}

// String names the account in messages.
func (a *Account) String() string {
	if a.Name != "" {
		return a.Name
	}
	for _, s := range a.Servers {
		return s.String()
	}
	return "account"
}

// errorf is an error in what the configuration says of a.
func (a *Account) errorf(format string, args ...any) error {
	if a.Name == "" {
		return &Error{Err: fmt.Errorf(format, args...)}
	}
	return &Error{File: a.File, Key: "account." + a.Name, Err: fmt.Errorf(format, args...)}
}

func example(p Protocol) string {
	switch p {
	case IMAP:
		return "imaps://you@mail.example.org"
	case POP3:
		return "pop3s://you@mail.example.org"
	}
	return "smtp://you@mail.example.org:587"
}
