//go:build linux || darwin || freebsd || netbsd || openbsd

package sandbox

import (
	"os"
	"testing"
)

// TestSweep: what a killed sandbox left behind is removed by the next; what lives is not.
func TestSweep(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	live := start(t, Options{})
	dead, lock, err := tempDir()
	if err != nil {
		t.Fatal(err)
	}
	lock.Close() // as the kernel does when a process is killed
	start(t, Options{})
	if _, err := os.Stat(dead); !os.IsNotExist(err) {
		t.Errorf("the dead one is still there: %v", err)
	}
	if _, err := os.Stat(live.CAFile()); err != nil {
		t.Errorf("the live one: %v", err)
	}
}
