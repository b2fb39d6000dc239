package main

import "posta/fetch"

// byDays are the folders in which messages are found by a query with older or younger on a server without WITHIN, and which these are.
func (g *imapGet) byDays(folders []fetch.Folder) (found []fetch.Folder, err error) {
	r := &imapReading{imapSession: g.imapSession, sel: g.opt.sel}
	of := make(map[string]fetch.Folder, len(folders))
	for _, f := range folders {
		r.folders, of[f.Name] = append(r.folders, f.Name), f
	}
	dated, err := r.findByDays()
	if err != nil {
		return nil, err
	}
	if r.failed > 0 { // told already
		g.failed.note(r.first)
	}
	for _, d := range dated {
		if f := of[d.folder]; len(d.found) > 0 {
			f.UIDs = d.found
			found = append(found, f)
		}
	}
	return found, nil
}
