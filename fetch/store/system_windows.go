package store

import (
	"os"
	"time"
)

// fcntlLock does nothing where there is no fcntl.
func fcntlLock(*os.File, time.Duration) error { return nil }

func processDied(int) bool { return false }

// openFiles is how many files may be open.
func openFiles() int { return 8192 }
