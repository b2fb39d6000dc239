package account

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"
)

// DKIM is a key that signs the letters of an account (RFC 6376).
type DKIM struct {
	Domain   string // who vouches for the letters
	Selector string // the key's record is SELECTOR._domainkey.DOMAIN
	Key      string // file of the private key
}

// signatures is what the configuration says under dkim: a table, or a list of them.
type signatures struct {
	keys    []DKIM
	problem error // kept for later, when it is known where it stands
}

// UnmarshalTOML reads { domain = …, selector = …, key = … }, or a list of such tables.
func (s *signatures) UnmarshalTOML(v any) error {
	var tables []any
	switch v := v.(type) {
	case map[string]any:
		tables = []any{v}
	case []any:
		tables = v
	case []map[string]any:
		for _, t := range v {
			tables = append(tables, t)
		}
	}
	for _, t := range tables {
		k, err := readDKIM(t)
		if err != nil {
			s.problem = err
			return nil
		}
		s.keys = append(s.keys, k)
	}
	if len(tables) == 0 {
		s.problem = errDKIM
	}
	return nil
}

// inSignatures says whether a key is one below dkim, which UnmarshalTOML has judged: of those in a list the decoder does
// not know it.
func inSignatures(k toml.Key) bool {
	return len(k) > 3 && strings.EqualFold(k[0], "account") && strings.EqualFold(k[2], "dkim")
}

var errDKIM = errors.New(`it must be { domain = "example.org", selector = "NAME", key = "FILE" }, or a list of these`)

func readDKIM(v any) (k DKIM, err error) {
	t, ok := v.(map[string]any)
	if !ok {
		return k, errDKIM
	}
	known := map[string]*string{"domain": &k.Domain, "selector": &k.Selector, "key": &k.Key}
	for name, value := range t {
		field := known[name]
		if field == nil {
			return k, fmt.Errorf("unknown key %q (nearest: %q)", name, Nearest(name, []string{"domain", "selector", "key"}))
		}
		if *field, ok = value.(string); !ok {
			return k, errDKIM
		}
	}
	if k.Domain == "" || k.Selector == "" || k.Key == "" {
		return k, errDKIM
	}
	return k, nil
}

// resolve makes the files' paths whole: relative ones begin at dir.
func (s *signatures) resolve(dir string) {
	for i := range s.keys {
		if path := &s.keys[i].Key; !filepath.IsAbs(*path) && !strings.HasPrefix(*path, "~/") {
			*path = filepath.Join(dir, *path)
		}
	}
}

// maxKey is the longest file of a key, in octets.
const maxKey = 64 << 10

// DKIMKey reads the file of a key of the account, which only its owner may read.
func (a *Account) DKIMKey(k DKIM) ([]byte, error) {
	text, err := readKey(k.Key)
	if err != nil {
		return nil, a.errorf("dkim: %w", err)
	}
	return text, nil
}

func readKey(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := private(f); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKey+1))
	if err == nil && len(text) > maxKey {
		err = fmt.Errorf("%s is longer than %d octets", path, maxKey)
	}
	return text, err
}

// DKIMError is an error of a key of the account that was read.
func (a *Account) DKIMError(k DKIM, err error) error {
	return a.errorf("dkim: %s: %w", k.Key, err)
}
