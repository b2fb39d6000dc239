package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// get runs posta imap get of a user's account into a store, and kills it after a while, where that is not 0.
func (d *dovecot) get(t *testing.T, name, to string, kill time.Duration, flags ...string) error {
	t.Helper()
	cmd := exec.Command("posta", append([]string{"imap", "get", "-a", "imap://" + name + "@" + d.imap, "--to", to}, flags...)...)
	cmd.Env = append(os.Environ(), "POSTA_PASSWORD=secret")
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if kill > 0 {
		defer time.AfterFunc(kill, func() { cmd.Process.Kill() }).Stop()
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, said.String())
	}
	return nil
}

// TestIMAPGetDovecot fetches from a real Dovecot: nothing twice, though its UIDs change, and what is new.
func TestIMAPGetDovecot(t *testing.T) {
	d := startDovecot(t)
	sums := d.fill(t, "keep", 300)
	box := filepath.Join(d.dir, "mail", "keep")
	to := "maildir:" + filepath.Join(t.TempDir(), "md")
	for range 2 {
		if err := d.get(t, "keep", to, 0, "--new"); err != nil {
			t.Fatal(err)
		}
		check(t, to, sums, true)
	}
	for _, name := range []string{"dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot.index.cache", "dovecot-uidvalidity"} {
		os.Remove(filepath.Join(box, name))
	}
	path := filepath.Join(box, "cur", "1100000000.x.host:2,FS")
	text := "From: eve@example.org\r\n\r\nnew\r\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	d.own(t, path)
	sums[sha256.Sum256([]byte(text))] = true
	for range 2 {
		if err := d.get(t, "keep", to, 0, "--new"); err != nil {
			t.Fatal(err)
		}
		check(t, to, sums, true)
	}
	if flagged, _ := filepath.Glob(strings.TrimPrefix(to, "maildir:") + "/cur/*:2,FS"); len(flagged) != 1 {
		t.Errorf("%d flagged", len(flagged))
	}
}

// TestIMAPGetFolders fetches all folders of an account over several connections.
func TestIMAPGetFolders(t *testing.T) {
	d := startDovecot(t)
	sums := d.fill(t, "folders", 20)
	for _, folder := range []string{".one", ".two.deep", ".&AOQ-", ".a b"} {
		for sum := range d.fill(t, "folders/"+folder, 30) {
			sums[sum] = true
		}
	}
	to := "maildir:" + filepath.Join(t.TempDir(), "md")
	for _, jobs := range []string{"1", "3"} {
		if err := d.get(t, "folders", to, 0, "--new", "--all-folders", "--jobs", jobs); err != nil {
			t.Fatal(err)
		}
		check(t, to, sums, true)
	}
	for _, folder := range []string{".one", ".two.deep", ".ä", ".a b"} {
		if list, _ := filepath.Glob(filepath.Join(strings.TrimPrefix(to, "maildir:"), folder, "new", "*")); len(list) != 30 {
			t.Errorf("%s has %d letters", folder, len(list))
		}
	}
}

// TestIMAPGetKilled kills posta imap get --new at random, 200 times: nothing is lost, in part, or twice.
func TestIMAPGetKilled(t *testing.T) {
	const letters, killsEach = 80, 10
	d := startDovecot(t)
	for done, box := 0, 0; done < kills(); box++ {
		name := fmt.Sprintf("killed%d", box)
		sums := d.fill(t, name, letters)
		for sum := range d.fill(t, name+"/.folder", letters) {
			sums[sum] = true
		}
		seen, _ := filepath.Glob(filepath.Join(d.dir, "mail", name, "new", "*0.host"))
		for _, path := range seen {
			if err := os.Rename(path, strings.Replace(path, "/new/", "/cur/", 1)+":2,S"); err != nil {
				t.Fatal(err)
			}
		}
		to := []string{"maildir:", "dir:", "mbox:"}[box%3] + filepath.Join(t.TempDir(), "store")
		get := func(to string, kill time.Duration) error {
			return d.get(t, name, to, kill, "--new", "--all-folders", "--jobs", fmt.Sprint(1+box%2))
		}
		start := time.Now()
		if err := get(to+"-whole", 0); err != nil {
			t.Fatal(err)
		}
		took := time.Since(start)
		for range killsEach {
			get(to, 1+rand.N(took))
			done++
			if box%3 < 2 { // what of a group stands in an mbox is taken away by the next run
				check(t, to, sums, false)
			}
			if t.Failed() {
				t.Fatalf("%s, after kill %d", to, done)
			}
		}
		if err := get(to, 0); err != nil {
			t.Fatal(err)
		}
		check(t, to, sums, true)
	}
}
