package mxlookup

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestSystemServers(t *testing.T) {
	for text, want := range map[string][]string{
		"nameserver 192.0.2.1\n# nameserver 192.0.2.9\nsearch example.org\nnameserver\t2001:db8::1 # two\n": {"192.0.2.1", "2001:db8::1"},
		"nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4":            {"192.0.2.1", "192.0.2.2", "192.0.2.3"},
		"nameserver\n": {"127.0.0.1"},
		"":             {"127.0.0.1"},
	} {
		path := filepath.Join(t.TempDir(), "resolv.conf")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := systemServers(path); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if got := systemServers(filepath.Join(t.TempDir(), "missing")); !slices.Equal(got, []string{"127.0.0.1"}) {
		t.Errorf("without the file: got %q", got)
	}
}
