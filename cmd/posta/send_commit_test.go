package main

import (
	"path/filepath"
	"testing"
)

// TestJournalThatCannotBeWritten: a letter that is not in the journal does not go out.
func TestJournalThatCannotBeWritten(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "journal"))
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	c := newCommitter(j)
	in, out := make(chan *consignment, 3), make(chan *consignment, 3)
	for i := range 3 {
		in <- &consignment{delivery: &delivery{Letter: i + 1}, print: somePrint}
	}
	close(in)
	refused := 0
	err := c.run(in, out, func(_ *consignment, err error) {
		if err == nil {
			t.Error("refused without a reason")
		}
		refused++
	})
	if err == nil || refused != 3 || len(out) != 0 {
		t.Errorf("got %v, %d refused, %d passed", err, refused, len(out))
	}
}

// TestLaterMarkCounts: of the marks of one letter the last is written.
func TestLaterMarkCounts(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "journal"))
	c := newCommitter(j)
	for _, m := range []mark{{letter: 2, state: stateLater}, {letter: 1, state: stateSending}, {letter: 1, state: stateAccepted}} {
		m.print = somePrint
		c.settled(m)
	}
	if err := c.flush(); err != nil {
		t.Fatal(err)
	}
	path := j.f.Name()
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, path)
	defer j.close()
	for letter, want := range map[int]letterState{1: stateAccepted, 2: stateLater} {
		if state, _, err := j.look(letter); state != want || err != nil {
			t.Errorf("letter %d is %q, %v; want %q", letter, state, err, want)
		}
	}
}
