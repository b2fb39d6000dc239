package fetch

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"posta/fetch/store"
	"posta/internal/atomicfile"
)

// stateFile is a file of lines that is locked while it is open, and appended to. Its first line says of which source it is. A
// line is fields with a blank between, in which other octets than the printable ones of ASCII, blanks and "%" are %XX.
type stateFile struct {
	path, source string
	file         *os.File
	lines        int // records that were appended together count as one
}

// maxStateLine bounds a line: a key and a place, escaped.
const maxStateLine = 16 << 10

// open makes the file where it is missing, with its folder, locks it, and gives the fields of each record. ErrBusy: another
// run has it; ErrState: it is of another source, or no state at all, or record says so. A last line without its end is
// what a crash left, and is cut off.
func (f *stateFile) open(record func(fields []string) error) error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return err
	}
	if err := f.lock(); err != nil {
		return err
	}
	if err := f.read(record); err != nil {
		f.file.Close()
		return err
	}
	return nil
}

func (f *stateFile) lock() error {
	file, err := atomicfile.OpenLocked(f.path)
	if errors.Is(err, atomicfile.ErrLocked) {
		return fmt.Errorf("%s: %w", f.path, ErrBusy)
	}
	f.file = file
	return err
}

func (f *stateFile) read(record func(fields []string) error) error {
	r := bufio.NewReaderSize(f.file, 64<<10)
	var end int64
	for first := true; ; first = false {
		line, err := r.ReadString('\n')
		switch {
		case err == io.EOF:
			return f.begin(first, end)
		case err != nil:
			return err
		case len(line) > maxStateLine:
			return fmt.Errorf("%s: %w: a line too long", f.path, ErrState)
		}
		end += int64(len(line))
		line = strings.TrimSuffix(line, "\n")
		if first {
			err = f.header(line)
		} else if fields, ok := splitFields(line); !ok || record(fields) != nil {
			err = fmt.Errorf("%s: %w: %.80q", f.path, ErrState, line)
		}
		if err != nil {
			return err
		}
		f.lines++
	}
}

// begin makes the file ready to be appended to.
func (f *stateFile) begin(empty bool, end int64) error {
	if err := f.file.Truncate(end); err != nil {
		return err
	}
	if _, err := f.file.Seek(end, io.SeekStart); err != nil {
		return err
	}
	if !empty {
		return nil
	}
	if err := f.append(true, f.firstLine()); err != nil {
		return err
	}
	return atomicfile.SyncDir(filepath.Dir(f.path))
}

func (f *stateFile) firstLine() []byte {
	return fmt.Appendf(nil, "posta-state 1 %s\n", escape(f.source))
}

func (f *stateFile) header(line string) error {
	fields, ok := splitFields(line)
	if !ok || len(fields) != 3 || fields[0] != "posta-state" || fields[1] != "1" {
		return fmt.Errorf("%s: %w: it begins otherwise", f.path, ErrState)
	}
	if fields[2] != f.source {
		return fmt.Errorf("%s: %w, but of %s", f.path, ErrState, escape(fields[2]))
	}
	return nil
}

// append writes lines to the end, or nothing.
func (f *stateFile) append(sync bool, b []byte) error {
	if len(b) == 0 {
		return nil
	}
	if n, err := f.file.Write(b); err != nil {
		return errors.Join(err, f.takeBack(n))
	}
	f.lines++
	if sync {
		return f.file.Sync()
	}
	return nil
}

// takeBack takes away what a full disk had room for: what is appended later must not continue a line of that.
func (f *stateFile) takeBack(n int) error {
	end, err := f.file.Seek(int64(-n), io.SeekCurrent)
	if err != nil {
		return err
	}
	return f.file.Truncate(end)
}

// replace makes these records the whole file, at once.
func (f *stateFile) replace(records []byte) error {
	if err := atomicfile.WriteFile(f.path, append(f.firstLine(), records...)); err != nil {
		return err
	}
	return f.reopen()
}

// reopen goes on with the file that has taken the place of this one.
func (f *stateFile) reopen() error {
	old := f.file
	if err := f.lock(); err != nil {
		f.file = old
		return err
	}
	f.lines = 0
	_, err := f.file.Seek(0, io.SeekEnd)
	return errors.Join(err, old.Close())
}

func (f *stateFile) close() error { return errors.Join(f.file.Sync(), f.file.Close()) }

// splitFields takes a line apart.
func splitFields(line string) (fields []string, ok bool) {
	fields = strings.Split(line, " ")
	for i, f := range fields {
		v, err := unescape(f)
		if err != nil {
			return nil, false
		}
		fields[i] = v
	}
	return fields, true
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
	text, ok := store.Unescape(s)
	if s == "" || !ok {
		return "", ErrState
	}
	return text, nil
}
