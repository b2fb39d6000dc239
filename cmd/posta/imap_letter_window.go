package main

import (
	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
)

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
