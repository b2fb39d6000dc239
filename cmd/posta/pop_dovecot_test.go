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

// pop runs posta pop get into a store, and kills it after a while, where that is not 0.
func (d *dovecot) pop(t *testing.T, name, store string, kill time.Duration, flags ...string) error {
	t.Helper()
	cmd := exec.Command("posta", append([]string{"pop", "get", "-a", "pop3://" + name + "@" + d.addr, "--to", store}, flags...)...)
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

// check fails unless the store has each of the letters once, as far as all says that they must have come.
func check(t *testing.T, store string, sums map[[32]byte]bool, all bool) {
	t.Helper()
	seen := map[[32]byte]bool{}
	for _, text := range storedTexts(t, store) {
		sum := sha256.Sum256([]byte(text))
		if !sums[sum] {
			t.Errorf("no letter: %d octets, %.60q", len(text), text)
		}
		if seen[sum] {
			t.Errorf("twice: %.60q", text)
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
	dir := "maildir:" + t.TempDir()
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

// TestPopQueryDovecot: what a query finds comes, and leaves; the rest stays.
func TestPopQueryDovecot(t *testing.T) {
	d := startDovecot(t)
	d.fill(t, "search", 120) // subjects "search 0" to "search 119"
	for _, tc := range []struct {
		query string
		come  int
		left  int
	}{
		{"subject 'search 11' smaller 1M", 11, 109}, // 11, and 110 to 119
		{"from ann not subject 'search 1' text '..'", 89, 20},
		{"body 'LINE OF' or subject 'search 1'", 20, 0},
	} {
		dir := t.TempDir()
		if err := d.pop(t, "search", "dir:"+dir, 0, "--delete", tc.query); err != nil {
			t.Fatal(err)
		}
		come, _ := filepath.Glob(dir + "/*.eml")
		left, _ := filepath.Glob(d.dir + "/mail/search/*/*host*")
		if len(come) != tc.come || len(left) != tc.left {
			t.Errorf("%s: %d came, %d left; want %d and %d", tc.query, len(come), len(left), tc.come, tc.left)
		}
	}
}

// TestPopKilled kills posta pop get --delete at random, 200 times: nothing is lost, in part, or twice.
func TestPopKilled(t *testing.T) {
	const letters, killsEach = 150, 8
	d := startDovecot(t)
	whole := d.duration(t, letters)
	for done, box := 0, 0; done < kills(); box++ {
		name := fmt.Sprintf("killed%d", box)
		store := []string{"maildir:", "dir:", "mbox:"}[box%3] + filepath.Join(t.TempDir(), "store")
		sums := d.fill(t, name, letters)
		for range killsEach {
			d.pop(t, name, store, rand.N(whole), "--delete")
			done++
			if box%3 < 2 { // what of a group stands in an mbox is taken away by the next run
				check(t, store, sums, false)
			}
			if t.Failed() {
				t.Fatalf("after kill %d", done)
			}
		}
		d.popAll(t, name, store)
		check(t, store, sums, true)
	}
}

// kills is how often a program is killed in a test.
func kills() int {
	switch {
	case testing.Short():
		return 8
	case underRace:
		return 24
	}
	return 200
}

// duration is about how long posta pop get takes for so many letters.
func (d *dovecot) duration(t *testing.T, letters int) time.Duration {
	t.Helper()
	d.fill(t, "timed", letters)
	start := time.Now()
	d.popAll(t, "timed", "maildir:"+t.TempDir())
	return time.Since(start)
}

// popAll fetches all that is there, and deletes it.
func (d *dovecot) popAll(t *testing.T, name, store string) {
	t.Helper()
	for range 200 { // the mailbox may be in use until Dovecot sees that nobody is there
		err := d.pop(t, name, store, 0, "--delete")
		if err == nil {
			return
		}
		if !strings.Contains(err.Error(), "IN-USE") {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the mailbox is in use for ever")
}
