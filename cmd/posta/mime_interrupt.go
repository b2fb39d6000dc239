package main

import (
	"context"
	"io"
	"os"
)

// watchedFile is a file that cannot be read any more when the user has interrupted: what is cut short then is not taken
// for whole.
type watchedFile struct {
	ctx  context.Context
	file *os.File
	kept bool // it is standard input, which may be named twice
}

func (w *watchedFile) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.file.Read(p)
}

func (w *watchedFile) Seek(offset int64, whence int) (int64, error) {
	return w.file.Seek(offset, whence)
}

func (w *watchedFile) Stat() (os.FileInfo, error) { return w.file.Stat() }

// File is the file itself.
func (w *watchedFile) File() *os.File { return w.file }

func (w *watchedFile) Close() error {
	if w.kept {
		return nil
	}
	return w.file.Close()
}

// standardInput is standard input, of which reading ends when the user interrupts, though nobody writes to it.
func standardInput(ctx context.Context, e *env) io.ReadCloser {
	f, ok := e.stdin.(*os.File)
	switch {
	case !ok:
		return io.NopCloser(e.stdin)
	case isRegular(f):
		return &watchedFile{ctx, f, true}
	}
	return io.NopCloser(newInterruptible(ctx, f))
}

// watchedWriter is a writer that cannot be written to any more when the user has interrupted.
type watchedWriter struct {
	ctx context.Context
	io.Writer
}

func (w watchedWriter) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.Writer.Write(p)
}

// cancelledReader is a reader that cannot be read from any more when the user has interrupted.
type cancelledReader struct {
	ctx context.Context
	r   io.Reader
}

func (w *cancelledReader) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.r.Read(p)
}
