package main

import (
	"errors"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
)

// appendPlace is from where on messages are looked for in the folder of which it is not known whether the server has them.
type appendPlace struct {
	asked    *imap.Pending[goimap.StatusData] // where new messages begin; nil: it is known, or cannot be
	validity uint32                           // of next
	next     goimap.UID                       // the first that they can have; 0: not known
	since    []letterPrint                    // of messages that the server has taken since, where it tells no UIDs
}

// manySince is how many these may be.
const manySince = 1000

// letterDoubt is a message that was sent, and whose answer did not come.
type letterDoubt struct {
	print    letterPrint
	validity uint32
	uid      goimap.UID // it is there
	absent   bool       // it is not; neither: it cannot be told
}

// after notes that the folder has a group.
func (p *appendPlace) after(g *appendGroup, validity uint32, uids []goimap.UID) error {
	for i, uid := range uids {
		if uid != 0 {
			p.asked, p.since, p.validity = nil, nil, validity
			p.next = max(p.next, uid+1)
			continue
		}
		print, err := g.print(i)
		if err != nil {
			return err
		}
		p.since = append(p.since, print)
	}
	return nil
}

// know takes the answer that may have come.
func (p *appendPlace) know() {
	if p.asked == nil {
		return
	}
	data, err := p.asked.Wait()
	p.asked = nil
	switch {
	case err == nil:
		p.next, p.validity = data.UIDNext, data.UIDValidity
	case isNoFolder(err):
		p.next = 1
	}
}

func isNoFolder(err error) bool {
	var refused *imap.Error
	return errors.As(err, &refused) && refused.Code == "NONEXISTENT"
}

// mark asks anew where new messages begin, when many have no UIDs and none is on its way.
func (a *appending) mark() error {
	if len(a.place.since) < manySince || len(a.flight) > 0 {
		return nil
	}
	data, err := a.client.Status(a.folder, goimap.StatusOptions{UIDNext: true, UIDValidity: true}).Wait()
	switch {
	case a.client.Broken():
		return a.lost(err)
	case err == nil && data.UIDNext != 0:
		a.place = appendPlace{next: data.UIDNext, validity: data.UIDValidity}
	}
	return nil
}

// look finds out which of the messages on their way the server has. An error is of the connection.
func (a *appending) look(groups []*appendGroup) (map[*appended]*letterDoubt, error) {
	var list []*letterDoubt
	doubts := map[*appended]*letterDoubt{}
	for _, g := range groups {
		if !g.sent() {
			continue
		}
		for i, w := range g.messages {
			d := &letterDoubt{}
			doubts[w] = d
			var err error
			if d.print, err = g.print(i); err == nil {
				list = append(list, d)
			}
		}
	}
	a.place.know()
	defer func() {
		if a.place.next == 0 && !a.client.Broken() {
			a.place.asked = a.client.Status(a.folder, goimap.StatusOptions{UIDNext: true, UIDValidity: true})
		}
	}()
	if len(list) == 0 {
		return doubts, nil
	}
	box, err := a.client.Select(a.folder, imap.SelectOptions{ReadOnly: true}).Wait()
	switch {
	case err == nil:
		err = a.place.find(a.client, box.UIDValidity, list)
		if !a.client.Broken() {
			a.client.Unselect() // with the next command
		}
	case isNoFolder(err):
		for _, d := range list {
			d.absent = true
		}
	}
	if a.client.Broken() {
		return nil, err
	}
	return doubts, nil // what was refused cannot be told
}

// find looks for messages in the selected folder.
func (p *appendPlace) find(client *imap.Client, validity uint32, list []*letterDoubt) error {
	switch {
	case p.validity != 0 && p.validity != validity: // it is another folder of the name
		return nil
	case p.next == 0:
		return p.findAnywhere(client, list)
	}
	var opt imap.FetchOptions
	opt.UID, opt.RFC822Size = true, true
	opt.BodySection = []*goimap.FetchItemBodySection{{Specifier: goimap.PartSpecifierHeader, Peek: true}}
	n, next := newcomers{list: list, since: p.since}, p.next
	for m, err := range client.Fetch(goimap.UIDSet{{Start: p.next}}, opt).Messages() {
		if err != nil {
			return err
		}
		print, err := readPrint(m)
		if err != nil {
			return err
		}
		if print != nil && m.UID >= p.next { // 7:* is the last message, too, if that is less (RFC 9051 §9)
			n.add(m.UID, *print)
			next = max(next, m.UID+1)
		}
	}
	n.settle(validity)
	p.next, p.validity, p.since = next, validity, nil
	return nil
}

// findAnywhere is for a connection that was lost before it was known where new messages begin: what is nowhere is not there. What is
// may have been there before.
func (p *appendPlace) findAnywhere(client *imap.Client, list []*letterDoubt) error {
	for _, d := range list {
		if d.print.id == "" {
			continue
		}
		criteria := &goimap.SearchCriteria{Header: []goimap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: d.print.id}}}
		found, err := client.Search(imap.Criteria(criteria), imap.SearchOptions{SearchOptions: goimap.SearchOptions{ReturnCount: true}}).Wait()
		if client.Broken() {
			return err
		}
		d.absent = err == nil && found.Count == 0
	}
	return nil
}
