//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"posta/internal/realserver"
)

// mirrored is a user of a real server, and a Maildir that is kept as the INBOX is there.
type mirrored struct {
	*dovecot
	user, dir string
	letters   int // so many have been appended
}

// append puts so many letters more into the folder.
func (m *mirrored) append(t *testing.T, n int) {
	t.Helper()
	var mbox strings.Builder
	for range n {
		m.letters++
		fmt.Fprintf(&mbox, "From ann@example.org Tue Jun  1 10:00:00 2021\nFrom: ann@example.org\nSubject: %d\n\n%s\n", m.letters, strings.Repeat("line of text\n", rand.IntN(50)))
	}
	m.runIMAP(t, m.user, strings.NewReader(mbox.String()), exitOK, "append", "--stream", "mboxrd")
}

// sync is posta imap get --new --sync, killed after a while, where that is not 0.
func (m *mirrored) sync(t *testing.T, kill time.Duration) error {
	t.Helper()
	return m.get(t, m.user, "maildir:"+m.dir, kill, "--new", "--sync", "flags,deletions")
}

// served are the messages on the server: their flags as a Maildir's letters, by UID.
func (m *mirrored) served(t *testing.T) map[string]string {
	t.Helper()
	list := map[string]string{}
	for line := range strings.Lines(m.runIMAP(t, m.user, nil, exitOK, "list", "--json")) {
		var l struct {
			UID   uint32
			Flags []string
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		letters := ""
		for _, f := range []string{"draft D", "flagged F", "answered R", "seen S", "deleted T"} {
			if word, letter, _ := strings.Cut(f, " "); slices.Contains(l.Flags, word) {
				letters += letter
			}
		}
		list[strconv.FormatUint(uint64(l.UID), 10)] = letters
	}
	return list
}

// stored are those in the Maildir.
func (m *mirrored) stored(t *testing.T) map[string]string {
	t.Helper()
	list := map[string]string{}
	paths, _ := filepath.Glob(m.dir + "/new/*")
	more, _ := filepath.Glob(m.dir + "/cur/*")
	for _, path := range append(paths, more...) {
		parts := regexp.MustCompile(`,P=[a-z2-7]+\.\d+\.(\d+)(?::2,([A-Z]*))?$`).FindStringSubmatch(path)
		if parts == nil {
			t.Fatalf("a name without a tag: %s", path)
		}
		if _, twice := list[parts[1]]; twice {
			t.Errorf("%s is there twice", parts[1])
		}
		list[parts[1]] = parts[2]
		if text, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(text), "From: ann") || !strings.HasSuffix(string(text), "\r\n") {
			t.Errorf("%s is not whole: %v", path, err)
		}
	}
	return list
}

// mutate changes the folder as other clients do: flags, deletions, and new letters.
func (m *mirrored) mutate(t *testing.T) {
	t.Helper()
	uids := slices.Sorted(maps.Keys(m.served(t)))
	some := func(n int) string {
		rand.Shuffle(len(uids), func(i, k int) { uids[i], uids[k] = uids[k], uids[i] })
		return strings.Join(uids[:min(n, len(uids))], ",")
	}
	words := []string{"+flagged", "-flagged", "+seen,answered", "-seen", "=draft", "=", "+deleted", "=seen,note"}
	for range 2 {
		m.runIMAP(t, m.user, nil, exitOK, "flag", words[rand.IntN(len(words))], some(1+rand.IntN(10)))
	}
	n := 1 + rand.IntN(5)
	m.runIMAP(t, m.user, nil, exitOK, "delete", "--expunge", some(n))
	m.append(t, n)
}

func (m *mirrored) same(t *testing.T) {
	t.Helper()
	here, there := m.stored(t), m.served(t)
	for uid, letters := range there {
		if got, ok := here[uid]; !ok || got != letters {
			t.Errorf("%s is %q on the server, and here %q, %v", uid, letters, got, ok)
		}
		delete(here, uid)
	}
	if len(here) > 0 {
		t.Errorf("the server has not: %v", here)
	}
}

// TestIMAPGetSyncReal mirrors folders of real servers, with CONDSTORE.
func TestIMAPGetSyncReal(t *testing.T) {
	for _, start := range []func(t *testing.T) *dovecot{
		func(t *testing.T) *dovecot { return startDovecot(t) },
		func(t *testing.T) *dovecot { return &dovecot{imap: realserver.StartCyrus(t).IMAP} },
	} {
		m := &mirrored{start(t), "ann", filepath.Join(t.TempDir(), "md"), 0}
		m.append(t, 100)
		for range 8 {
			if err := m.sync(t, 0); err != nil {
				t.Fatal(err)
			}
			m.same(t)
			out := m.runIMAP(t, m.user, nil, exitOK, "get", "--new", "--sync", "flags,deletions", "--to", "maildir:"+m.dir, "--json")
			if out != "" {
				t.Errorf("there is nothing to be done, and it does %s", out)
			}
			m.mutate(t)
		}
	}
}

// TestIMAPGetSyncKilled kills posta imap get --new --sync at random, 200 times: nothing that the server has is lost, in part or
// twice, and the next run does what is left.
func TestIMAPGetSyncKilled(t *testing.T) {
	d := startDovecot(t)
	m := &mirrored{d, "ann", filepath.Join(t.TempDir(), "md"), 0}
	m.append(t, 150)
	var took time.Duration
	for range 2 {
		start := time.Now()
		if err := m.sync(t, 0); err != nil {
			t.Fatal(err)
		}
		took = time.Since(start)
		m.mutate(t)
	}
	for done := range kills() {
		m.mutate(t)
		before, there := m.stored(t), m.served(t)
		m.sync(t, 1+rand.N(took))
		after := m.stored(t)
		for uid := range before {
			_, served := there[uid]
			if _, here := after[uid]; served && !here {
				t.Errorf("%s is not here any more", uid)
			}
		}
		if done%10 == 9 {
			if err := m.sync(t, 0); err != nil {
				t.Fatal(err)
			}
			m.same(t)
		}
		if t.Failed() {
			t.Fatalf("after kill %d", done)
		}
	}
}
