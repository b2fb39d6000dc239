//go:build !linux

package atomicfile

import "os"

// Rename gives a file its new name on the same file system. It overwrites nothing: where the name is taken the error is
// fs.ErrExist.
func Rename(from, to string) error { return renameByLink(from, to) }

// Begin lets the system begin to write f to the disk, so that a Sync that comes later waits less. It promises nothing.
func Begin(*os.File) {}
