//go:build !unix

package stream

import "os"

// pathFile is a file that is open for reading.
type pathFile struct{ f *os.File }

func openPath(name string) (pathFile, error) {
	f, err := os.Open(name)
	return pathFile{f}, err
}

func (f pathFile) read(p []byte) (int, error) { return f.f.Read(p) }

func (f pathFile) close() error { return f.f.Close() }

func (f pathFile) file(string) *os.File { return f.f }
