package imap

import (
	"cmp"
	"math"
	"slices"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
)

// maxRanges bounds a set of numbers that the server sends: 16 MiB.
const maxRanges = 2 << 20

// ranges gathers numbers, which are joined into ranges as far as they come in order.
type ranges goimap.UIDSet

// add appends a number; false: there are too many ranges.
func (s *ranges) add(start, stop uint32) bool {
	if start > stop {
		start, stop = stop, start
	}
	if n := len(*s); n > 0 {
		last := &(*s)[n-1]
		if start > uint32(last.Stop) && start-1 == uint32(last.Stop) {
			last.Stop = goimap.UID(stop)
			return true
		}
	}
	*s = append(*s, goimap.UIDRange{Start: goimap.UID(start), Stop: goimap.UID(stop)})
	return len(*s) <= maxRanges
}

// ascending puts the numbers in order, each once, in place: servers may tell what they found in any.
func (s ranges) ascending() ranges {
	slices.SortFunc(s, func(a, b goimap.UIDRange) int { return cmp.Compare(a.Start, b.Start) })
	merged := s[:0]
	for _, r := range s {
		if n := len(merged); n > 0 && uint64(r.Start) <= uint64(merged[n-1].Stop)+1 {
			merged[n-1].Stop = max(merged[n-1].Stop, r.Stop)
		} else {
			merged = append(merged, r)
		}
	}
	return merged
}

func (s ranges) seqSet() goimap.SeqSet {
	set := make(goimap.SeqSet, len(s))
	for i, r := range s {
		set[i] = goimap.SeqRange{Start: uint32(r.Start), Stop: uint32(r.Stop)}
	}
	return set
}

// parseSet reads a sequence set as servers send it: no "*", ranges in either order, in the order that they come.
func parseSet(text string) (ranges, error) {
	var set ranges
	for part := range strings.SplitSeq(text, ",") {
		from, to, isRange := strings.Cut(part, ":")
		if !isRange {
			to = from
		}
		a, okA := number([]byte(from))
		b, okB := number([]byte(to))
		if !okA || !okB || a == 0 || b == 0 || max(a, b) > math.MaxUint32 {
			return nil, protocolError("%.40q in a set of numbers", part)
		}
		if !set.add(uint32(a), uint32(b)) {
			return nil, protocolError("a set of too many numbers")
		}
	}
	return set, nil
}

// numbers reads numbers up to the end of a response: SEARCH and SORT (RFC 9051 §7.3.4, RFC 5256 §4), with SEARCH's
// (MODSEQ n). Each number but 0 is handed to add.
func (r *reader) numbers(add func(uint32) bool) (modSeq uint64, err error) {
	for {
		c, err := r.peek()
		switch {
		case err != nil:
			return 0, err
		case c == ' ':
			if err := r.blank(); err != nil {
				return 0, err
			}
			continue
		case c == '\r' || c == '\n':
			return modSeq, r.endLine()
		case c == '(':
			n, err := r.value(0)
			if err != nil {
				return 0, err
			}
			modSeq = n.at(1).number()
			continue
		}
		n, err := r.number()
		if err != nil {
			return 0, err
		}
		if n > math.MaxUint32 {
			return 0, r.fail(protocolError("message number %d", n))
		}
		if n > 0 && !add(uint32(n)) {
			return 0, r.fail(protocolError("a set of too many numbers"))
		}
	}
}
