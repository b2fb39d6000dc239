package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// runIMAP runs posta imap as a user of the Dovecot, and fails unless its status is this.
func (d *dovecot) runIMAP(t *testing.T, user string, stdin io.Reader, want int, args ...string) (stdout string) {
	t.Helper()
	e, out, errs := testEnv("")
	e.stdin = stdin
	e.getenv = func(name string) string { return map[string]string{"POSTA_PASSWORD": "secret"}[name] }
	argv := append([]string{"posta", "imap"}, args...)
	argv = append(argv, "-a", "imap://"+user+"@"+d.imap)
	if status := run(t.Context(), e, argv); status != want {
		t.Fatalf("posta imap %q: status %d, want %d: %s", args, status, want, errs)
	}
	return out.String()
}

// letters are the messages in a folder of the user, as Dovecot keeps them: its lines end in LF.
func (d *dovecot) letters(t *testing.T, user, folder string) map[string]bool {
	t.Helper()
	box := filepath.Join(d.dir, "mail", user)
	if folder != "INBOX" {
		box = filepath.Join(box, "."+folder)
	}
	all := map[string]bool{}
	for _, sub := range []string{"new", "cur"} {
		paths, _ := filepath.Glob(filepath.Join(box, sub, "*"))
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			all[strings.ReplaceAll(string(text), "\r\n", "\n")] = true
		}
	}
	return all
}

// manyLetters is an mbox with letters that differ, and what is in them.
func manyLetters(n int) (mbox string, letters map[string]bool) {
	var b strings.Builder
	letters = map[string]bool{}
	for i := range n {
		letter := fmt.Sprintf("From: ann@example.org\nSubject: %d\n\n.\n..%s\n", i, strings.Repeat("octets ", i*50))
		letters[letter] = true
		b.WriteString("From ann@example.org Tue Jun  1 10:00:00 2021\n" + letter + "\n")
	}
	return b.String(), letters
}

// TestIMAPDovecotFile: messages go in whole, many at once; they are copied, moved, marked and deleted, and nothing else is.
func TestIMAPDovecotFile(t *testing.T) {
	d := startDovecot(t)
	mbox, letters := manyLetters(200)
	imap := func(want int, args ...string) string {
		return d.runIMAP(t, "ann", strings.NewReader(mbox), want, args...)
	}

	out := imap(exitOK, "append", "-f", "In/Here", "--create", "--stream", "mboxrd", "--flags", "seen,work")
	if got := d.letters(t, "ann", "In.Here"); strings.Count(out, "\n") != 200 || len(got) != 200 {
		t.Fatalf("%d letters, and %d UIDs", len(got), strings.Count(out, "\n"))
	} else {
		for letter := range got {
			if !letters[letter] {
				t.Errorf("%.100q is none of the letters", letter)
			}
		}
	}
	if out := imap(exitOK, "search", "-f", "In/Here", "--count", "on", "2021-06-01", "seen", "keyword", "work"); out != "200\n" {
		t.Errorf("%s have their date and flags", out)
	}
	for _, x := range []struct {
		want int
		args string
		out  string // a part of what is printed
	}{
		{exitOK, "copy -f In/Here 1:50 --to Copies --create --json", `"messages":50,"uids":"1:50","to":"Copies"`},
		{exitOK, "move -f In/Here 51:100 --to Copies --json", `"event":"moved","folder":"In/Here","messages":50,"uids":"51:100"`},
		{exitPartial, "move -f In/Here 100,101 --to Copies --json", `"messages":1,"uids":"101","to":"Copies","to_uidvalidity"`},
		{exitOK, "flag -f Copies +flagged,note -work subject 7 --json", `"event":"flagged"`},
		{exitOK, "search -f Copies --count flagged keyword note not keyword work", ""},
		{exitOK, "flag -f In/Here =deleted 1:10", ""},
		{exitOK, "delete -f In/Here --expunge 11:20 --json", `"event":"expunged","folder":"In/Here","messages":10,"uids":"11:20"`},
		{exitOK, "search -f In/Here --count deleted", "10\n"},
		{exitOK, "delete -f In/Here 21:30 --json", `"messages":10,"uids":"21:30","to":"Trash"`},
		{exitNegative, "delete -f In/Here --expunge 1000:*", ""},
		{exitOK, "search -f Trash --count", "10\n"},
		{exitOK, "search -f In/Here --count", "129\n"},
		{exitOK, "search -f Copies --count", "101\n"},
		{exitUsage, "delete -f In/Here", ""},
	} {
		if out := imap(x.want, strings.Fields(x.args)...); !strings.Contains(out, x.out) {
			t.Errorf("%s: %q", x.args, out)
		}
	}
}

// TestIMAPDovecotIdle: each message that other sessions bring is reported once: in one folder, and in two over one
// connection, whose waiting is renewed in the midst of it.
func TestIMAPDovecotIdle(t *testing.T) {
	d := startDovecot(t)
	letter := func(n int) io.Reader {
		return strings.NewReader(fmt.Sprintf("From: ann@example.org\nSubject: %d\n\n%d\n", n, n))
	}
	d.runIMAP(t, "ann", letter(0), exitOK, "append")
	for round, folders := range [][]string{{"INBOX"}, {"INBOX", "Trash"}} {
		log := filepath.Join(t.TempDir(), "log")
		reported := make(chan string)
		go func() {
			reported <- d.runIMAP(t, "ann", nil, exitOK, "idle", "--folders", strings.Join(folders, ","), "--count", fmt.Sprint(10*len(folders)),
				"--renew", "1s", "--transcript", log)
		}()
		for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
			if text, _ := os.ReadFile(log); bytes.Contains(text, []byte(" IDLE\n")) {
				break
			}
			if time.Since(begun) > time.Minute {
				t.Fatal("IDLE is not said")
			}
		}
		var deliveries sync.WaitGroup
		for _, folder := range folders {
			deliveries.Go(func() {
				for n := 1; n <= 10; n++ {
					d.runIMAP(t, "ann", letter(n), exitOK, "append", "-f", folder)
				}
			})
		}
		deliveries.Wait()
		out := <-reported
		for _, folder := range folders {
			before := map[string]int{"INBOX": 1 + 10*round}[folder]
			for n := 1; n <= 10; n++ {
				if line := fmt.Sprintf("%s\t%d\tann@example.org\t%d\n", folder, before+n, n); strings.Count(out, line) != 1 {
					t.Errorf("%d lines %q in:\n%s", strings.Count(out, line), line, out)
				}
			}
		}
	}
}

// TestIMAPDovecotRaw: a dialogue with literals, asked for and not, and IDLE.
func TestIMAPDovecotRaw(t *testing.T) {
	d := startDovecot(t)
	out := d.runIMAP(t, "ann", strings.NewReader("APPEND INBOX {12}\nSubject: 1\n\n\nAPPEND INBOX {12+}\nSubject: 2\n\n\nx SELECT INBOX\nUID FETCH 2 BODY.PEEK[]\nIDLE\n"), exitOK, "raw")
	for _, want := range []string{"\np1 OK [APPENDUID ", "\np2 OK [APPENDUID ", "\n* 2 EXISTS\n", "x OK [READ-WRITE] ", "Subject: 2\r\n\r\n)\n", "+ idling\n", "p4 OK "} {
		if !strings.Contains("\n"+out, want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
}
