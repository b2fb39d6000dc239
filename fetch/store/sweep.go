package store

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tempPrefix begins the names of files in a dir store that are not whole.
const tempPrefix = ".posta-tmp-"

// forgotten is when a file that was never finished is one of a program that is no more: 36 hours, as for every Maildir.
const forgotten = 36 * time.Hour

// sweep removes forgotten files whose names begin so, and side folders with such files. It need not succeed. Another program
// may be at work there: the time of a file is not all that counts, since that may be its message's.
func sweep(dir, prefix string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || time.Since(info.ModTime()) <= forgotten || time.Since(begun(e.Name())) <= forgotten {
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

// begun is the time with which the name of an unfinished file begins, as in a Maildir's tmp; the zero time if it has none.
func begun(name string) time.Time {
	name = strings.TrimPrefix(name, tempPrefix)
	digits := len(name) - len(strings.TrimLeft(name, "0123456789"))
	seconds, err := strconv.ParseInt(name[:digits], 10, 64)
	if t := time.Unix(seconds, 0); err == nil && t.Before(time.Now().Add(forgotten)) {
		return t
	}
	return time.Time{}
}

// uniqueText is one that no other process has.
func uniqueText() string { return strings.ToLower(rand.Text()[:uniqueLength]) }

const uniqueLength = 16
