package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"posta/internal/atomicfile"
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
		err := makeDotlock(name)
		switch {
		case err == nil:
			return func() error { return os.Remove(name) }, nil
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

// makeDotlock makes the file name, unless it is there. It has the number of this process from the first moment on: were that
// written afterwards, a program that is killed in between would leave a lock of which nobody knows whether its owner lives.
func makeDotlock(name string) error {
	temp := filepath.Join(filepath.Dir(name), tempPrefix+uniqueText())
	if err := os.WriteFile(temp, fmt.Appendf(nil, "%d\n", os.Getpid()), 0o600); err != nil {
		return err
	}
	defer os.Remove(temp)
	return atomicfile.Rename(temp, name) // over nothing
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
