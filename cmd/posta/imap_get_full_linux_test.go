package main

import (
	"fmt"
	"syscall"
	"testing"

	"posta/internal/sandbox"
)

// TestIMAPGetDiskFull fetches onto a disk that is too small: told by 74, and nothing is there in part. With more room the next run
// fetches the rest, and nothing twice.
func TestIMAPGetDiskFull(t *testing.T) {
	if !runInNamespace(t) {
		return
	}
	for _, tc := range []struct {
		name           string
		store          string
		letters, octet int
	}{
		{"maildir", "maildir:%s/md", 40, 16 << 10},
		{"large letters", "maildir:%s/md", 4, 150 << 10},
		{"dir", "dir:%s/d", 40, 16 << 10},
		{"mbox", "mbox:%s/box", 40, 16 << 10},
		{"state alone", "maildir:%s/md", 3000, 10},
	} {
		t.Run(tc.name, func(t *testing.T) {
			disk := t.TempDir()
			smallDisk(t, disk, 256<<10, 0)
			f := &smallStore{t, startTestSandbox(t, sandbox.Options{}), disk, fmt.Sprintf(tc.store, disk), "imap"}
			all := f.deliver(tc.letters, tc.octet)
			f.get(exitIOErr, "--new")
			f.stored(all)
			smallDisk(t, disk, 64<<20, syscall.MS_REMOUNT)
			for range 2 {
				f.get(exitOK, "--new")
				if here := f.stored(all); len(here) != tc.letters {
					t.Errorf("in the end %d of %d are here", len(here), tc.letters)
				}
			}
		})
	}
}
