package main

import (
	"errors"
	"syscall"
)

// failures are letters with which something failed. Each is told at once.
type failures struct {
	n     int
	first error
	full  bool // that the disk is full was told
}

// add tells of a failure: what is the letter's name. That a disk is full, which hundreds may meet, is told once.
func (f *failures) add(e *env, what string, err error) {
	full := errors.Is(err, syscall.ENOSPC)
	if !full || !f.full {
		e.warn("%s: %v", what, err)
	}
	f.full = f.full || full
	f.note(err)
}

// note counts a failure that is told already.
func (f *failures) note(err error) {
	f.n++
	if f.first == nil {
		f.first = err
	}
}

// status is that of the command: some done, some not; or why nothing was.
func (f *failures) status(done int) error {
	switch {
	case f.n == 0:
		return nil
	case done > 0 || f.n > 1 && statusOf(f.first) != exitNegative:
		return silent(exitPartial)
	}
	return silent(statusOf(f.first))
}
