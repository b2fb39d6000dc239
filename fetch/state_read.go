package fetch

import (
	"fmt"
	"strconv"
)

// record takes a line in.
func (s *State) record(values []string) error {
	kind, n := values[0], len(values)
	switch {
	case kind == "-" && n == 2:
		s.stored.drop(values[1])
		delete(s.pending, values[1])
		return nil
	case kind == "+" && n == 4, kind == "?" && n == 5:
	default:
		return ErrState
	}
	l, err := readStored(values)
	if err != nil {
		return err
	}
	if kind == "+" {
		delete(s.pending, values[2])
		s.stored.put(values[2], l)
	} else {
		s.pending[values[2]] = pendingLetter{l, values[3]}
	}
	return nil
}

func (l storedLetter) line(b []byte, uid string) []byte {
	return fmt.Appendf(b, "+ %d %s %d\n", l.since, escape(uid), l.size)
}

func (p pendingLetter) line(b []byte, uid string) []byte {
	return fmt.Appendf(b, "? %d %s %s %d\n", p.since, escape(uid), escape(p.place), p.size)
}

// readStored reads the fields of "+" or "?".
func readStored(values []string) (storedLetter, error) {
	since, err := strconv.ParseInt(values[1], 10, 64)
	size, sizeErr := strconv.ParseInt(values[len(values)-1], 10, 64)
	if err != nil || sizeErr != nil {
		return storedLetter{}, ErrState
	}
	return storedLetter{since, size}, nil
}
