package sandbox

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// inMemory is how many octets of a letter are kept in memory; a larger one goes to a file.
const inMemory = 1 << 20

// errTooLarge is a letter beyond Options.MaxSize.
var errTooLarge = errors.New("letter too large")

// spool takes the octets of a letter as they come: into memory, and from inMemory on into a file; into a file from
// the start when toFile is set.
type spool struct {
	dir    string // where a file would be
	toFile bool
	max    int64 // octets, 0: no limit
	size   int64
	buf    []byte
	file   *os.File
}

func (s *spool) Write(p []byte) (int, error) {
	s.size += int64(len(p))
	if s.max > 0 && s.size > s.max {
		return 0, errTooLarge
	}
	if s.file == nil && (s.toFile || s.size > inMemory) {
		file, err := os.CreateTemp(s.dir, "letter-")
		if err != nil {
			return 0, err
		}
		s.file = file
		if _, err := file.Write(s.buf); err != nil {
			return 0, err
		}
		s.buf = nil
	}
	if s.file != nil {
		return s.file.Write(p)
	}
	s.buf = append(s.buf, p...)
	return len(p), nil
}

// discard gives up what was spooled.
func (s *spool) discard() {
	if s.file != nil {
		s.file.Close()
		os.Remove(s.file.Name())
	}
	s.file, s.buf = nil, nil
}

// finish ends the spool: its octets are content from now on.
func (s *spool) finish() (content, error) {
	if s.file == nil && !s.toFile {
		return content{mem: s.buf, size: s.size}, nil
	}
	if s.file == nil { // an empty letter
		if _, err := s.Write(nil); err != nil {
			return content{}, err
		}
	}
	if s.toFile {
		if err := s.file.Sync(); err != nil {
			return content{}, err
		}
	}
	return content{file: s.file.Name(), size: s.size}, s.file.Close()
}

// content is the octets of a letter that was caught: in memory, or in a file.
type content struct {
	mem  []byte
	file string
	size int64
}

func (c content) open() (io.ReadCloser, error) {
	if c.file != "" {
		return os.Open(c.file)
	}
	return io.NopCloser(bytes.NewReader(c.mem)), nil
}

// head is the beginning of the letter, at most n octets.
func (c content) head(n int64) ([]byte, error) {
	r, err := c.open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, n))
}

// remove removes the file of a letter that was spooled to one.
func (c content) remove() error {
	if c.file == "" {
		return nil
	}
	return os.Remove(c.file)
}
