package account

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// TestDKIM: one table or several, with paths as everywhere in the configuration.
func TestDKIM(t *testing.T) {
	s := source(t, nil)
	dir := filepath.Dir(s.UserFile())
	home := s.Getenv("HOME")
	one := DKIM{"example.org", "s1", filepath.Join(dir, "k1")}
	for _, c := range []struct {
		text string
		want []DKIM
	}{
		{"", nil},
		{"dkim = { domain = 'example.org', selector = 's1', key = 'k1' }", []DKIM{one}},
		{"dkim.domain = 'example.org'\ndkim.selector = 's1'\ndkim.key = 'k1'", []DKIM{one}},
		{"dkim = [{ domain = 'example.org', selector = 's1', key = 'k1' }, { domain = 'd', selector = 's2', key = '~/k2' }]", []DKIM{one, {"d", "s2", filepath.Join(home, "k2")}}},
		{"[[account.w.dkim]]\ndomain = 'example.org'\nselector = 's1'\nkey = 'k1'\n[[account.w.dkim]]\ndomain = 'd'\nselector = 's2'\nkey = '/k2'", []DKIM{one, {"d", "s2", "/k2"}}},
	} {
		write(t, s.UserFile(), "[account.w]\n"+c.text+"\n", 0o644)
		a, err := s.Account("w")
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
		} else if !reflect.DeepEqual(a.DKIM, c.want) {
			t.Errorf("%s: got %v", c.text, a.DKIM)
		}
	}
}

// TestDKIMKeyIsPrivate: a key that others can read is refused, and its text is in no error.
func TestDKIMKeyIsPrivate(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "key"), "secret", 0o640)
	a := &Account{Name: "w", File: "f"}
	_, err := a.DKIMKey(DKIM{Key: path})
	wantError(t, err, "f: account.w: dkim", "chmod 600")
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := a.DKIMKey(DKIM{Key: path}); err != nil || string(text) != "secret" {
		t.Errorf("got %q, %v", text, err)
	}
	_, err = a.DKIMKey(DKIM{Key: path + "x"})
	wantError(t, err, "no such file")
	write(t, path, string(make([]byte, maxKey+1)), 0o600)
	_, err = a.DKIMKey(DKIM{Key: path})
	wantError(t, err, "longer")
}
