package mimetool

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// spoolMemory is how much of a spool is kept in memory before it goes to a file.
const spoolMemory = 1 << 20

// A spool keeps what has to be read twice, such as a message that is saved and walked: in memory while it is small,
// otherwise in a file without a name.
type spool struct {
	mem  []byte
	file *os.File
	size int64
	gone bool // file has no name any more, as most systems allow
}

// Write takes more.
func (s *spool) Write(p []byte) (int, error) {
	s.size += int64(len(p))
	if s.file == nil && len(s.mem)+len(p) <= spoolMemory {
		s.mem = append(s.mem, p...)
		return len(p), nil
	}
	if s.file == nil {
		f, err := os.CreateTemp("", "posta-*")
		if err != nil {
			return 0, err
		}
		s.file = f
		s.gone = os.Remove(f.Name()) == nil
		if _, err := f.Write(s.mem); err != nil {
			return 0, err
		}
		s.mem = nil
	}
	return s.file.Write(p)
}

// reader reads it from the start.
func (s *spool) reader() *io.SectionReader {
	if s.file == nil {
		return io.NewSectionReader(bytes.NewReader(s.mem), 0, s.size)
	}
	return io.NewSectionReader(s.file, 0, s.size)
}

// close gives the file back.
func (s *spool) close() error {
	s.mem = nil
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if !s.gone {
		err = errors.Join(err, os.Remove(s.file.Name()))
	}
	return err
}
