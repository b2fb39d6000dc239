package fetch

import (
	"slices"
	"strconv"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
)

// lastUID is the greatest that there can be. A set up to it has no "*", which would always match one message.
const lastUID = goimap.UID(1<<32 - 1)

// subtract is a without b. Both are sorted and have no "*".
func subtract(a, b goimap.UIDSet) goimap.UIDSet {
	var out goimap.UIDSet
	i := 0
	for _, r := range a {
		start, ended := r.Start, false
		for i < len(b) && b[i].Stop < start {
			i++
		}
		for j := i; j < len(b) && b[j].Start <= r.Stop; j++ {
			if b[j].Start > start {
				out = append(out, goimap.UIDRange{Start: start, Stop: b[j].Start - 1})
			}
			if b[j].Stop >= r.Stop {
				ended = true
				break
			}
			start = max(start, b[j].Stop+1)
		}
		if !ended {
			out = append(out, goimap.UIDRange{Start: start, Stop: r.Stop})
		}
	}
	return out
}

// intersect is what is in a and in b.
func intersect(a, b goimap.UIDSet) goimap.UIDSet { return subtract(a, subtract(a, b)) }

// size is how many numbers a set has.
func size(set goimap.UIDSet) (n uint64) {
	for _, r := range set {
		n += uint64(r.Stop-r.Start) + 1
	}
	return n
}

// first is the set's first numbers, n at most.
func first(set goimap.UIDSet, n uint64) goimap.UIDSet {
	var out goimap.UIDSet
	for _, r := range set {
		if n == 0 {
			break
		}
		k := min(n, uint64(r.Stop-r.Start)+1)
		out = append(out, goimap.UIDRange{Start: r.Start, Stop: r.Start + goimap.UID(k-1)})
		n -= k
	}
	return out
}

// split is a set in pieces of n ranges at most.
func split(set goimap.UIDSet, n int) (pieces []goimap.UIDSet) {
	for piece := range slices.Chunk(set, n) {
		pieces = append(pieces, piece)
	}
	return pieces
}

// parseUIDSet reads a set without "*".
func parseUIDSet(text string) (set goimap.UIDSet, ok bool) {
	for _, part := range strings.Split(text, ",") {
		low, high, ranged := strings.Cut(part, ":")
		start, err1 := strconv.ParseUint(low, 10, 32)
		stop, err2 := start, err1
		if ranged {
			stop, err2 = strconv.ParseUint(high, 10, 32)
		}
		if err1 != nil || err2 != nil || start == 0 || stop < start {
			return nil, false
		}
		set.AddRange(goimap.UID(start), goimap.UID(stop))
	}
	return set, true
}
