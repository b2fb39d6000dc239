package sandbox

import (
	"os"
	"path/filepath"
)

// tempPattern is how the names of sandboxes' directories begin.
const tempPattern = "posta-sandbox-"

// tempDir makes the sandbox's directory, for its user alone, and removes those of sandboxes that were killed. A Unix
// socket's path has at most 104 octets (BSD; Linux 108), so that a long TMPDIR gives way to /tmp.
func tempDir() (dir string, lock *os.File, err error) {
	sweep()
	dir, err = os.MkdirTemp("", tempPattern)
	if err == nil && len(filepath.Join(dir, controlName)) >= 100 {
		if short, err := os.MkdirTemp("/tmp", tempPattern); err == nil {
			os.Remove(dir)
			dir = short
		}
	}
	if err != nil {
		return "", nil, err
	}
	lock, err = claim(dir)
	return dir, lock, err
}
