package main

import (
	"cmp"
	"io"
	"slices"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
	"posta/fetch/query"
)

// datedFolder is a folder in which messages are looked for by a query with "older" or "younger", on a server without WITHIN
// (RFC 5032). That takes three turns for all folders:
//
//	which messages arrived within a day of the moment ──► when exactly (INTERNALDATE) ──► the query by days and UIDs
type datedFolder struct {
	folder  string
	box     imap.Selected
	doubts  goimap.UIDSet
	arrived []query.Arrived
	found   goimap.UIDSet
}

const withinCap = "WITHIN"

// understands refuses a query with a key that the server does not know, before anything is asked. What WITHIN would do is done
// without it.
func (s *imapSession) understands(sel selection) error {
	if sel.query == nil {
		return nil
	}
	err := sel.query.Check(func(capability string) bool {
		return capability == withinCap || s.client.Caps().Has(goimap.Cap(capability))
	})
	if err != nil {
		return fail(exitUnavailable, "%w", err)
	}
	return nil
}

// needsDays says whether older and younger have to be done without the server.
func (s *imapSession) needsDays(sel selection) bool {
	return sel.query != nil && sel.query.Within() && !s.client.Caps().Has(withinCap)
}

// findByDays finds the messages of one folder, which stays selected.
func (s *imapSession) findByDays(sel selection, folder string, readOnly bool) (box imap.Selected, found goimap.UIDSet, err error) {
	r := &imapReading{imapSession: s, sel: sel, folders: []string{folder}, writes: !readOnly}
	dated, err := r.findByDays()
	if err != nil {
		return box, nil, err
	}
	return dated[0].box, dated[0].found, nil
}

// findByDays finds messages in each folder that can be selected.
func (r *imapReading) findByDays() ([]*datedFolder, error) {
	dated, err := r.doubtful()
	if err == nil {
		dated, err = r.whenArrived(dated)
	}
	if err == nil {
		dated, err = r.byDays(dated)
	}
	return dated, err
}

// doubtful finds the messages whose time of arrival has to be known.
func (r *imapReading) doubtful() (dated []*datedFolder, err error) {
	doubts := r.sel.query.Doubts()
	search := func(c *imap.Client) *imap.Pending[imap.Found] { return c.Search(doubts, imap.SearchOptions{}) }
	err = askSelected(r, search, func(folder string, box imap.Selected, answer imap.Found) error {
		dated = append(dated, &datedFolder{folder: folder, box: box, doubts: answer.UIDs()})
		return nil
	})
	return dated, err
}

// whenArrived asks for these times. Folders that cannot be read any more are left out.
func (r *imapReading) whenArrived(dated []*datedFolder) (ready []*datedFolder, err error) {
	for part := range slices.Chunk(dated, foldersAhead) {
		flight := make([]letterStream, len(part))
		for i, f := range part {
			if len(f.doubts) == 0 {
				continue
			}
			var opt imap.FetchOptions
			opt.UID, opt.InternalDate = true, true
			flight[i] = letterStream{folder: f.folder, selected: r.open(f.folder)}
			flight[i].fetch = r.client.Fetch(f.doubts, opt)
		}
		for i, f := range part {
			if flight[i].fetch != nil {
				ok, err := r.ready(flight[i])
				if err == nil && ok {
					err = f.read(flight[i].fetch)
				}
				if err != nil {
					return nil, err
				}
				if !ok {
					continue
				}
			}
			ready = append(ready, f)
		}
	}
	return ready, nil
}

// maxArrived is how many messages' times of arrival are kept: no folder has as many of three days.
const maxArrived = 1 << 20

// read takes the times.
func (f *datedFolder) read(fetch *imap.Fetch) error {
	for m, err := range fetch.Messages() {
		for err == nil {
			_, err = m.Next()
		}
		switch {
		case err != io.EOF:
			return err
		case m.UID == 0 || m.InternalDate.IsZero(): // told of unasked
			continue
		case len(f.arrived) == maxArrived:
			return fail(exitUnavailable, "%s: more than %d messages arrived within a day of that moment, and the server does not offer %s", f.folder, maxArrived, withinCap)
		}
		f.arrived = append(f.arrived, query.Arrived{UID: m.UID, Unix: m.InternalDate.Unix()})
	}
	slices.SortFunc(f.arrived, func(a, b query.Arrived) int { return cmp.Compare(a.UID, b.UID) })
	f.arrived = slices.CompactFunc(f.arrived, func(a, b query.Arrived) bool { return a.UID == b.UID })
	return nil
}

// byDays searches for what the query says in each folder.
func (r *imapReading) byDays(dated []*datedFolder) (done []*datedFolder, err error) {
	type search struct {
		selected *imap.Pending[imap.Selected]
		parts    []*imap.Pending[imap.Found]
	}
	for part := range slices.Chunk(dated, foldersAhead) {
		flight := make([]search, len(part))
		for i, f := range part {
			flight[i].selected = r.open(f.folder)
			for _, q := range r.sel.query.ByDays(f.arrived, f.box.UIDNext) {
				flight[i].parts = append(flight[i].parts, r.client.Search(q, imap.SearchOptions{}))
			}
			f.arrived, f.doubts = nil, nil
		}
		for i, f := range part {
			ok, err := r.ready(letterStream{folder: f.folder, selected: flight[i].selected})
			if ok {
				if f.found, err = union(flight[i].parts); err != nil {
					ok, err = false, r.folderFailed(err)
				}
			}
			if err != nil {
				return nil, err
			}
			if ok {
				done = append(done, f)
			}
		}
	}
	return done, nil
}

// countByDays prints how many messages there are in each folder.
func (r *imapReading) countByDays() error {
	dated, err := r.findByDays()
	if err != nil {
		return err
	}
	for _, f := range dated {
		n := count(f.found)
		r.found += int(n)
		if err := r.printCount(folderCount{f.folder, uint32(n)}); err != nil {
			return err
		}
	}
	return nil
}
