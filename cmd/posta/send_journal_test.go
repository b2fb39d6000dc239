package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func open(t *testing.T, path string) *journal {
	t.Helper()
	j, err := openJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

const somePrint = fingerprint("0123456789abcdef012345")

func TestJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	j := open(t, path)
	if err := j.write([]mark{{letter: 1, state: stateSending, print: somePrint}, {letter: 2, state: stateSending, print: somePrint}}); err != nil {
		t.Fatal(err)
	}
	// Letter 3 was never sent, letter 5000 is far from the others.
	if err := j.write([]mark{
		{letter: 2, state: stateAccepted, print: somePrint},
		{letter: 4, state: stateRest, print: somePrint, rest: []string{"a@b", "c@d"}},
		{letter: 5000, state: stateRefused, print: somePrint},
	}); err != nil {
		t.Fatal(err)
	}
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, path)
	for letter, want := range map[int]letterState{1: stateSending, 2: stateAccepted, 3: stateNone, 4: stateRest, 4999: stateNone, 5000: stateRefused, 5001: stateNone} {
		state, print, err := j.look(letter)
		if err != nil || state != want || state != stateNone && print != somePrint {
			t.Errorf("letter %d: got %q, %q, %v; want %q", letter, state, print, err, want)
		}
	}
	if !slices.Equal(j.left[4], []string{"a@b", "c@d"}) {
		t.Errorf("left: %v", j.left)
	}
	if _, err := openJournal(path); statusOf(err) != exitTempFail {
		t.Errorf("opened twice: %v", err)
	}
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
}

// TestJournalCut: a crash can leave the last line, and that of FILE.rest, unfinished. Neither was acted on.
func TestJournalCut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	j := open(t, path)
	if err := j.write([]mark{{letter: 1, state: stateRest, print: somePrint, rest: []string{"a@b"}}, {letter: 2, state: stateSending, print: somePrint}}); err != nil {
		t.Fatal(err)
	}
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := 2 * lineLength; cut < len(text); cut++ {
		if err := os.WriteFile(path, text[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path+".rest", []byte(`{"letter":1,"to":["a@b"]}`+"\n"+`{"letter":2,"to":["c`), 0o600); err != nil {
			t.Fatal(err)
		}
		j := open(t, path)
		if state, _, err := j.look(2); state != stateNone || err != nil {
			t.Errorf("cut at %d: letter 2 is %q, %v", cut, state, err)
		}
		if state, _, err := j.look(1); state != stateRest || err != nil || len(j.left) != 1 {
			t.Errorf("cut at %d: letter 1 is %q, %v; left %v", cut, state, err, j.left)
		}
		if err := j.write([]mark{{letter: 2, state: stateRest, print: somePrint, rest: []string{"e@f"}}}); err != nil {
			t.Fatal(err)
		}
		if err := j.close(); err != nil {
			t.Fatal(err)
		}
		if j = open(t, path); !slices.Equal(j.left[2], []string{"e@f"}) {
			t.Errorf("cut at %d: then left %v", cut, j.left)
		}
		if err := j.close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestJournalRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"letter": "From: a@b\n\ntext\n", "short": "posta", "other": strings.Replace(journalHead, "1", "9", 1)} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := openJournal(path); statusOf(err) != exitCantCreate {
			t.Errorf("%s: %v", name, err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("%s: the file was changed", name)
		}
	}
	damaged := filepath.Join(dir, "damaged")
	if err := os.WriteFile(damaged, []byte(journalHead+strings.Repeat("x", lineLength)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := open(t, damaged).look(1); statusOf(err) != exitDataErr {
		t.Errorf("damaged line: %v", err)
	}
}
