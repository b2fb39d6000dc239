package main

import (
	"context"
	"os"
	"strconv"

	"github.com/urfave/cli/v2"

	"posta/internal/account"
	"posta/mxlookup"
	"posta/mxlookup/mtasts"
	"posta/sendmail"
	"posta/sendmail/direct"
)

// sendDirectFlags are those of posta send --direct.
func sendDirectFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "direct", Usage: "send to the mail hosts of each recipient's domain, without a relay"},
		resolverFlag(),
	}
}

// directSending sends without a relay.
type directSending struct {
	*direct.Sender
	resolver *mxlookup.Resolver
}

// directConnection reads the flags of the connection for --direct: there need be no account, and of one that there is
// the servers do not count.
func (s *sending) directConnection(c *cli.Context) error {
	if account.IsURL(c.String("account")) || c.IsSet("pin") {
		return usageError("--direct sends to the hosts of each recipient's domain; the URL of a server, or its --pin, goes without it")
	}
	source := account.Source{Getenv: s.env.getenv, System: account.SystemFile}
	a, err := source.Optional(c.String("account"))
	if err == nil {
		err = overrule(c, s.env, a)
	}
	if err != nil {
		return err
	}
	s.conn = &connection{account: a, server: &account.Server{Protocol: account.SMTP}}
	if s.conn.dialer, err = a.DialerToAny(); err != nil {
		return err
	}
	if err := s.conn.network(c); err != nil {
		return err
	}
	if s.conn.dialer.Timeout, err = timeout(c, s.env); err != nil {
		return err
	}
	if err := s.conn.record(c, s.env); err != nil {
		return err
	}
	s.mta, err = newDirectSending(c, s.env, s.conn)
	return err
}

func newDirectSending(c *cli.Context, e *env, conn *connection) (*directSending, error) {
	port, err := portVariable(e, "POSTA_DIRECT_PORT")
	if err != nil {
		return nil, err
	}
	policyPort, err := portVariable(e, "POSTA_POLICY_PORT")
	if err != nil {
		return nil, err
	}
	r, err := newDirectResolver(c, e, conn)
	if err != nil {
		return nil, err
	}
	cfg := direct.Config{
		Resolver: r, Server: sendmail.Config{Dialer: conn.dialer, LocalName: conn.account.Hello},
		Policies: &mtasts.Client{Resolver: r, RootCAs: conn.dialer.RootCAs, Timeout: conn.dialer.Timeout, Port: policyPort},
		Kept:     keptPolicies(e),
	}
	if port != 0 {
		cfg.Port = strconv.Itoa(port)
	}
	switch conn.dialer.Network {
	case "tcp4":
		cfg.Family = 4
	case "tcp6":
		cfg.Family = 6
	}
	if host, err := os.Hostname(); err == nil {
		cfg.OwnNames = []string{host}
	}
	return &directSending{direct.New(cfg), r}, nil
}

// portVariable is the port that a variable names, where a test has what the world has at another; 0: none.
func portVariable(e *env, name string) (int, error) {
	text := e.getenv(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 {
		return 0, usageError("%s: %q is no port", name, text)
	}
	return int(n), nil
}

// newDirectResolver makes a resolver that asks for validation, where its word can be relied on: an answer that was forged
// on the way could name TLSA records, too (RFC 7672 §2.1.1), and be taken for more than it is.
func newDirectResolver(c *cli.Context, e *env, conn *connection) (*mxlookup.Resolver, error) {
	cfg := mxlookup.Config{
		Servers: resolverServers(c, e), DNSSEC: true, RootCAs: conn.dialer.RootCAs,
		Timeout: min(conn.dialer.Timeout, mxlookup.DefaultTimeout), CacheSize: 2 << 20,
	}
	r, err := mxlookup.New(cfg)
	if err == nil && r.Unauthenticated() != "" {
		r.Close() // no question was asked yet
		cfg.DNSSEC = false
		r, err = mxlookup.New(cfg)
	}
	if err != nil {
		return nil, usageError("%w", err)
	}
	return r, nil
}

// close closes the resolver.
func (m *directSending) close() error {
	if m == nil {
		return nil
	}
	return m.resolver.Close()
}

// attempt offers a letter to the hosts of every recipient's domain.
func (m *directSending) attempt(ctx context.Context, env *sendmail.Envelope, l *sendmail.Letter, d *delivery) (later []*sendmail.RecipientError, err error) {
	d.Attempts++
	res, err := direct.Result(m.Send(ctx, env, l), l.Size())
	d.add(res)
	later, final := worthAnother(res.Refused)
	d.Refused = append(d.Refused, final...)
	return later, err
}
