package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"posta/mimetool/stream"
)

// rereader is a message that can be read more than once, and from any place: a file, or what was kept of a stream, in
// memory while it is small.
type rereader struct {
	io.ReadSeeker
	start int64
	temp  *os.File
	gone  bool // temp has no name any more, as most systems allow: nothing stays when the program is killed
}

// rereadMemory is how much of a message is kept in memory.
const rereadMemory = 1 << 20

func newRereader(m *stream.Message) (*rereader, error) {
	if m.File() != nil {
		f, ok := m.Reader.(io.ReadSeeker) // which ends when the user interrupts
		if !ok {
			f = m.File()
		}
		if start, err := f.Seek(0, io.SeekCurrent); err == nil {
			return &rereader{ReadSeeker: f, start: start}, nil
		}
	}
	var begin bytes.Buffer
	_, err := io.CopyN(&begin, m, rereadMemory)
	if errors.Is(err, io.EOF) {
		return &rereader{ReadSeeker: bytes.NewReader(begin.Bytes())}, nil
	}
	if err != nil {
		return nil, err
	}
	f, err := os.CreateTemp("", "posta-message-")
	if err != nil {
		return nil, fail(exitCantCreate, "a temporary file: %w", err)
	}
	r := &rereader{ReadSeeker: f, temp: f, gone: os.Remove(f.Name()) == nil}
	if _, err = io.Copy(f, io.MultiReader(&begin, m)); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// rewind goes back to the message's first octet.
func (r *rereader) rewind() error { return r.at(0) }

// at goes to an octet of the message.
func (r *rereader) at(offset int64) error {
	_, err := r.Seek(r.start+offset, io.SeekStart)
	return err
}

// Close removes what was kept.
func (r *rereader) Close() error {
	if r.temp == nil {
		return nil
	}
	err := r.temp.Close()
	if !r.gone {
		err = errors.Join(err, os.Remove(r.temp.Name()))
	}
	return err
}

// parseOctets reads a size: octets, or with K, M or G behind it 1024 of them, and so on. "" is 0.
func parseOctets(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	digits := strings.TrimRight(strings.ToUpper(text), "KMGIB")
	shift, ok := map[string]int{"": 0, "B": 0, "K": 10, "KB": 10, "KIB": 10, "M": 20, "MB": 20, "MIB": 20, "G": 30, "GB": 30, "GIB": 30}[strings.ToUpper(text[len(digits):])]
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || !ok || n <= 0 || n > (1<<62)>>shift {
		return 0, fmt.Errorf("%q is no size: 5000, 64K, 10M, 1G", text)
	}
	return n << shift, nil
}
