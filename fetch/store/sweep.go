package store

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// tempPrefix begins the names of files in a dir store that are not whole.
const tempPrefix = ".posta-tmp-"

// forgotten is when a file that was never finished is one of a program that is no more: 36 hours, as for every Maildir.
const forgotten = 36 * time.Hour

// sweep removes forgotten files whose names begin so, and side folders with such files. It need not succeed.
func sweep(dir, prefix string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || time.Since(info.ModTime()) <= forgotten {
			continue
		}
		path := filepath.Join(dir, e.Name())
		switch {
		case e.IsDir() && strings.HasPrefix(e.Name(), tempPrefix):
			sweep(path, "")
			os.Remove(path) // if it is empty now
		case e.Type().IsRegular() && strings.HasPrefix(e.Name(), prefix):
			os.Remove(path)
		}
	}
}

// uniqueText is one that no other process has.
func uniqueText() string { return strings.ToLower(rand.Text()[:16]) }
