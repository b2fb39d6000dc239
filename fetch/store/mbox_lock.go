package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// ErrLocked: another program has the mbox file locked, and did not let go of it.
var ErrLocked = errors.New("the mbox file is locked by another program")

const (
	lockPoll  = 50 * time.Millisecond
	lockStale = 5 * time.Minute // a dotlock that has not been touched for so long is one of a program that died
)

// lockMbox makes the dotlock PATH.lock, as mail programs expect it. In a folder where it may not be made, such as
// /var/mail, the fcntl lock alone has to do.
func lockMbox(path string, wait time.Duration) (unlock func() error, err error) {
	name := path + ".lock"
	for end := time.Now().Add(wait); ; time.Sleep(lockPoll) {
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		switch {
		case err == nil:
			fmt.Fprintf(f, "%d\n", os.Getpid())
			return func() error { return os.Remove(name) }, f.Close()
		case errors.Is(err, fs.ErrPermission):
			return func() error { return nil }, nil
		case !errors.Is(err, fs.ErrExist):
			return nil, err
		}
		if info, err := os.Stat(name); err == nil && (time.Since(info.ModTime()) > lockStale || ownerDied(name)) {
			os.Remove(name)
			continue
		}
		if time.Now().After(end) {
			return nil, fmt.Errorf("%w (%s)", ErrLocked, name)
		}
	}
}

// ownerDied says whether the dotlock has the number of a process of this machine that is no more.
func ownerDied(name string) bool {
	text, err := os.ReadFile(name)
	if err != nil {
		return false
	}
	var pid int
	if _, err := fmt.Sscanf(string(text), "%d", &pid); err != nil || pid <= 0 {
		return false
	}
	return processDied(pid)
}
