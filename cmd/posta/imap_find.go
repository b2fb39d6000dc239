package main

import (
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
		uids, _ := answer.All.(goimap.UIDSet)
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
