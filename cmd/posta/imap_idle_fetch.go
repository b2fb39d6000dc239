package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
)

// news is a new message, with its header.
type news struct {
	*imapLetter
	UIDValidity uint32 `json:"uidvalidity"`
	octets      []byte // the header
}

const (
	maxNewsHeader = 256 << 10 // of a header what is beyond is left out
	maxNews       = 2 << 20   // headers that are held at once
	maxRest       = 1 << 20   // messages that wait until they can be
)

// collect fetches what is new, by one FETCH unless it is very much, and hands it over.
func (f *folderWatch) collect(ctx context.Context) error {
	set := goimap.UIDSet{{Start: f.next, Stop: math.MaxUint32}} // * would be the last message whatever its UID
	for len(set) > 0 {
		list, rest, err := f.fetch(set)
		for _, n := range list {
			select {
			case f.news <- n:
				f.next = max(f.next, n.UID+1)
			case <-ctx.Done():
				return nil
			}
		}
		if err != nil {
			return err
		}
		set = rest
	}
	return nil
}

// fetch fetches messages, until their headers are as much as is held at once; rest are those that are left out.
func (f *folderWatch) fetch(set goimap.UIDSet) (list []*news, rest goimap.UIDSet, err error) {
	held := 0
	for m, err := range f.client.Fetch(set, f.items()).Messages() {
		if err != nil {
			return list, rest, err
		}
		n, err := f.read(m, held >= maxNews)
		switch {
		case err != nil:
			return list, rest, err
		case n == nil || n.UID < f.next:
		case held >= maxNews:
			rest = append(rest, goimap.UIDRange{Start: n.UID, Stop: n.UID})
			if len(rest) > maxRest {
				return nil, nil, fmt.Errorf("%w: more than %d new messages at once", imap.ErrProtocol, maxRest)
			}
		default:
			held += len(n.octets) + 1<<10
			list = append(list, n)
		}
	}
	slices.SortFunc(list, func(a, b *news) int { return int(int64(a.UID) - int64(b.UID)) })
	return list, ascending(rest), nil
}

// items is what a message is told by: a few fields, or for a command the header.
func (f *folderWatch) items() imap.FetchOptions {
	opt := letterFetch(true)
	if f.opt.exec != "" {
		opt.BodySection = []*goimap.FetchItemBodySection{{Specifier: goimap.PartSpecifierHeader, Peek: true}}
	}
	return opt
}

// read reads a message; skip leaves all but the UID out. It is nil for one that is told of unasked.
func (f *folderWatch) read(m *imap.Message, skip bool) (*news, error) {
	var n *news
	for {
		section, err := m.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		n = &news{imapLetter: &imapLetter{Folder: f.folder}, UIDValidity: f.validity}
		if skip {
			continue
		}
		n.octets = make([]byte, min(section.Size, maxNewsHeader))
		if _, err := io.ReadFull(section, n.octets); err != nil {
			return nil, err
		}
		n.header = n.octets
	}
	if n == nil {
		return nil, nil
	}
	n.UID, n.Flags, n.Size = m.UID, flagWords(m.Flags), m.Size
	if !m.InternalDate.IsZero() {
		n.InternalDate = m.InternalDate.UTC().Format(time.RFC3339)
	}
	return n, nil
}
