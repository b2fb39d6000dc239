package store

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"posta/internal/atomicfile"
)

const (
	// smallMessage is what stays in memory until one of the writers makes a file of it.
	smallMessage = 64 << 10
	// eagerStep is how much of a large message is written before the disk begins to, so that little is left for the sync;
	// towards the end it becomes lastStep.
	eagerStep = 4 << 20
	lastStep  = 512 << 10
	// manyFrom is the message in a folder from which on files are made by the writers. Of fewer, an error is known at once.
	manyFrom = 64
)

// draft is a message on its way into a file without a final name.
type draft struct {
	temps *tempDir
	name  string
	many  bool   // it is one of many: while it is small, its file is made by a writer
	text  []byte // until there is a file
	file  *os.File
	path  string // of file
	size  int64  // expected; 0 or less: unknown
	n     int64  // octets written by Write to file
	due   int64  // of them, since the disk began to write
	date  time.Time
}

// Write keeps what is small in memory, and makes the file when it gets large.
func (d *draft) Write(p []byte) (int, error) {
	if d.file == nil && len(d.text)+len(p) <= smallMessage {
		d.text = append(d.text, p...)
		return len(p), nil
	}
	if d.file == nil {
		if err := d.create(false); err != nil {
			return 0, err
		}
	}
	n, err := d.file.Write(p)
	d.n += int64(n)
	if d.due += int64(n); d.due >= d.step() {
		d.due = 0
		atomicfile.Begin(d.file)
	}
	return n, err
}

// step is after how many octets the disk begins to write again: towards the end it is earlier, as the end waits for the disk.
func (d *draft) step() int64 {
	if d.size <= d.n {
		return eagerStep
	}
	return min(eagerStep, max(lastStep, (d.size-d.n)/4))
}

// create makes the file, with what is in memory.
func (d *draft) create(side bool) error {
	dir := d.temps.path
	if side {
		dir = d.temps.sideDir()
	}
	d.path = filepath.Join(dir, d.name)
	file, err := os.OpenFile(d.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	d.file = file
	_, err = file.Write(d.text)
	return err
}

// finish makes the file of a small message, and lets the disk begin to write it.
func (d *draft) finish(side bool) error {
	if d.file == nil {
		if err := d.create(side); err != nil {
			d.abandon()
			return writeError(err)
		}
	}
	if !d.date.IsZero() {
		// The file tells the date of arrival; a file system that cannot is no reason to stop. When it was accessed stays
		// now: who tidies a Maildir's tmp goes by that.
		os.Chtimes(d.path, time.Time{}, d.date)
	}
	atomicfile.Begin(d.file)
	return nil
}

// abandon removes the file.
func (d *draft) abandon() {
	if d.file != nil {
		d.file.Close()
		os.Remove(d.path)
		d.file = nil
	}
}

// tempDir is where files are that have no final names. File systems make one file after the other in a folder, so the second
// writer has one of its own, a side folder, when there is much to do.
type tempDir struct {
	path string
	side string
	used int // messages, counted by Put
	once sync.Once
	made bool
}

// sideDir makes the side folder. Where that is not possible, the other serves.
func (t *tempDir) sideDir() string {
	t.once.Do(func() { t.made = os.Mkdir(t.side, 0o700) == nil })
	if !t.made {
		return t.path
	}
	return t.side
}

// tempDirs are those of a store, by their paths.
type tempDirs map[string]*tempDir

// draft begins a message in a folder.
func (t tempDirs) draft(dir, unique, name string) *draft {
	temps := t[dir]
	if temps == nil {
		temps = &tempDir{path: dir, side: filepath.Join(dir, tempPrefix+unique)}
		t[dir] = temps
	}
	temps.used++
	return &draft{temps: temps, name: name, many: temps.used >= manyFrom}
}

// remove removes the side folders, which are empty.
func (t tempDirs) remove() error {
	var errs []error
	for _, temps := range t {
		if temps.made {
			errs = append(errs, os.Remove(temps.side))
		}
	}
	return errors.Join(errs...)
}
