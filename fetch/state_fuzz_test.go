package fetch

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"posta/fetch/pop3"
	"posta/fetch/store"
)

// FuzzState opens what may be a state. If it is one, what is added to it is there the next time.
func FuzzState(f *testing.F) {
	const first = "posta-state 1 pop3-a@b\n"
	for _, text := range []string{"", first, first + "+ 1 a 7\n- a\n? 2 b c 9\n", first + "+ 1 a 1", first + "+ x a 1\n", first + "+ 1 %4 -1\n", first + "% %\n", "\n"} {
		f.Add([]byte(text), "key")
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte, key string) {
		path := filepath.Join(dir, "state")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := OpenState(path, "pop3-a@b", nil)
		if err != nil {
			if !errors.Is(err, ErrState) {
				t.Fatal(err)
			}
			return
		}
		must(t, s.Stored([]*store.Receipt{{Key: pop3.Letter{UID: key}}}))
		n := s.Len()
		must(t, s.Close())
		s, err = OpenState(path, "pop3-a@b", nil)
		must(t, err)
		defer s.Close()
		if _, ok := s.Since(key); ok != (key != "") || s.Len() != n {
			t.Errorf("%q: %v, %d of %d", key, ok, s.Len(), n)
		}
	})
}
