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
	if len(o.keys) > 0 && r.client.Caps().Has(goimap.CapSort) && !r.needsDays(r.sel) {
		return r.findSorted(o)
	}
	found, err := r.findUnsorted()
	switch {
	case err != nil:
		return nil, err
	case len(o.keys) > 0:
		return r.sortHere(o, found)
	}
	for i := range found {
		found[i].uids = o.of(found[i].uids.set)
	}
	return found, nil
}

// findUnsorted finds messages in the order of their UIDs.
func (r *imapReading) findUnsorted() (found []foundIn, err error) {
	if r.needsDays(r.sel) {
		dated, err := r.findByDays()
		for _, f := range dated {
			found = append(found, foundIn{f.folder, uidOrder{set: f.found}})
		}
		return found, err
	}
	search := func(c *imap.Client) *imap.Pending[imap.Found] {
		return c.Search(r.sel.program(), imap.SearchOptions{})
	}
	err = ask(r, search, func(folder string, answer imap.Found) error {
		found = append(found, foundIn{folder, uidOrder{set: answer.UIDs()}})
		return nil
	})
	return found, err
}

// findSorted lets the server sort (RFC 5256).
func (r *imapReading) findSorted(o imapOrder) ([]foundIn, error) {
	var keys []string
	for _, key := range o.keys {
		keys = append(keys, key.wire())
	}
	var found []foundIn
	sort := func(c *imap.Client) *imap.Pending[[]goimap.UID] { return c.Sort(r.sel.program(), keys...) }
	err := ask(r, sort, func(folder string, uids []goimap.UID) error {
		found = append(found, foundIn{folder, o.ofList(uids)})
		return nil
	})
	return found, err
}
