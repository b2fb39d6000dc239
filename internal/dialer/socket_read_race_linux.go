//go:build race

package dialer

import "syscall"

// readNow is one by which the race detector sees that what the peer did before it sent something comes before what is done with
// it, as with all other connections.
func readNow(fd uintptr, p []byte) (int, error) { return syscall.Read(int(fd), p) }
