package account

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A Secret says where a password or a token comes from: one of its fields is set, or none.
type Secret struct {
	Command    []string // argv of a command that prints it; no shell
	File       string   // path of a file of one's own
	Credential string   // name of a systemd credential (systemd.exec(5), LoadCredential=)
	Env        string   // name of an environment variable
	Netrc      bool     // in $NETRC or ~/.netrc
	literal    string
	problem    error // with the value in the configuration
}

// Literal is a secret that is known already.
func Literal(s string) Secret { return Secret{literal: s} }

// String says where the secret is, not what it is.
func (s Secret) String() string {
	switch {
	case s.Command != nil:
		return "command " + s.Command[0]
	case s.File != "":
		return "file " + s.File
	case s.Credential != "":
		return "credential " + s.Credential
	case s.Env != "":
		return "variable " + s.Env
	case s.Netrc:
		return "netrc"
	case s.literal != "":
		return "literal"
	}
	return "none"
}

// GoString does not show it either.
func (s Secret) GoString() string { return s.String() }

// UnmarshalTOML reads a string, the secret itself, or a table with one key that says where it is. What is
// wrong with it is kept for later, since the decoder's own errors would show the value.
func (s *Secret) UnmarshalTOML(v any) error {
	s.problem = s.read(v)
	return nil
}

func (s *Secret) read(v any) error {
	switch v := v.(type) {
	case string:
		s.literal = v
		return nil
	case map[string]any:
		if len(v) != 1 {
			return errors.New("the table must have one key: command, file, credential, netrc or env")
		}
		for key, value := range v {
			return s.set(key, value)
		}
	}
	return errors.New(`it must be text in quotes or a table such as { command = ["pass", "mail"] }`)
}

func (s *Secret) set(key string, v any) error {
	text, isText := v.(string)
	isText = isText && text != ""
	switch key {
	case "file":
		s.File = text
	case "credential":
		s.Credential = text
	case "env":
		s.Env = text
	case "netrc":
		s.Netrc, isText = v.(bool)
	case "command":
		s.Command, isText = argv(v)
	default:
		return fmt.Errorf("unknown key %q (nearest: %q)", key, Nearest(key, []string{"command", "file", "credential", "netrc", "env"}))
	}
	if !isText {
		return fmt.Errorf("%s has a value of the wrong kind", key)
	}
	return nil
}

// argv is a list of words; the first names the program.
func argv(v any) ([]string, bool) {
	list, _ := v.([]any)
	words := make([]string, 0, len(list))
	for _, item := range list {
		word, ok := item.(string)
		if !ok {
			return nil, false
		}
		words = append(words, word)
	}
	return words, len(words) > 0 && words[0] != ""
}

// place is for what a secret is wanted, and in which environment.
type place struct {
	user, host string
	getenv     func(string) string
}

// lookUp fetches the secret; "" when the configuration names none and the variable fallback is not set.
func (s Secret) lookUp(ctx context.Context, p place, fallback string) (secret string, err error) {
	switch {
	case s.literal != "":
		secret = s.literal
	case s.Command != nil:
		secret, err = runCommand(ctx, s.Command)
	case s.File != "":
		secret, err = readSecretFile(s.File)
	case s.Credential != "":
		secret, err = readCredential(s.Credential, p.getenv)
	case s.Env != "":
		if secret = p.getenv(s.Env); secret == "" {
			err = fmt.Errorf("the variable %s is not set", s.Env)
		}
	case s.Netrc:
		secret, err = lookUpNetrc(p)
	default:
		secret = p.getenv(fallback)
	}
	if err == nil && strings.ContainsAny(secret, "\r\n\x00") {
		err = errors.New("it has a line end or a NUL in it")
	}
	return secret, err
}

// readSecretFile reads the first line of a file that only its owner may read.
func readSecretFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if err := private(f); err != nil {
		return "", err
	}
	return firstLine(f)
}

// readCredential reads a credential that systemd handed to the service; its folder is private already.
func readCredential(name string, getenv func(string) string) (string, error) {
	dir := getenv("CREDENTIALS_DIRECTORY")
	switch {
	case dir == "":
		return "", fmt.Errorf("credential %s: CREDENTIALS_DIRECTORY is not set; is there LoadCredential= in the unit?", name)
	case !filepath.IsLocal(name) || strings.ContainsAny(name, `/\`):
		return "", fmt.Errorf("%q is no name of a credential", name)
	}
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return "", err
	}
	defer f.Close()
	return firstLine(f)
}
