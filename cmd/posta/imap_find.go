package main

import (
	"cmp"
	"slices"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
)

// foundIn is what was found in a folder.
type foundIn struct {
	folder string
	uids   uidOrder
}

// find finds the messages of the selection in each folder, in the order that is wanted: one turn for all folders. Where
// the server does not sort, another one for each.
func (r *imapReading) find(o imapOrder) ([]foundIn, error) {
	if len(o.keys) > 0 && r.client.Caps().Has(goimap.CapSort) {
		return r.findSorted(o)
	}
	var found []foundIn
	asked := ask(r, func(c *imap.Client) *imap.Pending[imap.Found] {
		return c.Search(r.sel.program(), imap.SearchOptions{})
	})
	for _, f := range asked {
		answer, err := f.wait()
		if err != nil {
			if err := r.folderFailed(err); err != nil {
				return nil, err
			}
			continue
		}
		uids := rising(answer)
		order := uidOrder{set: uids}
		if len(o.keys) == 0 {
			order = o.of(uids)
		}
		found = append(found, foundIn{f.folder, order})
	}
	r.current, _ = r.client.Selected()
	if len(o.keys) > 0 {
		return r.sortHere(o, found)
	}
	return found, nil
}

// findSorted lets the server sort (RFC 5256).
func (r *imapReading) findSorted(o imapOrder) ([]foundIn, error) {
	var keys []string
	for _, key := range o.keys {
		keys = append(keys, key.wire())
	}
	var found []foundIn
	for _, f := range ask(r, func(c *imap.Client) *imap.Pending[[]goimap.UID] { return c.Sort(r.sel.program(), keys...) }) {
		uids, err := f.wait()
		if err != nil {
			if err := r.folderFailed(err); err != nil {
				return nil, err
			}
			continue
		}
		found = append(found, foundIn{f.folder, o.ofList(uids)})
	}
	r.current, _ = r.client.Selected()
	return found, nil
}

// rising are the UIDs that a search found, each once: servers without ESEARCH may tell them in any order.
func rising(found imap.Found) (set goimap.UIDSet) {
	uids, _ := found.All.(goimap.UIDSet)
	slices.SortFunc(uids, func(a, b goimap.UIDRange) int { return cmp.Compare(a.Start, b.Start) })
	for _, r := range uids {
		if last := len(set) - 1; last >= 0 && r.Start <= set[last].Stop+1 {
			set[last].Stop = max(set[last].Stop, r.Stop)
		} else {
			set = append(set, r)
		}
	}
	return set
}
