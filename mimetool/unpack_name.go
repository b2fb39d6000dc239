package mimetool

import (
	"crypto/rand"
	"errors"
	"hash/maphash"
	"io/fs"
	"os"
	"strconv"
)

// names remembers which were used, and the next number of each, so that many files of one name cost no more than as many
// of different ones. Twins (see twinKey) count as one name. Kept are hashes: that two names have the same costs one of
// them a number.
type names struct {
	seed maphash.Seed
	next map[uint64]uint32
}

func newNames() names { return names{maphash.MakeSeed(), make(map[uint64]uint32)} }

func (n *names) key(name string) uint64 { return maphash.String(n.seed, twinKey(name)) }

// taken tells whether the name or its twin was used.
func (n *names) taken(name string) bool { return n.next[n.key(name)] > 0 }

// candidates gives the name, or it with a number, until one is taken by yield.
func (n *names) candidates(name string, yield func(string) bool) {
	base := n.key(name)
	for {
		number := n.next[base]
		n.next[base]++
		if number == 0 {
			if yield(name) {
				return
			}
			continue
		}
		numbered := numberName(name, "-"+strconv.FormatUint(uint64(number), 10))
		key := n.key(numbered)
		if n.next[key] > 0 {
			continue
		}
		if yield(numbered) {
			n.next[key] = 1
			return
		}
	}
}

// place gives the temporary file the first name that is free, and removes the temporary one.
func (u *Unpacker) place(temp, name string) (path string, err error) {
	overwrite := u.opt.Exists == Overwrite
	u.names.candidates(name, func(candidate string) bool {
		path = candidate
		err = u.move(temp, candidate, overwrite)
		return !errors.Is(err, fs.ErrExist)
	})
	return path, err
}

// move gives a file its name: in one step, and not through a link that waits there. fs.ErrExist: the name is taken.
func (u *Unpacker) move(temp, name string, overwrite bool) error {
	if temp == "" || overwrite {
		info, err := u.dir.Lstat(name)
		switch {
		case err == nil && (!overwrite || info.IsDir()):
			return fs.ErrExist
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return err
		case temp == "":
			return nil
		}
		return u.dir.Rename(temp, name)
	}
	err := u.dir.Link(temp, name)
	if err == nil {
		return u.dir.Remove(temp)
	}
	if errors.Is(err, fs.ErrExist) {
		return fs.ErrExist
	}
	return u.moveWithoutLink(temp, name)
}

// moveWithoutLink is for file systems that have no hard links: the name is made sure of first, and what holds it then
// replaced.
func (u *Unpacker) moveWithoutLink(temp, name string) error {
	f, err := u.dir.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := u.dir.Rename(temp, name); err != nil {
		return errors.Join(err, u.dir.Remove(name))
	}
	return nil
}

// tempNames makes names that nobody can guess, so that nothing waits under them.
type tempNames struct {
	prefix string
	n      int
}

// create makes a new file in the directory.
func (t *tempNames) create(dir *os.Root) (string, *os.File, error) {
	if t.prefix == "" {
		t.prefix = ".posta-" + rand.Text() + "-"
	}
	t.n++
	name := t.prefix + strconv.Itoa(t.n)
	f, err := dir.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	return name, f, err
}
