package store

import (
	"bytes"
	"io"
	"os"
)

// spoolMemory is how much of a spool is in memory; what is more goes to a temporary file.
const spoolMemory = 1 << 20

// spool holds octets until it is known that they are whole. The zero value is empty; drop removes its file.
type spool struct {
	mem  bytes.Buffer
	file *os.File
	n    int64
}

func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil && s.mem.Len()+len(p) > spoolMemory {
		if err := s.spill(); err != nil {
			return 0, err
		}
	}
	var n int
	var err error
	if s.file != nil {
		n, err = s.file.WriteAt(p, s.n)
	} else {
		n, err = s.mem.Write(p)
	}
	s.n += int64(n)
	return n, err
}

// spill moves what is in memory to a file without a name.
func (s *spool) spill() error {
	f, err := os.CreateTemp("", "posta-spool-")
	if err != nil {
		return err
	}
	os.Remove(f.Name()) // where that is not possible, drop does it
	s.file = f
	_, err = f.WriteAt(s.mem.Bytes(), 0)
	s.mem = bytes.Buffer{}
	return err
}

// truncate takes back what was written since there were n octets.
func (s *spool) truncate(n int64) error {
	s.n = n
	if s.file != nil {
		return s.file.Truncate(n)
	}
	s.mem.Truncate(int(n))
	return nil
}

// reader reads all, from the beginning.
func (s *spool) reader() io.Reader {
	if s.file != nil {
		return io.NewSectionReader(s.file, 0, s.n)
	}
	return bytes.NewReader(s.mem.Bytes())
}

// reset empties the spool.
func (s *spool) reset() {
	s.drop()
	s.mem.Reset()
	s.n = 0
}

func (s *spool) drop() {
	if s.file != nil {
		s.file.Close()
		os.Remove(s.file.Name())
		s.file = nil
	}
}
