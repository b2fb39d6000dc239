package fetch

import (
	"fmt"
	"sort"
	"strconv"
)

// record takes a line in.
func (s *State) record(values []string) error {
	kind, n := values[0], len(values)
	switch {
	case kind == "-" && n == 2:
		delete(s.stored, values[1])
		delete(s.pending, values[1])
		return nil
	case kind == "+" && n == 4, kind == "?" && n == 5:
	default:
		return ErrState
	}
	since, err := strconv.ParseInt(values[1], 10, 64)
	size, sizeErr := strconv.ParseInt(values[n-1], 10, 64)
	if err != nil || sizeErr != nil {
		return ErrState
	}
	l := storedLetter{since, size}
	if kind == "+" {
		delete(s.pending, values[2])
		s.stored[values[2]] = l
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

// all is what counts, as lines.
func (s *State) all() []byte {
	var b []byte
	for _, uid := range sortedKeys(s.stored) {
		b = s.stored[uid].line(b, uid)
	}
	for _, uid := range sortedKeys(s.pending) {
		b = s.pending[uid].line(b, uid)
	}
	return b
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
