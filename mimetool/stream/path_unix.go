//go:build unix

package stream

import (
	"io"
	"os"
	"syscall"
)

// pathFile is a file that is open for reading. A list of paths names very many small ones, of which package os would
// spend a third of the time on telling the poller and the garbage collector.
type pathFile struct{ fd int }

func openPath(name string) (pathFile, error) {
	for {
		fd, err := syscall.Open(name, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		if err != syscall.EINTR {
			return pathFile{fd}, err
		}
	}
}

func (f pathFile) read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for {
		n, err := syscall.Read(f.fd, p)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

func (f pathFile) close() error { return syscall.Close(f.fd) }

// file is the file as package os has it, which closes it from now on.
func (f pathFile) file(name string) *os.File { return os.NewFile(uintptr(f.fd), name) }
