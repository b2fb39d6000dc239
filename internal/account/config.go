package account

import (
	"fmt"
	"slices"
	"strings"
)

// Config is what the files and the environment say together.
type Config struct {
	Default string // name or URL of the account of commands that are given none
	Queue   string // folder where sendmail and send --spool keep letters
	Aliases string // file of aliases(5)

	source  Source
	tables  map[string]*placed
	skipped []error // files that were not read, and why
}

// placed is an account's table with the file that it stands in.
type placed struct {
	*table
	file string
}

// addBelow adds what the file at path says where nothing is said yet.
func (c *Config) addBelow(path string, f *file) {
	for _, key := range []struct {
		have *string
		said string
	}{{&c.Default, f.Default}, {&c.Queue, f.Queue}, {&c.Aliases, f.Aliases}} {
		if *key.have == "" {
			*key.have = key.said
		}
	}
	if c.tables == nil {
		c.tables = map[string]*placed{}
	}
	for name, t := range f.Accounts {
		if c.tables[name] == nil && t != nil {
			c.tables[name] = &placed{t, path}
		}
	}
}

// Names lists the accounts, sorted.
func (c *Config) Names() []string {
	names := make([]string, 0, len(c.tables))
	for name := range c.tables {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Account is the account that a command was given: a URL, a name, or "" for the default.
func (s Source) Account(nameOrURL string) (*Account, error) {
	if nameOrURL == "" {
		nameOrURL = s.Getenv("POSTA_ACCOUNT")
	}
	if IsURL(nameOrURL) {
		return s.fromURL(nameOrURL)
	}
	c, err := s.Load()
	if err != nil {
		return nil, err
	}
	return c.Account(nameOrURL)
}

// fromURL is the account of a URL; nothing is read for it.
func (s Source) fromURL(u string) (*Account, error) {
	server, err := ParseURL(u)
	if err != nil {
		return nil, err
	}
	return &Account{
		From:    s.Getenv("POSTA_FROM"),
		Servers: map[Protocol]*Server{server.Protocol: server},
		getenv:  s.Getenv,
	}, nil
}

// Account is the account called name; "" is the default one, which is also the only one.
func (c *Config) Account(name string) (*Account, error) {
	if name == "" {
		name = c.Default
	}
	if IsURL(name) {
		return c.source.fromURL(name)
	}
	names := c.Names()
	if name == "" && len(names) == 1 {
		name = names[0]
	}
	switch t := c.tables[name]; {
	case t != nil:
		return c.build(name, t)
	case len(names) == 0:
		return nil, &Error{Err: c.howTo(name)}
	case name == "":
		return nil, &Error{Err: fmt.Errorf(`no account was named: give -a NAME or write default = NAME into the configuration; there are %s`, strings.Join(names, ", "))}
	}
	return nil, &Error{Err: fmt.Errorf("no account %q (nearest: %q)%s", name, Nearest(name, names), c.unread())}
}

// howTo says what to write where when there is no configuration at all.
func (c *Config) howTo(name string) error {
	path, what := c.source.UserFile(), "no account is configured"
	if path == "" {
		path = "/etc/posta/config.toml"
	}
	if name == "" {
		name = "work"
	} else {
		what = fmt.Sprintf("no account %q: none is configured", name)
	}
	return fmt.Errorf(`%s%s
Give one as a URL, -a smtp://you@mail.example.org (password in POSTA_PASSWORD), or write into %s:
[account.%s]
from = "You <you@example.org>"
smtp = "smtp://you@mail.example.org:587"
password = { command = ["pass", "mail/you"] }`, what, c.unread(), path, name)
}

// unread lists the files that were there and could not be read.
func (c *Config) unread() string {
	var b strings.Builder
	for _, err := range c.skipped {
		if strings.HasSuffix(err.Error(), "may not be read") {
			b.WriteString("; " + err.Error())
		}
	}
	return b.String()
}

// Optional is the account of a command that needs no server of one: as Account, but where none is named and there is no
// default it is empty.
func (s Source) Optional(name string) (*Account, error) {
	if name == "" {
		name = s.Getenv("POSTA_ACCOUNT")
	}
	c, err := s.Load()
	if err != nil {
		return nil, err
	}
	if name == "" && c.Default == "" && len(c.Names()) != 1 {
		return &Account{From: s.Getenv("POSTA_FROM"), Servers: map[Protocol]*Server{}, getenv: s.Getenv}, nil
	}
	return c.Account(name)
}
