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

// pop runs posta pop get into the Maildir dir, and kills it after a while, where that is not 0.
func (d *dovecot) pop(t *testing.T, name, dir string, kill time.Duration, flags ...string) error {
	t.Helper()
	cmd := exec.Command("posta", append([]string{"pop", "get", "-a", "pop3://" + name + "@" + d.addr, "--to", "maildir:" + dir}, flags...)...)
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

// check fails unless the Maildir has each of the letters once, as far as all says that they must have come.
func check(t *testing.T, dir string, sums map[[32]byte]bool, all bool) {
	t.Helper()
	seen := map[[32]byte]bool{}
	paths, _ := filepath.Glob(filepath.Join(dir, "new", "*"))
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(text)
		if !sums[sum] {
			t.Errorf("%s is not a letter: %d octets", path, len(text))
		}
		if seen[sum] {
			t.Errorf("%s came twice", path)
		}
		seen[sum] = true
	}
	if all && len(seen) != len(sums) {
		t.Errorf("%d of %d letters", len(seen), len(sums))
	}
}

// TestPopDovecot fetches from a real Dovecot: kept, and nothing twice; then deleted.
func TestPopDovecot(t *testing.T) {
	d := startDovecot(t)
	sums := d.fill(t, "keep", 300)
	dir := t.TempDir()
	for range 2 {
		if err := d.pop(t, "keep", dir, 0, "--new"); err != nil {
			t.Fatal(err)
		}
		check(t, dir, sums, true)
	}
	if err := d.pop(t, "keep", dir, 0, "--delete"); err != nil {
		t.Fatal(err)
	}
	check(t, dir, sums, true)
	if left, _ := filepath.Glob(d.dir + "/mail/keep/*/*host*"); len(left) > 0 {
		t.Errorf("%d letters are left on the server", len(left))
	}
}

// TestPopKilled kills posta pop get --delete at random, again and again: nothing is lost, in part, or twice.
func TestPopKilled(t *testing.T) {
	d := startDovecot(t)
	runs := 6
	if testing.Short() {
		runs = 2
	}
	for run := range runs {
		name, dir := fmt.Sprintf("killed%d", run), t.TempDir()
		sums := d.fill(t, name, 400)
		for kill := range 3 {
			d.pop(t, name, dir, 10*time.Millisecond+rand.N(200*time.Millisecond), "--delete")
			check(t, dir, sums, false)
			if t.Failed() {
				t.Fatalf("run %d, after kill %d", run, kill+1)
			}
		}
		for range 100 { // the mailbox may be in use until Dovecot sees that nobody is there
			err := d.pop(t, name, dir, 0, "--delete")
			if err == nil {
				break
			}
			if !strings.Contains(err.Error(), "IN-USE") {
				t.Fatal(err)
			}
			time.Sleep(50 * time.Millisecond)
		}
		check(t, dir, sums, true)
	}
}
