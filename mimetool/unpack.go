package mimetool

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"iter"
	"os"
)

// A Policy says what is done about a file that was there before.
type Policy int

const (
	Rename    Policy = iota // the new one gets a number: "a-1.txt"
	Overwrite               // the new one takes its place, in one step
	Skip                    // the new one is not written
)

// UnpackOptions say which files are written and how.
type UnpackOptions struct {
	FileOptions
	Exists  Policy
	Match   func(*File) bool // nil: all of them
	MaxSize int64            // octets of a file, above which it is not written; 0: any
	Hash    bool             // Entry.SHA256 is wanted
	DryRun  bool             // nothing is written; entries say what would be
}

// An Unpacker writes the files of messages into a directory, never outside, never through a link, never over a file that
// it wrote itself. A file has its name only when it is whole. Not for several goroutines at a time.
type Unpacker struct {
	dir   *os.Root
	opt   UnpackOptions
	names names
	temp  tempNames
}

// NewUnpacker makes an Unpacker for a directory, which stays the caller's to close.
func NewUnpacker(dir *os.Root, opt UnpackOptions) *Unpacker {
	return &Unpacker{dir: dir, opt: opt, names: newNames()}
}

// Unpack writes the files of the message in r, and gives an Entry for each when it is written. After an error nothing
// comes; what came before stays written.
func (u *Unpacker) Unpack(r io.Reader) iter.Seq2[*Entry, error] {
	return u.UnpackPart(r, u.opt.Number)
}

// UnpackPart is Unpack for a part of that number, which was fetched with its header without the message around it.
func (u *Unpacker) UnpackPart(r io.Reader, number string) iter.Seq2[*Entry, error] {
	opt := u.opt.FileOptions
	opt.Number = number
	return func(yield func(*Entry, error) bool) {
		for f, err := range Files(r, opt) {
			if err == nil && u.opt.Match != nil && !u.opt.Match(f) {
				continue
			}
			var e *Entry
			if err == nil {
				e, err = u.file(f)
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// file writes one file.
func (u *Unpacker) file(f *File) (*Entry, error) {
	e := &f.Entry
	if taken, err := u.skips(f.SafeName()); err != nil || taken {
		e.Path, e.Skipped = f.SafeName(), "exists"
		return e, err
	}
	temp, err := u.content(f)
	if errors.Is(err, errTooLarge) {
		e.Skipped = "size"
		return e, nil
	}
	if err != nil {
		return nil, err
	}
	e.Defects = f.Defects()
	e.Path, err = u.place(temp, f.SafeName())
	if err != nil {
		return nil, errors.Join(err, u.drop(temp))
	}
	return e, nil
}

// skips tells whether a file of that name was there before and is to be left alone.
func (u *Unpacker) skips(name string) (bool, error) {
	if u.opt.Exists != Skip || u.names.taken(name) {
		return false, nil
	}
	_, err := u.dir.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// content writes the body to a file of a temporary name, "" in a dry run.
func (u *Unpacker) content(f *File) (name string, err error) {
	dst := &counter{max: u.opt.MaxSize}
	if u.opt.Hash {
		dst.hash = sha256.New()
	}
	if !u.opt.DryRun {
		var file *os.File
		name, file, err = u.temp.create(u.dir)
		if err != nil {
			return "", err
		}
		dst.w = file
		defer func() {
			if e := file.Close(); err == nil {
				err = e
			}
			if err != nil {
				err = errors.Join(err, u.drop(name))
			}
		}()
	}
	if _, err := io.Copy(dst, f.Body); err != nil {
		return name, err
	}
	f.Size = dst.n
	if dst.hash != nil {
		f.SHA256 = hex.EncodeToString(dst.hash.Sum(nil))
	}
	return name, nil
}

// drop removes a temporary file.
func (u *Unpacker) drop(name string) error {
	if name == "" {
		return nil
	}
	return u.dir.Remove(name)
}

const errTooLarge = constError("the file is larger than wanted")

// A counter counts, and hashes where that is wanted, what goes to w.
type counter struct {
	w    io.Writer // nil: nowhere
	hash hash.Hash
	n    int64
	max  int64
}

func (c *counter) Write(p []byte) (int, error) {
	if c.max > 0 && c.n+int64(len(p)) > c.max {
		return 0, errTooLarge
	}
	c.n += int64(len(p))
	if c.hash != nil {
		c.hash.Write(p)
	}
	if c.w == nil {
		return len(p), nil
	}
	return c.w.Write(p)
}
