package store

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"posta/internal/atomicfile"
)

// syncers is how many files are synced at a time: a file system makes one write to its log of many such calls.
const syncers = 32

// files is what Maildir and dir have in common: each message is a file, which gets its final name when it is synced.
type files struct {
	*committer
	unique  string // of this process
	buf     []byte
	temps   tempDirs
	writers *writerPool
	made    []string // folders that may have new ones in them, to be synced with the next group
}

func newFiles(opt Options) *files {
	f := &files{unique: uniqueText(), buf: make([]byte, 64<<10), temps: tempDirs{}, writers: newWriterPool()}
	f.committer = newCommitter(opt, f.commitFiles)
	return f
}

// read reads m to its end, for a file in dir that is called temp until it has its final name.
func (f *files) read(dir, temp string, m *Message, r *Receipt) (*draft, error) {
	d := f.temps.draft(dir, f.unique, temp)
	d.text, d.size = f.writers.buffer(), m.Size
	n, err := copyMessage(d, m, f.opt.LF, f.buf)
	if err == nil && d.file == nil && !d.many {
		err = writeError(d.create(false))
	}
	if err != nil || d.file != nil {
		f.writers.release(d)
	}
	if err != nil {
		d.abandon()
		return nil, err
	}
	d.date = m.Date
	r.Size, r.Key = n, m.Key
	return d, nil
}

// add takes what was read into the open group. Where there is no file yet, a writer makes it.
func (f *files) add(d *draft, r *Receipt) {
	f.join(r)
	f.open.made = append(f.open.made, f.made...)
	f.made = nil
	if d.file == nil {
		f.writers.write(d, r)
	} else {
		r.err = d.finish(false)
		r.file, r.temp = d.file, d.path
	}
	f.handOverFull()
}

// flush waits for all that was added, and for folders that were made for nothing.
func (f *files) flush(ctx context.Context) error {
	if err := f.committer.flush(ctx); err != nil {
		return err
	}
	return f.syncMade()
}

// close flushes, and ends the writers.
func (f *files) close() error {
	f.committer.close()
	f.writers.close()
	return errors.Join(f.syncMade(), writeError(f.temps.remove()))
}

// syncMade syncs the folders that no message's group has taken.
func (f *files) syncMade() error {
	folders := map[string]error{}
	for _, dir := range f.made {
		folders[dir] = nil
	}
	f.made = nil
	syncDirs(folders)
	return errors.Join(slices.Collect(maps.Values(folders))...)
}

// commitFiles waits for the files, syncs them side by side, with the journal, gives them their names, and syncs the folders.
func (f *files) commitFiles(g *group) {
	g.writing.Wait()
	whole := g.whole()
	prepared := make(chan error, 1)
	go func() { prepared <- f.prepare(whole) }()
	syncFiles(whole)
	if err := <-prepared; err != nil {
		g.fail(err)
	}
	folders := map[string]error{}
	for _, r := range g.receipts {
		if r.err == nil {
			r.err = writeError(atomicfile.Rename(r.temp, r.Path))
		}
		if r.err != nil {
			os.Remove(r.temp) // "" where it was not even made
			continue
		}
		folders[filepath.Dir(r.Path)] = nil
	}
	for _, dir := range g.made {
		folders[dir] = nil
	}
	syncDirs(folders)
	for _, r := range g.receipts {
		if r.err == nil {
			r.err = folders[filepath.Dir(r.Path)]
		}
	}
	for _, dir := range g.made {
		if err := folders[dir]; err != nil {
			g.fail(err)
		}
	}
	if err := f.stored(g.whole()); err != nil {
		g.fail(err)
	}
}

// syncDirs syncs folders, and notes their errors.
func syncDirs(dirs map[string]error) {
	names := slices.Collect(maps.Keys(dirs))
	errs := make([]error, len(names))
	sideBySide(len(names), func(i int) { errs[i] = writeError(atomicfile.SyncDir(names[i])) })
	for i, name := range names {
		dirs[name] = errs[i]
	}
}

// syncFiles syncs and closes the files.
func syncFiles(list []*Receipt) {
	sideBySide(len(list), func(i int) {
		r := list[i]
		r.err = writeError(errors.Join(r.file.Sync(), r.file.Close()))
		r.file = nil
	})
}

// sideBySide does things, syncers of them at a time.
func sideBySide(n int, do func(i int)) {
	var wait sync.WaitGroup
	var next atomic.Int64
	for range min(syncers, n) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
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
