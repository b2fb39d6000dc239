package fetch

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"posta/internal/atomicfile"
)

// maxStateLine bounds a line: a key and a place, escaped.
const maxStateLine = 16 << 10

// read reads the file, and cuts off a last line that is not whole. An empty file gets its first line.
func (s *State) read() error {
	r := bufio.NewReaderSize(s.file, 64<<10)
	var end int64
	for first := true; ; first = false {
		line, err := r.ReadString('\n')
		switch {
		case err == io.EOF:
			return s.begin(first, end)
		case err != nil:
			return err
		case len(line) > maxStateLine:
			return fmt.Errorf("%s: %w: a line too long", s.path, ErrState)
		}
		end += int64(len(line))
		fields := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		if first {
			err = s.header(fields)
		} else {
			err = s.record(fields)
		}
		if err != nil {
			return err
		}
		s.lines++
	}
}

// begin makes the file ready to be appended to.
func (s *State) begin(empty bool, end int64) error {
	if err := s.file.Truncate(end); err != nil {
		return err
	}
	if _, err := s.file.Seek(end, io.SeekStart); err != nil {
		return err
	}
	if !empty {
		return nil
	}
	if err := s.append(true, s.firstLine()); err != nil {
		return err
	}
	return atomicfile.SyncDir(filepath.Dir(s.path))
}

func (s *State) firstLine() []byte { return fmt.Appendf(nil, "posta-state 1 %s\n", escape(s.source)) }

func (s *State) header(fields []string) error {
	if len(fields) != 3 || fields[0] != "posta-state" || fields[1] != "1" {
		return fmt.Errorf("%s: %w: it begins otherwise", s.path, ErrState)
	}
	if source, err := unescape(fields[2]); err != nil || source != s.source {
		return fmt.Errorf("%s: %w, but of %s", s.path, ErrState, fields[2])
	}
	return nil
}

// record takes a line in.
func (s *State) record(fields []string) error {
	bad := fmt.Errorf("%s: %w: %.80q", s.path, ErrState, strings.Join(fields, " "))
	values := make([]string, len(fields))
	for i, f := range fields {
		v, err := unescape(f)
		if err != nil {
			return bad
		}
		values[i] = v
	}
	switch {
	case fields[0] == "-" && len(fields) == 2:
		delete(s.stored, values[1])
		delete(s.pending, values[1])
		return nil
	case fields[0] == "=" && len(fields) == 3:
		s.values[values[1]] = values[2]
		return nil
	case len(fields) < 3:
		return bad
	}
	t, err := strconv.ParseInt(fields[1], 10, 64)
	switch {
	case err != nil:
		return bad
	case fields[0] == "+" && len(fields) == 3:
		delete(s.pending, values[2])
		s.stored[values[2]] = t
	case fields[0] == "?" && len(fields) == 4:
		s.pending[values[2]] = Pending{Key: values[2], Place: values[3], Time: t}
	default:
		return bad
	}
	return nil
}

func (p Pending) line(b []byte) []byte {
	return fmt.Appendf(b, "? %d %s %s\n", p.Time, escape(p.Key), escape(p.Place))
}

// compact writes the file anew, with what counts alone.
func (s *State) compact() error {
	b := s.firstLine()
	for _, key := range sortedKeys(s.stored) {
		b = fmt.Appendf(b, "+ %d %s\n", s.stored[key], escape(key))
	}
	for _, key := range sortedKeys(s.pending) {
		b = s.pending[key].line(b)
	}
	for _, name := range sortedKeys(s.values) {
		b = fmt.Appendf(b, "= %s %s\n", escape(name), escape(s.values[name]))
	}
	if err := atomicfile.WriteFile(s.path, b); err != nil {
		return err
	}
	old := s.file
	return errors.Join(s.open(), old.Close())
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// escape makes a field of s. An empty one is "%".
func escape(s string) string {
	if s == "" {
		return "%"
	}
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c > ' ' && c <= '~' && c != '%' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func unescape(s string) (string, error) {
	switch s {
	case "%":
		return "", nil
	case "":
		return "", ErrState
	}
	if !strings.Contains(s, "%") {
		return s, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", ErrState
		}
		c, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
		if err != nil {
			return "", ErrState
		}
		b.WriteByte(byte(c))
		i += 2
	}
	return b.String(), nil
}
