package fetch

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"

	"posta/fetch/store"
)

// StatePath is where the state of a source for a store is: a hidden file in the directory of a Maildir or a dir store,
// beside an mbox file, and in the directory fallback for a command or a stream. Source is the protocol and the mailbox:
// "pop3-ann@mail.example.org".
func StatePath(spec, source, fallback string) (string, error) {
	kind, arg, err := store.ParseSpec(spec)
	if err != nil {
		return "", err
	}
	name := stateName(source)
	switch kind {
	case store.KindMaildir, store.KindDir:
		return filepath.Join(arg, ".posta-"+name), nil
	case store.KindMbox:
		return filepath.Join(filepath.Dir(arg), ".posta-"+stateName(filepath.Base(arg))+"-"+name), nil
	}
	if fallback == "" {
		return "", fmt.Errorf("%w: nowhere to keep it", ErrState)
	}
	sum := sha256.Sum256([]byte(spec))
	return filepath.Join(fallback, name+"-"+hex.EncodeToString(sum[:6])), nil
}

// stateName makes a file's name of a source. One that is long, or has other characters, is told from others by a checksum.
func stateName(source string) string {
	safe := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', strings.ContainsRune("-_.+=@", r):
			return r
		}
		return '_'
	}, source)
	if safe == source && len(safe) <= 100 {
		return safe
	}
	sum := sha256.Sum256([]byte(source))
	return safe[:min(len(safe), 80)] + "-" + hex.EncodeToString(sum[:6])
}
