package main

import (
	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
)

// letterStream is a FETCH of letters under way.
type letterStream struct {
	folder   string
	selected *imap.Pending[imap.Selected] // nil where it was before
	fetch    *imap.Fetch
}

func (r *imapReading) stream(folder string, set goimap.UIDSet) letterStream {
	selected := r.open(folder)
	return letterStream{folder, selected, r.client.Fetch(set, letterFetch(r.json))}
}

// ready waits until the folder is selected. It is false for one that cannot be.
func (r *imapReading) ready(s letterStream) (bool, error) {
	if s.selected == nil {
		return true, nil
	}
	_, err := s.selected.Wait()
	if err == nil {
		return true, nil
	}
	r.current = ""
	return false, r.folderFailed(err)
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
		l, err := readIMAPLetter(m, buf)
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

// windows prints a folder's letters in an order of their own, piece by piece.
func (r *imapReading) windows(f foundIn) error {
	type window struct {
		letterStream
		uids []goimap.UID
	}
	var flight []window
	for uids := range f.uids.windows(orderWindow) {
		var set goimap.UIDSet
		set.AddNum(uids...)
		if flight = append(flight, window{r.stream(f.folder, set), uids}); len(flight) < windowsAhead {
			continue
		}
		if err := r.showWindow(flight[0].letterStream, flight[0].uids); err != nil {
			return err
		}
		flight = flight[1:]
	}
	for _, w := range flight {
		if err := r.showWindow(w.letterStream, w.uids); err != nil {
			return err
		}
	}
	return nil
}

// showWindow prints a piece in the order of uids.
func (r *imapReading) showWindow(s letterStream, uids []goimap.UID) error {
	if ok, err := r.ready(s); !ok {
		return err
	}
	letters := make(map[goimap.UID]*imapLetter, len(uids))
	for m, err := range s.fetch.Messages() {
		if err != nil {
			return err
		}
		l, err := readIMAPLetter(m, nil)
		if err != nil {
			return err
		}
		if l != nil && len(letters) < 2*orderWindow { // more than were asked for
			letters[l.UID] = l
		}
	}
	for _, uid := range uids {
		if l := letters[uid]; l != nil {
			if err := r.print(s.folder, l); err != nil {
				return err
			}
		}
	}
	return nil
}
