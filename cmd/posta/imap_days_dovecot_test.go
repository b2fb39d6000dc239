package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestIMAPDovecotDays: without WITHIN the messages are found that Dovecot finds by it, of 2,000 that arrived in no order: one search is
// many, which Dovecot does side by side.
func TestIMAPDovecotDays(t *testing.T) {
	for name, words := range map[string]string{"ESEARCH": "LITERAL+ ESEARCH SEARCHRES SORT", "SEARCH": ""} {
		t.Run(name, func(t *testing.T) {
			d := startDovecot(t, "imap_capability = IMAP4rev1 "+words)
			d.fill(t, "ann", 2000)
			paths, _ := filepath.Glob(filepath.Join(d.dir, "mail", "ann", "new", "*"))
			now := time.Now()
			for _, path := range paths {
				// Not within a minute of a moment that is asked for, since time passes.
				at := now.Add(-time.Duration(rand.IntN(6*24))*time.Hour - 30*time.Minute)
				if err := os.Chtimes(path, at, at); err != nil {
					t.Fatal(err)
				}
			}
			for query, keys := range map[string]string{
				"younger 30h":               "YOUNGER 108000",
				"not younger 30h":           "NOT YOUNGER 108000",
				"older 31h subject 7":       "OLDER 111600 SUBJECT 7",
				"younger 2d older 1d":       "YOUNGER 172800 OLDER 86400",
				"younger 1h or older 5d":    "OR YOUNGER 3600 OLDER 432000",
				"not (older 3h smaller 2k)": "NOT (OLDER 10800 SMALLER 2048)",
			} {
				raw := d.runIMAP(t, "ann", strings.NewReader("EXAMINE INBOX\nUID SEARCH "+keys+"\n"), exitOK, "raw")
				_, line, _ := strings.Cut(raw, "* SEARCH")
				line, _, _ = strings.Cut(line, "\n")
				got := strings.Fields(d.runIMAP(t, "ann", nil, exitOK, append([]string{"search"}, strings.Fields(query)...)...))
				if want := strings.Fields(line); len(want) == 0 || !slices.Equal(got, want) {
					t.Errorf("%s: %d messages, Dovecot finds %d", query, len(got), len(want))
				}
			}
		})
	}
}

// TestIMAPDovecotManyUIDs: UIDs that take many searches are all found.
func TestIMAPDovecotManyUIDs(t *testing.T) {
	d := startDovecot(t)
	d.fill(t, "ann", 2000)
	var uids []string
	for uid := 1; uid <= 2000; uid += 2 {
		uids = append(uids, fmt.Sprint(uid))
	}
	imap := func(args ...string) string { return d.runIMAP(t, "ann", io.Reader(nil), exitOK, args...) }
	if out := imap("flag", "+flagged", "--json", strings.Join(uids, ",")); !strings.Contains(out, `"messages":1000,`) {
		t.Errorf("flagged: %.200s", out)
	}
	if out := imap("delete", "--expunge", "--json", strings.Join(uids, ",")); !strings.Contains(out, `"messages":1000,`) {
		t.Errorf("expunged: %.200s", out)
	}
	if out := imap("search", "--count", "not", "flagged"); out != "1000\n" {
		t.Errorf("%s are left", out)
	}
}
