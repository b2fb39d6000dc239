package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// makeMaildir makes dir a Maildir, if it is none.
func makeMaildir(dir string) error {
	for _, sub := range []string{"tmp", "new", "cur"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return err
		}
	}
	return nil
}

// deliverMaildir moves a file that is whole and synced from dir's tmp to new, and syncs that folder. It returns the
// file's new name: seconds, then what makes it unique, then the host.
func deliverMaildir(dir, file string) (string, error) {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	host = strings.NewReplacer("/", `\057`, ":", `\072`).Replace(host)
	now := time.Now()
	base := strings.TrimPrefix(filepath.Base(file), "letter-")
	name := fmt.Sprintf("%d.M%06dP%dR%s.%s", now.Unix(), now.Nanosecond()/1000, os.Getpid(), base, host)
	final := filepath.Join(dir, "new", name)
	if err := os.Rename(file, final); err != nil {
		return "", err
	}
	return final, syncDir(filepath.Dir(final))
}

// syncDir makes a renaming in dir last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
