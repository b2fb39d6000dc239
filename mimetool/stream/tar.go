package stream

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strconv"
	"strings"
	"time"
)

// Pax records that keep the envelope (POSIX.1-2001: VENDOR.keyword).
const (
	paxFrom = "POSTA.from"
	paxTo   = "POSTA.to"
)

const errSparse = malformed("a sparse file in the archive")

// readTar gives the regular files of an archive. Directories, links and devices are passed over.
func readTar(r io.Reader) iter.Seq2[*Message, error] {
	return func(yield func(*Message, error) bool) {
		t := tar.NewReader(r)
		for i := 1; ; {
			h, err := t.Next()
			if err == io.EOF {
				return
			}
			if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
				yield(nil, tarError(err))
				return
			}
			if h.Typeflag != tar.TypeReg && h.Typeflag != tar.TypeGNUSparse {
				continue
			}
			if !yield(tarMessage(t, h, i)) {
				return
			}
			i++
		}
	}
}

// tarError says that what is no archive is malformed.
func tarError(err error) error {
	if errors.Is(err, tar.ErrHeader) {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return err
}

func tarMessage(t *tar.Reader, h *tar.Header, i int) (*Message, error) {
	if isSparse(h) {
		// A few octets would become any number of zeros.
		return nil, &EntryError{Index: i, Name: h.Name, Err: errSparse}
	}
	m := &Message{Reader: t, Index: i, Name: h.Name, Size: h.Size, Date: h.ModTime}
	if from, ok := h.PAXRecords[paxFrom]; ok {
		m.From, m.NullFrom = from, from == ""
	}
	if to := h.PAXRecords[paxTo]; to != "" {
		m.To = strings.Split(to, "\n")
	}
	return m, nil
}

func isSparse(h *tar.Header) bool {
	for k := range h.PAXRecords {
		if strings.HasPrefix(k, "GNU.sparse.") {
			return true
		}
	}
	return h.Typeflag == tar.TypeGNUSparse
}

// tarWriter writes an archive of regular files.
type tarWriter struct {
	t   *tar.Writer
	opt Options
	n   int
}

func newTarWriter(w io.Writer, opt Options) *tarWriter {
	return &tarWriter{t: tar.NewWriter(w), opt: opt}
}

// WriteMessage writes m as a file of its name, or NNNNNN.eml. A size that is not known is found out with a temporary file.
func (w *tarWriter) WriteMessage(m *Message) error {
	w.n++
	size, content := m.Size, io.Reader(m)
	if size < 0 {
		f, n, err := spool(m, w.opt.TempDir)
		if err != nil {
			return err
		}
		defer os.Remove(f.Name())
		defer f.Close()
		size, content = n, f
	}
	if err := w.t.WriteHeader(w.header(m, size)); err != nil {
		return err
	}
	n, err := io.Copy(w.t, content)
	if err == nil && n < size {
		err = io.ErrUnexpectedEOF
	}
	return err
}

func (w *tarWriter) header(m *Message, size int64) *tar.Header {
	h := &tar.Header{Typeflag: tar.TypeReg, Name: m.Name, Mode: 0o644, Size: size, ModTime: m.Date.Truncate(time.Second), PAXRecords: map[string]string{}}
	if h.Name == "" {
		h.Name = strconv.Itoa(1000000 + w.n)[1:] + ".eml"
	}
	if m.Date.IsZero() {
		h.ModTime = time.Unix(0, 0)
	}
	if m.From != "" {
		h.PAXRecords[paxFrom] = m.From
	}
	if len(m.To) > 0 {
		h.PAXRecords[paxTo] = strings.Join(m.To, "\n")
	}
	return h
}

func (w *tarWriter) Close() error { return w.t.Close() }

// spool copies r to a temporary file, at whose beginning it stands then.
func spool(r io.Reader, dir string) (*os.File, int64, error) {
	f, err := os.CreateTemp(dir, "posta-stream-")
	if err != nil {
		return nil, 0, err
	}
	n, err := io.Copy(f, r)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.Close()
		os.Remove(f.Name())
		return nil, 0, err
	}
	return f, n, nil
}
