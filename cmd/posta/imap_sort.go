package main

import (
	"io"
	"slices"
	"strings"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
	"posta/mimetool"
)

// sortKey is a key of RFC 5256 §3 in lower case.
type sortKey struct {
	name    string
	reverse bool
}

// readSortKeys reads "date,-size".
func readSortKeys(s string) (keys []sortKey, err error) {
	if s == "" {
		return nil, nil
	}
	known := []string{"arrival", "cc", "date", "from", "size", "subject", "to"}
	for _, word := range strings.Split(s, ",") {
		name, reverse := strings.CutPrefix(strings.ToLower(word), "-")
		if !slices.Contains(known, name) {
			return nil, usageError("--sort: no key %q; there are %s", word, strings.Join(known, ", "))
		}
		keys = append(keys, sortKey{name, reverse})
	}
	return keys, nil
}

// wire is the key as a server reads it.
func (k sortKey) wire() string {
	if k.reverse {
		return "REVERSE " + strings.ToUpper(k.name)
	}
	return strings.ToUpper(k.name)
}

// sortHere sorts what was found where the server does not, by what the keys ask of each message.
func (r *imapReading) sortHere(o imapOrder, found []foundIn) ([]foundIn, error) {
	for i := range found {
		f := &found[i]
		list, err := r.sorted(f.folder, f.uids.set, o.keys)
		if err != nil {
			return nil, err
		}
		f.uids = o.ofList(list)
	}
	return found, nil
}

// sorted sorts a folder's messages.
func (r *imapReading) sorted(folder string, set goimap.UIDSet, keys []sortKey) ([]goimap.UID, error) {
	if len(set) == 0 {
		return nil, nil
	}
	type entry struct {
		key string
		uid goimap.UID
	}
	var entries []entry
	s := letterStream{folder: folder, selected: r.open(folder)}
	s.fetch = r.client.Fetch(set, sortFetch(keys))
	if ok, err := r.ready(s); !ok {
		return nil, err
	}
	var buf []byte
	for m, err := range s.fetch.Messages() {
		if err != nil {
			return nil, err
		}
		fields, err := sortFields(m, &buf)
		if err != nil {
			return nil, err
		}
		if m.UID != 0 && (m.Size > 0 || fields != nil || !m.InternalDate.IsZero()) {
			entries = append(entries, entry{sortText(m, fields, keys), m.UID})
		}
	}
	slices.SortFunc(entries, func(a, b entry) int {
		if n := strings.Compare(a.key, b.key); n != 0 {
			return n
		}
		return int(int64(a.uid) - int64(b.uid))
	})
	list := make([]goimap.UID, len(entries))
	for i := range entries {
		list[i] = entries[i].uid
	}
	return list, nil
}

// sortFetch asks for what the keys need.
func sortFetch(keys []sortKey) (opt imap.FetchOptions) {
	var fields []string
	for _, key := range keys {
		switch key.name {
		case "size":
			opt.RFC822Size = true
		case "arrival":
			opt.InternalDate = true
		case "date":
			opt.InternalDate = true // where there is no Date (RFC 5256 §2.2)
			fallthrough
		default:
			fields = append(fields, strings.ToUpper(key.name))
		}
	}
	if fields != nil {
		opt.BodySection = []*goimap.FetchItemBodySection{{Specifier: goimap.PartSpecifierHeader, HeaderFields: fields, Peek: true}}
	}
	opt.UID = true
	return opt
}

// sortFields reads the header fields of a message. They are valid until buf is used again.
func sortFields(m *imap.Message, buf *[]byte) (fields mimetool.Header, err error) {
	for {
		section, err := m.Next()
		if err == io.EOF {
			return fields, nil
		}
		if err != nil {
			return nil, err
		}
		if section.HeaderFields() == nil {
			continue
		}
		n := int(min(section.Size, maxLetterHeader))
		*buf = slices.Grow((*buf)[:0], n)[:n]
		if _, err := io.ReadFull(section, *buf); err != nil {
			return nil, err
		}
		fields = append(mimetool.Header{}, mimetool.ParseHeader(*buf)...)
	}
}
