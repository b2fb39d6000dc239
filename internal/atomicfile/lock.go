package atomicfile

import (
	"errors"
	"os"
)

// ErrLocked: another process has the file.
var ErrLocked = errors.New("in use by another process")

// OpenLocked opens the file name for reading and writing, makes it where it is missing, and locks it against other
// processes until it is closed. Where another has it, the error is ErrLocked at once. The file may be replaced (WriteFile)
// by the one who has it: the lock is on the file that has the name.
func OpenLocked(name string) (*os.File, error) {
	for {
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, err
		}
		if err := tryLock(f); err != nil {
			f.Close()
			return nil, &os.PathError{Op: "lock", Path: name, Err: err}
		}
		if isNamed(f, name) {
			return f, nil
		}
		f.Close() // it was replaced before it could be locked
	}
}

func isNamed(f *os.File, name string) bool {
	have, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(name)
	return err == nil && os.SameFile(have, named)
}
