//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package main

import "os"

// lockFile does nothing where flock(2) is not to be had.
func lockFile(*os.File) (unlock func(), err error) { return func() {}, nil }

// tryLock does nothing either.
func tryLock(*os.File) error { return nil }
