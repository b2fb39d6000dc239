package main

import (
	"bufio"
	"io"
	"os"
)

// syncedOutput is standard output as a store: what is flushed is on the disk, where standard output is a file.
type syncedOutput struct {
	w   *bufio.Writer
	raw io.Writer
}

func newSyncedOutput(e *env) *syncedOutput {
	return &syncedOutput{w: bufio.NewWriterSize(e.stdout, 64<<10), raw: e.stdout}
}

func (s *syncedOutput) Write(p []byte) (int, error) { return s.w.Write(p) }

// Flush writes what is held, and syncs a file.
func (s *syncedOutput) Flush() error {
	if err := s.w.Flush(); err != nil {
		return writeError(err)
	}
	f, ok := s.raw.(*os.File)
	if !ok {
		return nil
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	return writeError(f.Sync())
}
