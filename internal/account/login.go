package account

import (
	"context"
	"strings"
)

// A Login is as whom, and with which secret, a client authenticates.
type Login struct {
	Username  string
	Password  string // "" where Token or External is set
	Token     string // OAuth2 bearer
	Mechanism string // to force; "" lets the strongest win
	External  bool   // the client certificate is the proof (SASL EXTERNAL)
	Host      string // of the server, for mechanisms that name it
	Port      int
}

// String does not show the secret.
func (l *Login) String() string { return "login " + l.Username }

// Login fetches the secret for s, a server of the account. It is nil where the account names no user and no
// certificate of its own, so that there is nothing to authenticate as.
func (a *Account) Login(ctx context.Context, s *Server) (*Login, error) {
	l := &Login{Username: s.User, Mechanism: strings.ToUpper(a.Mechanism), Host: s.Host, Port: s.Port}
	if s.Mechanism != "" {
		l.Mechanism = s.Mechanism
	}
	external := l.Mechanism == "EXTERNAL"
	switch {
	case l.Username == "" && !external:
		return nil, nil
	case external:
		l.External = true
		return l, nil
	}
	where := place{user: s.User, host: s.Host, getenv: a.getenv}
	token, err := a.Token.lookUp(ctx, where, "POSTA_TOKEN")
	if err != nil {
		return nil, a.errorf("token: %w", err)
	}
	if token != "" {
		l.Token = token
		return l, nil
	}
	if l.Password = s.password; l.Password != "" {
		return l, nil
	}
	if l.Password, err = a.Password.lookUp(ctx, where, "POSTA_PASSWORD"); err != nil {
		return nil, a.errorf("password: %w", err)
	}
	if l.Password != "" {
		return l, nil
	}
	if a.TLS.Cert != "" {
		l.External = true
		return l, nil
	}
	return nil, a.noPassword(s)
}

func (a *Account) noPassword(s *Server) error {
	if a.Name == "" {
		return a.errorf("no password for %s: set POSTA_PASSWORD", s)
	}
	return a.errorf(`no password for %s: write password = { command = ["pass", "mail/%s"] } (or file, netrc, env, credential), or set POSTA_PASSWORD`, s, a.Name)
}
