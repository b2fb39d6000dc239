package main

import (
	"cmp"
	"math"
	"slices"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
)

// maxSearchRanges is how many ranges of UIDs one SEARCH names: lines should not be longer than 8,000 octets (RFC 7162 §4).
const maxSearchRanges = 300

// programs are the searches that find the messages: a query, or as many as named UIDs need.
func (ch *imapChange) programs() []imap.Program {
	if ch.sel.uids == nil {
		return []imap.Program{ch.sel.query}
	}
	return uidPrograms(ch.sel.uids)
}

// uidPrograms are searches for UIDs. RFC 9051 §9 has 7:* match the last message even if its UID is less than 7, which
// nobody means who is about to delete; the greatest number of all says what is meant.
func uidPrograms(set goimap.UIDSet) (programs []imap.Program) {
	for part := range slices.Chunk(slices.Clone(set), maxSearchRanges) {
		for i := range part {
			if part[i].Start != 0 && part[i].Stop == 0 {
				part[i].Stop = math.MaxUint32
			}
		}
		programs = append(programs, imap.Criteria(&goimap.SearchCriteria{UID: []goimap.UIDSet{part}}))
	}
	return programs
}

// union is all that searches found, in ascending order.
func union(searches []*imap.Pending[imap.Found]) (all goimap.UIDSet, err error) {
	for _, search := range searches {
		found, err := search.Wait()
		if err != nil {
			return nil, err
		}
		all = append(all, found.UIDs()...)
	}
	return ascending(all), nil
}

// ascending puts a set into the order that its methods need, in place. A server may send as many UIDs as it likes in
// whatever order, so this is not done one by one.
func ascending(set goimap.UIDSet) goimap.UIDSet {
	for i, r := range set {
		set[i] = goimap.UIDRange{Start: min(r.Start, r.Stop), Stop: max(r.Start, r.Stop)}
	}
	slices.SortFunc(set, func(a, b goimap.UIDRange) int { return cmp.Compare(a.Start, b.Start) })
	merged := set[:0]
	for _, r := range set {
		if n := len(merged); n > 0 && uint64(r.Start) <= uint64(merged[n-1].Stop)+1 {
			merged[n-1].Stop = max(merged[n-1].Stop, r.Stop)
			continue
		}
		merged = append(merged, r)
	}
	return merged
}

// count is how many messages a static set names.
func count(set goimap.UIDSet) (n uint64) {
	for _, r := range set {
		n += uint64(r.Stop) - uint64(r.Start) + 1
	}
	return n
}

// without is what is in set and not in gone, both in ascending order.
func without(set, gone goimap.UIDSet) (left goimap.UIDSet) {
	for _, r := range set {
		start, stop := uint64(r.Start), uint64(r.Stop)
		for len(gone) > 0 && uint64(gone[0].Stop) < start {
			gone = gone[1:]
		}
		for _, g := range gone {
			if uint64(g.Start) > stop {
				break
			}
			if uint64(g.Start) > start {
				left = append(left, goimap.UIDRange{Start: goimap.UID(start), Stop: g.Start - 1})
			}
			start = uint64(g.Stop) + 1
		}
		if start <= stop {
			left = append(left, goimap.UIDRange{Start: goimap.UID(start), Stop: goimap.UID(stop)})
		}
	}
	return left
}
