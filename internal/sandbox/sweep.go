//go:build linux || darwin || freebsd || netbsd || openbsd

package sandbox

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// lockName is the name of the file that is locked in the directory of a sandbox that lives.
const lockName = "lock"

// claim locks the directory for as long as this process lives. The lock gets its name when it is held, so that sweep
// never sees one that is not yet.
func claim(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, "lock-")
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, lockName))
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// sweep removes what sandboxes left behind that were killed: directories whose lock nobody holds.
func sweep() {
	locks, err := filepath.Glob(filepath.Join(os.TempDir(), tempPattern+"*", lockName))
	if err != nil {
		return
	}
	for _, lock := range locks {
		f, err := os.Open(lock)
		if err != nil {
			continue // another user's, or just gone
		}
		if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
			os.RemoveAll(filepath.Dir(lock))
		}
		f.Close()
	}
}
