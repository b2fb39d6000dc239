package store

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"posta/internal/atomicfile"
)

// syncers is how many files are synced at a time: a file system makes one write to its log of many such calls.
const syncers = 32

// files is what Maildir and dir have in common: each message is a file, which gets its final name when it is synced.
type files struct {
	*committer
	buf []byte
}

func newFiles(opt Options) *files {
	f := &files{buf: make([]byte, 64<<10)}
	f.committer = newCommitter(opt, f.commitFiles)
	return f
}

// write makes the file temp of m, for the receipt r. The file stays open.
func (f *files) write(temp string, m *Message, r *Receipt) error {
	file, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return &WriteError{err}
	}
	n, err := f.copy(&eager{File: file}, m)
	if err != nil {
		file.Close()
		os.Remove(temp)
		return err
	}
	atomicfile.Begin(file)
	r.Size, r.file, r.temp, r.Key = n, file, temp, m.Key
	return nil
}

// eagerStep is how much of a large message is written before the disk begins to.
const eagerStep = 4 << 20

// eager is a file of which the disk takes what is written while more comes, so that little is left for the sync.
type eager struct {
	*os.File
	due int
}

func (e *eager) Write(p []byte) (int, error) {
	n, err := e.File.Write(p)
	if e.due += n; e.due >= eagerStep {
		e.due = 0
		atomicfile.Begin(e.File)
	}
	return n, err
}

// copy copies m, and tells errors of reading from those of writing.
func (f *files) copy(w io.Writer, m *Message) (int64, error) {
	return copyMessage(w, m, f.opt.LF, f.buf)
}

// commitFiles syncs the files side by side, with the journal, gives them their names, and syncs the folders.
func (f *files) commitFiles(g *group) {
	prepared := make(chan error, 1)
	go func() { prepared <- f.prepare(g.receipts) }()
	syncFiles(g.receipts)
	if err := <-prepared; err != nil {
		g.fail(err)
	}
	folders := map[string]error{}
	for _, r := range g.receipts {
		if r.err == nil {
			r.err = writeError(atomicfile.Rename(r.temp, r.Path))
		}
		if r.err != nil {
			os.Remove(r.temp)
			continue
		}
		folders[filepath.Dir(r.Path)] = nil
	}
	for dir := range folders {
		folders[dir] = writeError(atomicfile.SyncDir(dir))
	}
	for _, r := range g.receipts {
		if r.err == nil {
			r.err = folders[filepath.Dir(r.Path)]
		}
	}
	if err := f.stored(g.whole()); err != nil {
		g.fail(err)
	}
}

// syncFiles syncs and closes the files.
func syncFiles(list []*Receipt) {
	var wait sync.WaitGroup
	next := make(chan *Receipt, len(list))
	for _, r := range list {
		next <- r
	}
	close(next)
	for range min(syncers, len(list)) {
		wait.Go(func() {
			for r := range next {
				r.err = writeError(errors.Join(r.file.Sync(), r.file.Close()))
				r.file = nil
			}
		})
	}
	wait.Wait()
}

func writeError(err error) error {
	if err == nil {
		return nil
	}
	return &WriteError{err}
}

// exists says whether a file is there.
func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
