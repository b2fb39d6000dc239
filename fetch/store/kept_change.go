package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"posta/internal/atomicfile"
)

// Change gives a file of a Maildir this tag and these flags, and keeps the letters of others. One of a dir is called after the
// tag's UID. No file is overwritten. fs.ErrNotExist: somebody else was faster. It is durable after Sync.
func (f *KeptFolder) Change(file File, tag Tag, flags Flags) (File, error) {
	changed := file
	changed.Tag, changed.Flags = tag, flags
	if f.kind == KindMaildir {
		changed.Name = file.base + tag.text()
		changed.letters = mergeLetters(flags, file.letters)
		if changed.letters != "" || filepath.Base(file.Dir) == "cur" {
			changed.Dir = filepath.Join(f.dir, "cur")
			changed.Name += ":2," + changed.letters
		}
		return changed, f.rename(file, changed)
	}
	for i := 1; ; i++ {
		changed.Name = fmt.Sprintf("%d.eml", tag.UID)
		if i > 1 {
			changed.Name = fmt.Sprintf("%d~%d.eml", tag.UID, i)
		}
		if err := f.rename(file, changed); !errors.Is(err, fs.ErrExist) {
			return changed, err
		}
	}
}

// mergeLetters are those of flags, with the letters of others, in the order of ASCII that Maildir demands.
func mergeLetters(flags Flags, letters string) string {
	merged := []byte(flags.Letters())
	for i := range len(letters) {
		if strings.IndexByte(flagLetters, letters[i]) < 0 {
			merged = append(merged, letters[i])
		}
	}
	slices.Sort(merged)
	return string(merged)
}

func (f *KeptFolder) rename(from, to File) error {
	if from.Path() == to.Path() {
		return nil
	}
	err := atomicfile.Rename(from.Path(), to.Path())
	if errors.Is(err, fs.ErrExist) && sameFile(from.Path(), to.Path()) {
		err = os.Remove(from.Path()) // a crash between the two steps of a rename left both names
	}
	if err != nil {
		return err
	}
	f.touched[from.Dir], f.touched[to.Dir] = nil, nil
	return nil
}

func sameFile(a, b string) bool {
	x, err1 := os.Lstat(a)
	y, err2 := os.Lstat(b)
	return err1 == nil && err2 == nil && os.SameFile(x, y)
}

// Remove removes a file. It is durable after Sync.
func (f *KeptFolder) Remove(file File) error {
	if err := os.Remove(file.Path()); err != nil {
		return err
	}
	f.touched[file.Dir] = nil
	return nil
}

// Sync makes durable what was changed. Errors are *WriteError.
func (f *KeptFolder) Sync() error {
	syncDirs(f.touched)
	var errs []error
	for _, err := range f.touched {
		errs = append(errs, err)
	}
	clear(f.touched)
	return errors.Join(errs...)
}
