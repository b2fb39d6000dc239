package main

import (
	"slices"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
)

// letterStream is a FETCH of letters under way.
type letterStream struct {
	folder   string
	selected *imap.Pending[imap.Selected] // nil where it was before
	search   *imap.Pending[imap.Found]    // whose outcome is fetched; nil: UIDs that are known
	fetch    *imap.Fetch
}

func (r *imapReading) stream(folder string, set goimap.UIDSet) letterStream {
	selected := r.open(folder)
	return letterStream{folder: folder, selected: selected, fetch: r.client.Fetch(set, letterFetch(r.json))}
}

// ready waits until the folder is selected, and searched. It is false for one that cannot be.
func (r *imapReading) ready(s letterStream) (bool, error) {
	if s.selected != nil {
		if _, err := s.selected.Wait(); err != nil {
			r.current = ""
			return false, r.folderFailed(err)
		}
	}
	if s.search != nil {
		if _, err := s.search.Wait(); err != nil {
			return false, r.folderFailed(err)
		}
	}
	return true, nil
}

// inOneTurn says whether the letters can be asked for before it is known which they are: all, UIDs, or what a search
// saves for the FETCH behind it (RFC 5182).
func (r *imapReading) inOneTurn() bool {
	return r.sel.all || r.sel.uids != nil || r.client.Caps().Has(goimap.CapSearchRes) && !r.needsDays(r.sel)
}

// listAll prints letters as they come: one turn for all folders.
func (r *imapReading) listAll() error {
	for folders := range slices.Chunk(r.folders, foldersAhead) {
		var flight []letterStream
		for _, folder := range folders {
			flight = append(flight, r.startAll(folder))
		}
		for _, s := range flight {
			if err := r.showStream(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// startAll asks for a folder's letters.
func (r *imapReading) startAll(folder string) letterStream {
	s := letterStream{folder: folder, selected: r.open(folder)}
	set := r.sel.uids
	switch {
	case r.sel.all:
		set = goimap.UIDSet{{Start: 1, Stop: 0}}
	case set == nil:
		var opt imap.SearchOptions
		opt.ReturnSave = true
		s.search, set = r.client.Search(r.sel.program(), opt), goimap.SearchRes()
	}
	s.fetch = r.client.Fetch(set, letterFetch(r.json))
	return s
}

// list prints letters in an order.
func (r *imapReading) list(o imapOrder) error {
	if o.asItComes() && r.inOneTurn() {
		return r.listAll()
	}
	found, err := r.find(o)
	if err != nil {
		return err
	}
	return r.letters(found)
}

// letters prints what was found in the folders.
func (r *imapReading) letters(found []foundIn) error {
	for _, f := range found {
		if !f.uids.inOrder() {
			if err := r.windows(f); err != nil {
				return err
			}
			continue
		}
		if len(f.uids.set) == 0 {
			continue
		}
		if err := r.showStream(r.stream(f.folder, f.uids.set)); err != nil {
			return err
		}
	}
	return nil
}

// showStream prints letters as they come.
func (r *imapReading) showStream(s letterStream) error {
	if ok, err := r.ready(s); !ok {
		return err
	}
	var buf []byte
	for m, err := range s.fetch.Messages() {
		if err != nil {
			return err
		}
		l, err := readIMAPLetter(m, buf, maxLetterHeader)
		if err != nil {
			return err
		}
		if l == nil {
			continue
		}
		buf = l.header
		if err := r.print(s.folder, l); err != nil {
			return err
		}
	}
	return nil
}

func (r *imapReading) print(folder string, l *imapLetter) error {
	l.Folder = folder
	r.found++
	return l.print(r.env.out, r.json, r.many)
}
