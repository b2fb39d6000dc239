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

// stored are the letters of a store, as they came over the wire.
func stored(t *testing.T, to string) (letters []string) {
	t.Helper()
	kind, path, _ := strings.Cut(to, ":")
	if kind == "mbox" {
		text, err := os.ReadFile(path)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, letter := range strings.Split("\n"+strings.TrimSuffix(string(text), "\n"), "\nFrom ")[1:] {
			_, letter, _ = strings.Cut(letter, "\n")
			letters = append(letters, strings.ReplaceAll(letter, "\n", "\r\n"))
		}
		return letters
	}
	var paths []string
	for _, pattern := range []string{"new/*", "cur/*", "*.eml", ".*/new/*", ".*/cur/*", "*/*.eml"} {
		list, _ := filepath.Glob(filepath.Join(path, pattern))
		paths = append(paths, list...)
	}
	for _, p := range paths {
		text, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		letters = append(letters, string(text))
	}
	return letters
}

// each fails unless the store has nothing but whole letters, each once, and, if all says so, all of them.
func each(t *testing.T, to string, sums map[[32]byte]bool, all bool) {
	t.Helper()
	seen := map[[32]byte]bool{}
	for _, text := range stored(t, to) {
		sum := sha256.Sum256([]byte(text))
		if !sums[sum] {
			t.Errorf("this is no letter: %d octets, %.60q ... %q", len(text), text, text[max(0, len(text)-40):])
		}
		if seen[sum] {
			t.Errorf("it came twice: %.60q", text)
		}
		seen[sum] = true
	}
	if all && len(seen) != len(sums) {
		t.Errorf("%d of %d letters", len(seen), len(sums))
	}
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
		each(t, to, sums, true)
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
		each(t, to, sums, true)
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
		each(t, to, sums, true)
	}
	for _, folder := range []string{".one", ".two.deep", ".ä", ".a b"} {
		if list, _ := filepath.Glob(filepath.Join(strings.TrimPrefix(to, "maildir:"), folder, "new", "*")); len(list) != 30 {
			t.Errorf("%s has %d letters", folder, len(list))
		}
	}
}

// TestIMAPGetKilled kills posta imap get --new at random, again and again: nothing is lost, in part, or twice.
func TestIMAPGetKilled(t *testing.T) {
	d := startDovecot(t)
	kills := 200
	if testing.Short() || raceDetector {
		kills = 20
	}
	for n := 0; kills > 0; n++ {
		name := fmt.Sprintf("killed%d", n)
		sums := d.fill(t, name, 80)
		seen, _ := filepath.Glob(filepath.Join(d.dir, "mail", name, "new", "*0.host"))
		for _, path := range seen {
			if err := os.Rename(path, strings.Replace(path, "/new/", "/cur/", 1)+":2,S"); err != nil {
				t.Fatal(err)
			}
		}
		to := []string{"maildir:", "dir:", "mbox:"}[n%3] + filepath.Join(t.TempDir(), "store")
		start := time.Now()
		if err := d.get(t, name, to+"-whole", 0, "--new"); err != nil {
			t.Fatal(err)
		}
		took := time.Since(start)
		for range 10 {
			if d.get(t, name, to, 1+rand.N(took), "--new") == nil {
				break
			}
			kills--
			each(t, to, sums, false)
			if t.Failed() {
				t.Fatalf("%s, %d kills are left", to, kills)
			}
		}
		if err := d.get(t, name, to, 0, "--new"); err != nil {
			t.Fatal(err)
		}
		each(t, to, sums, true)
	}
}
