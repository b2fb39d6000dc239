// Package atomicfile makes files that are there whole or not at all, after a kill or a power failure too.
//
// A file is written under a temporary name in the folder where it will be, synced, and only then gets its final name,
// by a rename that overwrites nothing (Commit) or takes the place of what was there (Replace); then the folder is synced.
// The steps can be had one by one (Sync, Rename, SyncDir), for those who make many files and sync the folder once.
//
// Left out: ownership and modes of what is replaced, and file systems that lie about fsync.
package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// tempPrefix begins the temporary names. A file of that name that is left after a crash may be removed.
const tempPrefix = ".posta-tmp-"

// File is a file without a final name. It is used by one goroutine, which calls Commit, Replace or Abandon at its end.
type File struct {
	*os.File
	done bool
}

// Create makes an empty file with a temporary name in dir, for the user alone to read.
func Create(dir string) (*File, error) {
	f, err := os.CreateTemp(dir, tempPrefix+"*")
	if err != nil {
		return nil, err
	}
	return &File{File: f}, nil
}

// Commit makes the file durable under name, which must be in the same folder, and closes it. A file of that name that is
// there already is kept, and the error is fs.ErrExist. After an error the file is gone.
func (f *File) Commit(name string) error { return f.finish(name, Rename) }

// Replace is Commit, but takes the place of a file of that name.
func (f *File) Replace(name string) error { return f.finish(name, os.Rename) }

func (f *File) finish(name string, rename func(from, to string) error) error {
	if f.done {
		return fs.ErrClosed
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		f.Abandon()
		return err
	}
	if err := rename(f.Name(), name); err != nil {
		f.Abandon()
		return err
	}
	f.done = true
	return SyncDir(filepath.Dir(name))
}

// Abandon closes and removes the file, where that is not yet done. It may always be called.
func (f *File) Abandon() {
	if f.done {
		return
	}
	f.done = true
	f.Close()
	os.Remove(f.Name())
}

// WriteFile makes data the content of the file name, in place of what it was: a reader sees the one or the other.
func WriteFile(name string, data []byte) error {
	f, err := Create(filepath.Dir(name))
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		f.Abandon()
		return err
	}
	return f.Replace(name)
}

// renameByLink is Rename where the system has no such call. A crash between the two steps leaves both names.
func renameByLink(from, to string) error {
	if err := os.Link(from, to); err != nil {
		return err
	}
	return os.Remove(from)
}
