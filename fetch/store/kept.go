package store

import (
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// ErrUnmarked: in such a store no file can be told from the others later, or have flags.
var ErrUnmarked = errors.New("the store keeps no files that can be found again")

// Kept finds the files of a Maildir or a dir again, whatever other programs have made of their flags, to give them other
// flags or to remove them. It makes nothing. It may be used by several goroutines.
type Kept struct {
	kind Kind
	dir  string

	mu      sync.Mutex
	folders *folders
}

// OpenKept is for the store that spec names, which need not be there. Another kind than a Maildir or a dir is ErrUnmarked.
func OpenKept(spec string) (*Kept, error) {
	kind, dir, err := ParseSpec(spec)
	switch {
	case err != nil:
		return nil, err
	case kind != KindMaildir && kind != KindDir:
		return nil, ErrUnmarked
	}
	return &Kept{kind: kind, dir: dir, folders: newFolders(dir)}, nil
}

// Folder is the folder of a path, as of Message.Folder. One that is not there has no files.
func (k *Kept) Folder(path []string) (*KeptFolder, error) {
	f := &KeptFolder{kind: k.kind, dir: k.dir, touched: map[string]error{}}
	if len(path) == 0 {
		return f, nil
	}
	join := dirFolder
	if k.kind == KindMaildir {
		join = maildirFolder
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	name, err := k.folders.find(path, join, func(dir string) error {
		_, err := os.Stat(dir)
		return err
	})
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, ErrFolderName):
		f.dir = ""
		return f, nil
	case err != nil:
		return nil, writeError(err)
	}
	f.dir = filepath.Join(k.dir, name)
	return f, nil
}

// KeptFolder is a folder of a Kept. It is used by one goroutine.
type KeptFolder struct {
	kind    Kind
	dir     string           // "": it is not there
	touched map[string]error // directories that are to be synced
}

// File is a file of a KeptFolder, as its name says.
type File struct {
	Dir     string // where it is
	Name    string
	Tag     Tag    // in a dir, the UID of the name alone
	Flags   Flags  // those that posta knows
	base    string // of a Maildir, without tag and flags
	letters string // of flags, those of other programs among them
}

// Path is that of the file.
func (f *File) Path() string { return filepath.Join(f.Dir, f.Name) }

// Files yields the folder's files, in no order. Of a Maildir new comes before cur: that is how other programs move files.
// Errors are *WriteError, and end it. Files may be changed meanwhile, and come again then.
func (f *KeptFolder) Files() iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		dirs := []string{f.dir}
		switch {
		case f.dir == "":
			return
		case f.kind == KindMaildir:
			dirs = []string{filepath.Join(f.dir, "new"), filepath.Join(f.dir, "cur")}
		}
		for _, dir := range dirs {
			if !f.list(dir, yield) {
				return
			}
		}
	}
}

// listed is how many names are read at a time.
const listed = 1024

func (f *KeptFolder) list(dir string, yield func(File, error) bool) bool {
	d, err := os.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return true
	}
	if err != nil {
		yield(File{}, writeError(err))
		return false
	}
	defer d.Close()
	for {
		names, err := d.Readdirnames(listed)
		for _, name := range names {
			if file, ok := f.parse(dir, name); ok && !yield(file, nil) {
				return false
			}
		}
		if err == io.EOF {
			return true
		}
		if err != nil {
			yield(File{}, writeError(err))
			return false
		}
	}
}

// parse reads a name. Ok is false for one that is none of a message.
func (f *KeptFolder) parse(dir, name string) (file File, ok bool) {
	if strings.HasPrefix(name, ".") {
		return file, false
	}
	file = File{Dir: dir, Name: name}
	if f.kind == KindDir {
		stem, isLetter := strings.CutSuffix(name, ".eml")
		number, _, _ := strings.Cut(stem, "~")
		if n, err := strconv.ParseUint(number, 10, 32); err == nil {
			file.Tag.UID = uint32(n)
		}
		return file, isLetter
	}
	base, letters, _ := strings.Cut(name, ":2,")
	if base == "" || strings.Contains(base, ":") {
		return file, false // other information than flags
	}
	file.Tag, file.base = parseTag(base)
	file.Flags, file.letters = ParseLetters(letters), letters
	return file, true
}

// Made says whether a store of this package made the name of a file: of a Maildir, its "Q7_" and what no other process has.
func (f *File) Made() bool {
	if f.base == "" {
		return f.Tag.UID != 0
	}
	_, behind, ok := strings.Cut(f.base, "Q")
	number, unique, cut := strings.Cut(behind, "_")
	_, err := strconv.ParseUint(number, 10, 64)
	return ok && cut && err == nil && strings.IndexByte(unique, '.') == uniqueLength
}
