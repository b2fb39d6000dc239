package fetch

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"posta/internal/atomicfile"
)

// records gives the fields of all records of the file again, in their order.
func (f *stateFile) records(record func(fields []string) error) error {
	end, err := f.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	r := bufio.NewReaderSize(io.NewSectionReader(f.file, 0, end), 64<<10)
	for first := true; ; first = false {
		line, err := r.ReadString('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if first {
			continue
		}
		fields, ok := splitFields(strings.TrimSuffix(line, "\n"))
		if !ok {
			return fmt.Errorf("%s: %w: %.80q", f.path, ErrState, line)
		}
		if err := record(fields); err != nil {
			return err
		}
	}
}

// compact makes the file small: what counts of it, in the same order.
func (s *State) compact() error {
	f, err := atomicfile.Create(filepath.Dir(s.file.path))
	if err != nil {
		return err
	}
	defer f.Abandon()
	w := bufio.NewWriterSize(f, 64<<10)
	w.Write(s.file.firstLine())
	if err := s.file.records(func(values []string) error { return s.keep(w, values) }); err != nil {
		return err
	}
	for _, uid := range slices.Sorted(maps.Keys(s.pending)) {
		w.Write(s.pending[uid].line(nil, uid))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := f.Replace(s.file.path); err != nil {
		return err
	}
	return s.file.reopen()
}

// keep writes a record that is the last word on a stored letter.
func (s *State) keep(w io.Writer, values []string) error {
	if values[0] != "+" {
		return nil
	}
	l, err := readStored(values)
	if err != nil {
		return err
	}
	k := s.stored.get(values[2])
	if k == nil || k.tally() == written || !k.is(l) {
		return nil
	}
	k.setTally(written)
	_, err = w.Write(l.line(nil, values[2]))
	return err
}
