package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"posta/internal/atomicfile"
	"posta/sendmail"
)

// A journal is the account of a stream: a text file with one line of fixed length for each letter, in the order of the
// stream, which is overwritten as the letter goes its way. So it is read and written at one place at a time, whatever
// its length, and grep and wc can read it:
//
//	posta journal 1
//	accepted 0d4d28f1b0a0d2a0b9c1e3
//	sending  8f14e45fceea167a5a36de
//
// A line is written and synced before its letter goes out, so a letter whose line says "sending" may have been
// delivered, and one without a line was not. A line of NULs is a hole: no letter was sent there. Recipients that
// are left of a letter that others have are in a second file, FILE.rest, as JSON.
type journal struct {
	f    *os.File
	rest *os.File
	left map[int][]string // of FILE.rest
	size int              // letters with a line when it was opened
	page []byte           // lines read at once
	base int              // letter of page's first line
}

const (
	journalHead = "posta journal 1                \n"
	lineLength  = len(journalHead)
	pageLines   = 2048
)

// letterState is the first word of a line.
type letterState string

const (
	stateNone     letterState = ""
	stateSending  letterState = "sending"  // it may have been delivered
	stateAccepted letterState = "accepted" // for all recipients
	stateRefused  letterState = "refused"  // for good, for some recipients at least; nothing is left to do
	stateLater    letterState = "later"    // nobody has it
	stateRest     letterState = "rest"     // some have it; FILE.rest names the others
)

// fingerprint tells letters apart: that of a stream that was changed does not fit its journal.
type fingerprint string

// fingerprintOf takes what a letter is known by: header, size and envelope.
func fingerprintOf(l *sendmail.Letter, own envelopeHint) fingerprint {
	h := sha256.New()
	fmt.Fprintf(h, "%d %q", l.Size(), own.from)
	for _, r := range own.to {
		fmt.Fprintf(h, " %q", r.Address)
	}
	h.Write(l.Header())
	return fingerprint(hex.EncodeToString(h.Sum(nil)[:11]))
}

// openJournal opens the journal at path, or makes it. It is locked: two runs of a job would send everything twice.
func openJournal(path string) (*journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fail(exitCantCreate, "--journal: %w", err)
	}
	j := &journal{f: f, left: map[int][]string{}}
	if err := j.begin(path); err != nil {
		f.Close()
		return nil, err
	}
	return j, nil
}

func (j *journal) begin(path string) error {
	if err := tryLock(j.f); err != nil {
		return fail(exitTempFail, "--journal: %s is in use by another run: %w", path, err)
	}
	head := make([]byte, lineLength)
	switch n, err := j.f.ReadAt(head, 0); {
	case n == 0 && err == io.EOF:
		_, err := j.f.WriteAt([]byte(journalHead), 0)
		if err := firstError(err, j.f.Sync(), atomicfile.SyncDir(filepath.Dir(path))); err != nil {
			return fail(exitIOErr, "--journal: %w", err)
		}
	case string(head) != journalHead:
		return fail(exitCantCreate, "--journal: %s is there and is no journal", path)
	}
	info, err := j.f.Stat()
	if err != nil {
		return fail(exitIOErr, "--journal: %w", err)
	}
	j.size = int(info.Size())/lineLength - 1
	return j.openRest(path + ".rest")
}

// openRest reads FILE.rest. The last line on a letter counts; one that is cut short was not acted on, and is removed.
func (j *journal) openRest(path string) (err error) {
	if j.rest, err = os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0o600); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fail(exitIOErr, "--journal: %w", err)
	}
	lines := json.NewDecoder(j.rest)
	for whole := int64(0); ; whole = lines.InputOffset() {
		var r restLine
		switch err := lines.Decode(&r); {
		case err == io.EOF:
			return nil
		case err != nil:
			return j.rest.Truncate(whole)
		}
		j.left[r.Letter] = r.To
	}
}

type restLine struct {
	Letter int      `json:"letter"`
	To     []string `json:"to"`
}

// look reads what the journal says of a letter. Letters are asked for in order.
func (j *journal) look(letter int) (letterState, fingerprint, error) {
	if letter > j.size {
		return stateNone, "", nil
	}
	if i := letter - j.base; j.page == nil || i < 0 || i >= len(j.page)/lineLength {
		page := make([]byte, min(pageLines, j.size-letter+1)*lineLength)
		if _, err := j.f.ReadAt(page, int64(letter)*int64(lineLength)); err != nil {
			return "", "", fail(exitIOErr, "--journal: %w", err)
		}
		j.page, j.base = page, letter
	}
	line := j.page[(letter-j.base)*lineLength:][:lineLength]
	fields := bytes.Fields(line)
	switch {
	case line[0] == 0:
		return stateNone, "", nil
	case len(fields) != 2 || line[lineLength-1] != '\n':
		return "", "", fail(exitDataErr, "--journal: the line of letter %d is damaged", letter)
	}
	return letterState(fields[0]), fingerprint(fields[1]), nil
}

// A mark is a line to be written.
type mark struct {
	letter int
	state  letterState
	print  fingerprint
	rest   []string // recipients, with stateRest
}

func (m mark) line() string { return fmt.Sprintf("%-8s %s\n", m.state, m.print) }

// write writes the marks and syncs them to the disk, those of one letter in their order.
func (j *journal) write(marks []mark) error {
	if err := j.writeRest(marks); err != nil {
		return err
	}
	var run []byte
	for i, m := range marks {
		run = append(run, m.line()...)
		if i+1 < len(marks) && marks[i+1].letter == m.letter+1 {
			continue
		}
		first := int64(m.letter)*int64(lineLength) - int64(len(run)-lineLength)
		if _, err := j.f.WriteAt(run, first); err != nil {
			return err
		}
		run = run[:0]
	}
	return j.f.Sync()
}

// writeRest names the recipients that are left, before the line of the letter says so.
func (j *journal) writeRest(marks []mark) error {
	var text []byte
	for _, m := range marks {
		if m.rest != nil {
			line, err := json.Marshal(restLine{m.letter, m.rest})
			if err != nil {
				return err
			}
			text = append(append(text, line...), '\n')
		}
	}
	if text == nil {
		return nil
	}
	if j.rest == nil {
		f, err := os.OpenFile(j.f.Name()+".rest", os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return err
		}
		j.rest = f
		if err := atomicfile.SyncDir(filepath.Dir(f.Name())); err != nil {
			return err
		}
	}
	_, err := j.rest.Write(text)
	return firstError(err, j.rest.Sync())
}

func (j *journal) close() error {
	if j == nil {
		return nil
	}
	var err error
	if j.rest != nil {
		err = j.rest.Close()
	}
	return firstError(err, j.f.Close())
}
