package main

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// spooled is standard input that can be read again: a regular file as it is, anything else from memory or, when it is
// long, from a file that nobody else sees.
type spooled struct {
	io.Reader
	seek  io.Seeker
	start int64
	temp  *os.File
}

const spoolMemory = 4 << 20

// spool takes in all of r. An error of r is one of the whole.
func spool(r io.Reader) (*spooled, error) {
	if f, ok := r.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			start, err := f.Seek(0, io.SeekCurrent)
			return &spooled{Reader: f, seek: f, start: start}, err
		}
	}
	head, err := io.ReadAll(io.LimitReader(r, spoolMemory))
	if err != nil {
		return nil, fail(exitIOErr, "read standard input: %w", err)
	}
	if len(head) < spoolMemory {
		b := bytes.NewReader(head)
		return &spooled{Reader: b, seek: b}, nil
	}
	return spoolFile(head, r)
}

// spoolFile puts head and the rest of r into a file without a name.
func spoolFile(head []byte, r io.Reader) (*spooled, error) {
	f, err := os.CreateTemp("", "posta-")
	if err != nil {
		return nil, fail(exitCantCreate, "%w", err)
	}
	os.Remove(f.Name()) // it goes with the process; where that cannot be, Close removes it
	s := &spooled{Reader: f, seek: f, temp: f}
	_, err = io.Copy(f, io.MultiReader(bytes.NewReader(head), r))
	if err == nil {
		err = s.Rewind()
	}
	if err != nil {
		s.Close()
		return nil, fail(exitIOErr, "spool standard input: %w", err)
	}
	return s, nil
}

// Rewind goes back to the start.
func (s *spooled) Rewind() error {
	if _, err := s.seek.Seek(s.start, io.SeekStart); err != nil {
		return fail(exitIOErr, "read standard input again: %w", err)
	}
	return nil
}

// Close removes what was made. Standard input stays open.
func (s *spooled) Close() error {
	if s.temp == nil {
		return nil
	}
	err := s.temp.Close()
	if rm := os.Remove(s.temp.Name()); rm != nil && !errors.Is(rm, os.ErrNotExist) {
		err = errors.Join(err, rm)
	}
	return err
}
