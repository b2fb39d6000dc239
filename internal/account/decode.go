package account

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// maxFile is the longest file of configuration, in octets.
const maxFile = 1 << 20

// file is what one file of the configuration may say.
type file struct {
	Root     bool              `toml:"root"`
	Default  string            `toml:"default"`
	Queue    string            `toml:"queue"`
	Aliases  string            `toml:"aliases"`
	Accounts map[string]*table `toml:"account"`

	skipped error // why it was not read
}

// table is [account.NAME].
type table struct {
	From      string     `toml:"from"`
	SMTP      string     `toml:"smtp"`
	IMAP      string     `toml:"imap"`
	POP3      string     `toml:"pop3"`
	Password  Secret     `toml:"password"`
	Token     Secret     `toml:"token"`
	Mechanism string     `toml:"mechanism"`
	TLS       TLS        `toml:"tls"`
	Proxy     string     `toml:"proxy"`
	Source    string     `toml:"source"`
	Hello     string     `toml:"hello"`
	Compress  bool       `toml:"compress"`
	DKIM      signatures `toml:"dkim"`
}

// decode reads an open file. One that has a secret in it must not be for everybody's eyes.
func decode(f *os.File) (*file, error) {
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("it is longer than %d octets", maxFile)
	}
	if err != nil {
		return nil, &Error{File: f.Name(), Err: err}
	}
	out, err := parse(string(text), f.Name())
	if err != nil {
		return nil, err
	}
	for name, t := range out.Accounts {
		if t.hasSecret() {
			if err := permit(f, 0o007, "everybody"); err != nil {
				return nil, &Error{Key: "account." + name, Err: err}
			}
		}
		t.resolvePaths(f.Name())
	}
	return out, nil
}

// parse decodes the text of the file called name, and refuses keys that mean nothing.
func parse(text, name string) (*file, error) {
	out := &file{}
	md, err := toml.Decode(text, out)
	if err != nil {
		return nil, syntaxError(err, text, name)
	}
	if unknown := slices.DeleteFunc(md.Undecoded(), inSignatures); len(unknown) > 0 {
		return nil, unknownKey(unknown[0], name)
	}
	for account, t := range out.Accounts {
		for key, problem := range map[string]error{"password": t.Password.problem, "token": t.Token.problem, "dkim": t.DKIM.problem} {
			if problem != nil {
				return nil, &Error{File: name, Key: "account." + account + "." + key, Err: problem}
			}
		}
	}
	return out, nil
}

// syntaxError is an error of the decoder. Its text may repeat a value, so where the value may be a secret only the
// line's number is left.
func syntaxError(err error, text, name string) error {
	var p toml.ParseError
	if !errors.As(err, &p) {
		return &Error{File: name, Err: errors.New(strings.TrimPrefix(err.Error(), "toml: "))}
	}
	reason := p.Message
	if reason == "" {
		reason = strings.TrimPrefix(p.Error(), "toml: ")
	}
	lines := strings.Split(text, "\n")
	if n := p.Position.Line; n >= 1 && n <= len(lines) && maySecret(lines[n-1]+p.LastKey) {
		reason = "the value is not understood: text stands in quotes"
	}
	return &Error{File: fmt.Sprintf("%s:%d", name, p.Position.Line), Key: p.LastKey, Err: errors.New(reason)}
}

func maySecret(s string) bool {
	s = strings.ToLower(s)
	return strings.Contains(s, "pass") || strings.Contains(s, "token") || strings.Contains(s, "://")
}

// hasSecret says whether a secret itself stands in the table.
func (t *table) hasSecret() bool {
	for _, u := range []string{t.SMTP, t.IMAP, t.POP3, t.Proxy} {
		if before, _, ok := strings.Cut(u, "@"); ok && strings.Count(before, ":") > 1 {
			return true
		}
	}
	return t.Password.literal != "" || t.Token.literal != ""
}

// resolvePaths takes relative paths as beginning at the folder of the configuration's file.
func (t *table) resolvePaths(config string) {
	for _, path := range []*string{&t.TLS.CA, &t.TLS.Cert, &t.TLS.Key, &t.Password.File, &t.Token.File} {
		if *path != "" && !filepath.IsAbs(*path) && !strings.HasPrefix(*path, "~/") {
			*path = filepath.Join(filepath.Dir(config), *path)
		}
	}
	t.DKIM.resolve(filepath.Dir(config))
}
