//go:build !windows

package store

import (
	"errors"
	"io"
	"os"
	"syscall"
	"time"
)

// fcntlLock locks the whole of f, until it is closed.
func fcntlLock(f *os.File, wait time.Duration) error {
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart}
	for end := time.Now().Add(wait); ; time.Sleep(lockPoll) {
		err := syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &lock)
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, syscall.EAGAIN) && !errors.Is(err, syscall.EACCES):
			return err
		case time.Now().After(end):
			return ErrLocked
		}
	}
}

// processDied says whether there is no process of that number.
func processDied(pid int) bool {
	return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}

// openFiles is how many files may be open, after the runtime raised the limit as far as it may.
func openFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 256
	}
	return int(min(uint64(limit.Cur), 1<<20))
}
