package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
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

// TestIMAPGetSyncDiskFull carries flags and deletions to a disk that is full: told by 74, and nothing is lost. With more room the next
// run does the rest.
func TestIMAPGetSyncDiskFull(t *testing.T) {
	if !runInNamespace(t) {
		return
	}
	const letters = 2000
	disk := t.TempDir()
	smallDisk(t, disk, 64<<20, 0)
	f := &smallStore{t, startTestSandbox(t, sandbox.Options{}), disk, "maildir:" + disk + "/md", "imap"}
	f.deliver(letters, 10)
	get := func(want int) {
		t.Helper()
		if _, got := f.posta("imap", "get", "--new", "--to", f.store, "--sync", "flags,deletions"); got != want {
			t.Errorf("exit status %d, want %d", got, want)
		}
	}
	get(exitOK)
	full, err := os.Create(disk + "/other")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1 << 16, 1 << 12, 1} {
		for err == nil {
			_, err = full.Write(make([]byte, n))
		}
		err = nil
	}
	full.Close()
	var odd []string
	for uid := 1; uid <= letters; uid += 2 {
		odd = append(odd, strconv.Itoa(uid))
	}
	f.posta("imap", "flag", "+flagged", strings.Join(odd, ","))
	f.posta("imap", "delete", "--expunge", "2:11")
	get(exitIOErr)
	count := func(pattern string) int {
		list, _ := filepath.Glob(disk + "/md/" + pattern)
		return len(list)
	}
	if n := count("*/*,P=*"); n < letters-10 {
		t.Errorf("%d letters are here", n)
	}
	os.Remove(disk + "/other")
	for range 2 {
		get(exitOK)
		if all, flagged := count("*/*,P=*"), count("cur/*:2,F"); all != letters-10 || flagged != letters/2-5 {
			t.Errorf("%d are here, %d flagged", all, flagged)
		}
	}
}
