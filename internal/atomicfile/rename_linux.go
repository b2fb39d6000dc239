package atomicfile

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// Rename gives a file its new name on the same file system. It overwrites nothing: where the name is taken the error is
// fs.ErrExist.
func Rename(from, to string) error {
	err := unix.EINTR
	for err == unix.EINTR {
		err, _ = unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE).(unix.Errno)
	}
	switch {
	case err == 0:
		return nil
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOSYS): // NFS and others do not know the flag
		return renameByLink(from, to)
	}
	return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
}

// Begin lets the system begin to write f to the disk, so that a Sync that comes later waits less. It promises nothing.
func Begin(f *os.File) {
	unix.SyncFileRange(int(f.Fd()), 0, 0, unix.SYNC_FILE_RANGE_WRITE)
}
