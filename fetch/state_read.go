package fetch

import (
	"fmt"
	"sort"
	"strconv"
)

// record takes a line in.
func (s *State) record(values []string) error {
	switch {
	case values[0] == "-" && len(values) == 2:
		delete(s.stored, values[1])
		delete(s.pending, values[1])
		return nil
	case values[0] == "=" && len(values) == 3:
		s.values[values[1]] = values[2]
		return nil
	case len(values) < 3:
		return ErrState
	}
	t, err := strconv.ParseInt(values[1], 10, 64)
	switch {
	case err != nil:
		return ErrState
	case values[0] == "+" && len(values) == 3:
		delete(s.pending, values[2])
		s.stored[values[2]] = t
	case values[0] == "?" && len(values) == 4:
		s.pending[values[2]] = Pending{Key: values[2], Place: values[3], Time: t}
	default:
		return ErrState
	}
	return nil
}

func (p Pending) line(b []byte) []byte {
	return fmt.Appendf(b, "? %d %s %s\n", p.Time, escape(p.Key), escape(p.Place))
}

// all is what counts, as lines.
func (s *State) all() []byte {
	var b []byte
	for _, key := range sortedKeys(s.stored) {
		b = fmt.Appendf(b, "+ %d %s\n", s.stored[key], escape(key))
	}
	for _, key := range sortedKeys(s.pending) {
		b = s.pending[key].line(b)
	}
	for _, name := range sortedKeys(s.values) {
		b = fmt.Appendf(b, "= %s %s\n", escape(name), escape(s.values[name]))
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
