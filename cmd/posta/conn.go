package main

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"posta/internal/account"
	"posta/internal/dialer"
	"posta/internal/sasl"
	"posta/internal/transcript"
)

// connFlags are the flags of every command that connects to an account's server.
func connFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "account", Aliases: []string{"a"}, Usage: "`NAME` of an account, or URL of a server"},
		timeoutFlag(),
		&cli.StringFlag{Name: "ca", Usage: "`FILE` of trusted certificates in PEM"},
		&cli.StringFlag{Name: "pin", Usage: "`SHA256` of the server's certificate"},
		&cli.StringFlag{Name: "proxy", Usage: "SOCKS5 proxy `socks5://HOST:PORT`"},
		&cli.BoolFlag{Name: "4", Usage: "IPv4 only"},
		&cli.BoolFlag{Name: "6", Usage: "IPv6 only"},
		&cli.BoolFlag{Name: "debug", Usage: "show the dialogue on standard error, without passwords"},
		&cli.StringFlag{Name: "transcript", Usage: "append the dialogue to `FILE`"},
	}
}

// timeoutFlag is --timeout, for commands that wait for a peer.
func timeoutFlag() cli.Flag {
	return &cli.GenericFlag{Name: "timeout", Value: new(timeLimit), Usage: "at most `TIME` for connecting and for every silence (default 60s)"}
}

// timeLimit is the value of a flag that takes seconds ("5") or a duration ("5s", "2m").
type timeLimit time.Duration

// Set parses the value. It is a limit, so it is not nothing.
func (l *timeLimit) Set(s string) error {
	d, err := time.ParseDuration(s)
	if n, atoi := strconv.ParseFloat(s, 64); atoi == nil {
		d, err = time.Duration(n*float64(time.Second)), nil
	}
	if err != nil || d <= 0 {
		return errors.New("needs a time such as 5 (seconds), 5s or 2m")
	}
	*l = timeLimit(d)
	return nil
}

// String is empty for the default, so that help does not show "0s".
func (l *timeLimit) String() string {
	if l == nil || *l == 0 {
		return ""
	}
	return time.Duration(*l).String()
}

// connection is how a command reaches its account's server.
type connection struct {
	account *account.Account
	server  *account.Server
	dialer  dialer.Config
	file    *os.File // of the transcript
}

// environ is the environment of commands that are run for letters: without what the account has its secrets in.
func (n *connection) environ() []string {
	return account.WithoutSecrets(os.Environ(), n.account.Password.Env, n.account.Token.Env)
}

// newConnection reads the flags of connFlags for a command that speaks p. Nothing is connected yet. The caller calls close.
func newConnection(c *cli.Context, e *env, p account.Protocol) (*connection, error) {
	a, err := findAccount(c, e)
	if err != nil {
		return nil, err
	}
	n := &connection{account: a}
	if n.server, err = a.Server(p); err != nil {
		return nil, fromCommandLine(a, err)
	}
	if n.dialer, err = a.Dialer(n.server); err != nil {
		return nil, err
	}
	if err := n.network(c); err != nil {
		return nil, err
	}
	if n.dialer.Timeout, err = timeout(c, e); err != nil {
		return nil, err
	}
	if n.dialer.Security != dialer.Plain {
		n.dialer.Sessions = tls.NewLRUClientSessionCache(0)
	}
	return n, n.record(c, e)
}

// findAccount is the account that -a names, changed as the other flags say.
func findAccount(c *cli.Context, e *env) (*account.Account, error) {
	source := account.Source{Getenv: e.getenv, System: account.SystemFile}
	a, err := source.Account(c.String("account"))
	if err != nil {
		return nil, fromCommandLine(nil, err)
	}
	return a, overrule(c, e, a)
}

// overrule changes an account as the flags say.
func overrule(c *cli.Context, e *env, a *account.Account) (err error) {
	if ca := c.String("ca"); ca != "" {
		a.TLS.CA = ca
	}
	if pin := c.String("pin"); pin != "" {
		if _, err := account.ParsePin(pin); err != nil {
			return usageError("--pin: %w", err)
		}
		a.TLS.Pin = pin
	}
	if proxy := firstOf(c.String("proxy"), e.getenv("POSTA_PROXY")); proxy != "" {
		if a.Proxy, err = account.ParseProxy(proxy); err != nil {
			return usageError("--proxy: %w", err)
		}
	}
	return nil
}

// fromCommandLine makes a wrong URL that was given as an argument an error of usage.
func fromCommandLine(a *account.Account, err error) error {
	var u *account.URLError
	if errors.As(err, &u) && (a == nil || a.Name == "") {
		return usageError("%w", err)
	}
	return err
}

// network keeps the connection to one version of IP.
func (n *connection) network(c *cli.Context) error {
	switch four, six := c.Bool("4"), c.Bool("6"); {
	case four && six:
		return usageError("-4 and -6 exclude each other")
	case n.server.Socket != "":
	case four:
		n.dialer.Network = "tcp4"
	case six:
		n.dialer.Network = "tcp6"
	}
	return nil
}

// timeout is --timeout, else POSTA_TIMEOUT, else the default.
func timeout(c *cli.Context, e *env) (time.Duration, error) {
	limit := timeLimit(dialer.DefaultTimeout)
	if set, ok := c.Generic("timeout").(*timeLimit); ok && *set != 0 {
		limit = *set
	} else if v := e.getenv("POSTA_TIMEOUT"); v != "" {
		if err := limit.Set(v); err != nil {
			return 0, usageError("POSTA_TIMEOUT %w", err)
		}
	}
	return time.Duration(limit), nil
}

// record begins the transcript that --debug and --transcript ask for.
func (n *connection) record(c *cli.Context, e *env) error {
	var to []io.Writer
	if c.Bool("debug") || e.getenv("POSTA_DEBUG") != "" {
		to = append(to, e.stderr)
	}
	if path := c.String("transcript"); path != "" {
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return fail(exitCantCreate, "transcript: %w", err)
		}
		n.file = f
		to = append(to, f)
	}
	switch len(to) {
	case 1:
		n.dialer.Log = transcript.New(to[0])
	case 2:
		n.dialer.Log = transcript.New(io.MultiWriter(to...))
	}
	return nil
}

// close ends the transcript. One that is not whole is an error.
func (n *connection) close() error {
	if n.file == nil {
		return nil
	}
	if err := firstError(n.dialer.Log.Err(), n.file.Close()); err != nil {
		return fail(exitIOErr, "transcript: %w", err)
	}
	return nil
}

// credentials fetches the account's secret, before a server waits for it. They are nil where there is no user.
func (n *connection) credentials(ctx context.Context) (cred *sasl.Credentials, mechanism string, err error) {
	l, err := n.account.Login(ctx, n.server)
	if l == nil || err != nil {
		return nil, "", err
	}
	return &sasl.Credentials{
		Username: l.Username, Password: l.Password, Token: l.Token, External: l.External, Host: l.Host, Port: l.Port,
	}, l.Mechanism, nil
}

// source names the user at the server. The usual ports are left out.
func (n *connection) source(usual ...int) string {
	host := n.server.Host
	if !slices.Contains(usual, n.server.Port) {
		host = net.JoinHostPort(host, strconv.Itoa(n.server.Port))
	}
	return n.server.User + "@" + host
}

// firstOf is the first of values that says something.
func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
