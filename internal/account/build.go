package account

import (
	"errors"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// build makes an account of its table.
func (c *Config) build(name string, t *placed) (*Account, error) {
	a := &Account{
		Name: name, File: t.file, From: t.From, Password: t.Password, Token: t.Token, Mechanism: t.Mechanism,
		TLS: t.TLS, Source: t.Source, Hello: t.Hello, Compress: t.Compress, Servers: map[Protocol]*Server{}, getenv: c.source.Getenv,
		DKIM: slices.Clone(t.DKIM.keys),
	}
	if from := c.source.Getenv("POSTA_FROM"); from != "" {
		a.From = from
	}
	files := []*string{&a.TLS.CA, &a.TLS.Cert, &a.TLS.Key, &a.Password.File, &a.Token.File}
	for i := range a.DKIM {
		files = append(files, &a.DKIM[i].Key)
	}
	for _, path := range files {
		if rest, ok := strings.CutPrefix(*path, "~/"); ok {
			*path = filepath.Join(c.source.Getenv(homeVariable()), rest)
		}
	}
	for p, u := range map[Protocol]string{SMTP: t.SMTP, IMAP: t.IMAP, POP3: t.POP3} {
		if err := a.addServer(p, u); err != nil {
			return nil, err
		}
	}
	return a, a.check(t.Proxy)
}

func (a *Account) addServer(p Protocol, u string) error {
	if u == "" {
		return nil
	}
	s, err := ParseURL(u)
	if err != nil {
		return a.errorf("%s: %w", p, err)
	}
	if s.Protocol != p {
		return a.errorf("%s: %s is a URL for %s", p, s, s.Protocol)
	}
	a.Servers[p] = s
	return nil
}

// check looks at what no other step would before a connection is made.
func (a *Account) check(proxy string) error {
	if strings.ContainsAny(a.From+a.Hello, "\r\n\x00") {
		return a.errorf("from and hello are one line each")
	}
	if _, err := netip.ParseAddr(a.Source); a.Source != "" && err != nil {
		return a.errorf("source: %q is no IP address", a.Source)
	}
	if proxy == "" {
		return nil
	}
	u, err := ParseProxy(proxy)
	if err != nil {
		return a.errorf("proxy: %w", err)
	}
	a.Proxy = u
	return nil
}

// ParseProxy reads the URL of a SOCKS5 proxy (RFC 1928): socks5://[user:password@]host:port.
func ParseProxy(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "socks5" && u.Scheme != "socks5h") || u.Hostname() == "" || u.Port() == "" {
		return nil, errors.New("it must be socks5://host:port")
	}
	return u, nil
}
