package imap

import (
	"fmt"
	"slices"

	goimap "github.com/emersion/go-imap/v2"
)

// Partial is a part of what was found (RFC 9394 §3.1): {1, 100} is the first hundred, {-1, -100} the last.
type Partial struct{ From, To int32 }

// String is the part as it goes out: "1:100".
func (p *Partial) String() string { return fmt.Sprintf("%d:%d", p.From, p.To) }

// check refuses parts that cannot be asked for.
func (p *Partial) check(opt *SearchOptions) error {
	switch {
	case p == nil:
		return nil
	case p.From == 0 || p.To == 0 || (p.From < 0) != (p.To < 0):
		return &Error{Command: "SEARCH", Err: fmt.Errorf("the part %s %w", p, ErrArgument)}
	case opt != nil && opt.ReturnAll:
		return &Error{Command: "SEARCH", Err: fmt.Errorf("all and a part of it %w", ErrArgument)}
	}
	return nil
}

// cutsOut says whether the server returns parts: by PARTIAL or, of the first ones, by RFC 5267's CONTEXT=SEARCH.
func (c *Client) cutsOut(p *Partial) bool {
	return p != nil && c.caps.Has(goimap.CapESearch) && (c.caps.Has("PARTIAL") || p.From > 0 && c.caps.Has("CONTEXT=SEARCH"))
}

// of cuts the part out of what was found.
func (p *Partial) of(all goimap.NumSet) goimap.NumSet {
	switch all := all.(type) {
	case goimap.UIDSet:
		return goimap.UIDSet(p.cut(ranges(all)))
	case goimap.SeqSet:
		set := make(ranges, len(all))
		for i, r := range all {
			set[i] = goimap.UIDRange{Start: goimap.UID(r.Start), Stop: goimap.UID(r.Stop)}
		}
		return p.cut(set).seqSet()
	}
	return all
}

// cut counts from the lowest number, or from the highest.
func (p *Partial) cut(set ranges) ranges {
	set = slices.Clone(set).ascending()
	total := int64(0)
	for _, r := range set {
		total += int64(r.Stop-r.Start) + 1
	}
	low, high := int64(min(p.From, p.To)), int64(max(p.From, p.To))
	if p.From < 0 {
		low, high = total+1+low, total+1+high
	}
	cut, at := ranges{}, int64(1)
	for _, r := range set {
		size := int64(r.Stop-r.Start) + 1
		from, to := max(low, at), min(high, at+size-1)
		if from <= to {
			cut.add(uint32(int64(r.Start)+from-at), uint32(int64(r.Start)+to-at))
		}
		at += size
	}
	return cut
}
