package main

import (
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
	return r.sel.all || r.sel.uids != nil || r.client.Caps().Has(goimap.CapSearchRes)
}

// listAll prints letters as they come: one turn for all folders.
func (r *imapReading) listAll() error {
	var streams []letterStream
	for _, folder := range r.folders {
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
		streams = append(streams, s)
	}
	for _, s := range streams {
		if err := r.showStream(s); err != nil {
			return err
		}
	}
	return nil
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

// windowsAhead is how many windows are in flight at once.
const windowsAhead = 4

// letterWindows are the pieces of a folder that are printed in an order of their own. A server may tell of a later
// piece's messages before it is done with an earlier one (RFC 9051 §5.5), so they are kept by UID.
type letterWindows struct {
	flight  []letterWindow
	letters map[goimap.UID]*imapLetter
	held    int // octets of their headers
}

// maxHeldHeaders is how much of headers is kept at a time. Beyond it less is looked at of each: it is no honest mail.
const (
	maxHeldHeaders = 8 << 20
	headerBeyond   = 4 << 10
	moreThanAsked  = 2 * windowsAhead * orderWindow
)

// keep keeps a letter.
func (w *letterWindows) keep(m *imap.Message) error {
	max := int64(maxLetterHeader)
	if w.held > maxHeldHeaders {
		max = headerBeyond
	}
	l, err := readIMAPLetter(m, nil, max)
	if err == nil && l != nil && len(w.letters) < moreThanAsked {
		w.letters[l.UID] = l
		w.held += len(l.header)
	}
	return err
}

type letterWindow struct {
	letterStream
	uids []goimap.UID
}

// windows prints a folder's letters, piece by piece.
func (r *imapReading) windows(f foundIn) error {
	w := &letterWindows{letters: map[goimap.UID]*imapLetter{}}
	for uids := range f.uids.windows(orderWindow) {
		w.flight = append(w.flight, letterWindow{r.stream(f.folder, goimap.UIDSetNum(uids...)), uids})
		if len(w.flight) < windowsAhead {
			continue
		}
		if err := r.showWindow(w); err != nil {
			return err
		}
	}
	for len(w.flight) > 0 {
		if err := r.showWindow(w); err != nil {
			return err
		}
	}
	return nil
}

// showWindow prints the first piece in flight.
func (r *imapReading) showWindow(w *letterWindows) error {
	first := w.flight[0]
	w.flight = w.flight[1:]
	if ok, err := r.ready(first.letterStream); !ok {
		return err
	}
	for m, err := range first.fetch.Messages() {
		if err != nil {
			return err
		}
		if err := w.keep(m); err != nil {
			return err
		}
	}
	for _, uid := range first.uids {
		if l := w.letters[uid]; l != nil {
			delete(w.letters, uid)
			w.held -= len(l.header)
			if err := r.print(first.folder, l); err != nil {
				return err
			}
		}
	}
	return nil
}
