package main

import (
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"time"

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

// maxSortText is how many octets of a text count.
const maxSortText = 48

// sortText makes one text of a message's keys: texts that are compared octet by octet are in the order of the keys.
func sortText(m *imap.Message, fields mimetool.Header, keys []sortKey) string {
	var b []byte
	for _, key := range keys {
		start := len(b)
		switch key.name {
		case "size":
			b = binary.BigEndian.AppendUint64(b, uint64(m.Size))
		case "arrival":
			b = appendTime(b, m.InternalDate)
		case "date":
			date, err := mimetool.ParseDate(fields.Get("Date"))
			if err != nil {
				date = m.InternalDate
			}
			b = appendTime(b, date)
		case "subject":
			subject, _ := mimetool.DecodeWords(fields.Get("Subject"), mimetool.WordOptions{})
			b = appendText(b, baseSubject(subject))
		default: // RFC 5256 §3: the first address's mailbox
			b = appendText(b, firstMailbox(fields.Get(key.name)))
		}
		if key.reverse {
			for i := range b[start:] {
				b[start+i] ^= 0xff
			}
		}
	}
	return string(b)
}

// appendTime puts the sign so that times before 1970 come first.
func appendTime(b []byte, t time.Time) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(t.Unix())^1<<63)
}

// appendText ends with an octet that is less than any in a text.
func appendText(b []byte, s string) []byte {
	s = strings.ToLower(s)
	return append(append(b, s[:min(len(s), maxSortText)]...), 0)
}

// maxFirstAddress is how many octets of a field are looked at for its first address.
const maxFirstAddress = 1 << 10

// firstMailbox is the local part of a field's first address.
func firstMailbox(field string) string {
	list, _ := mimetool.ParseAddressList(field[:min(len(field), maxFirstAddress)], mimetool.WordOptions{})
	for _, a := range list {
		if a.Addr != "" {
			return a.Addr[:max(strings.LastIndexByte(a.Addr, '@'), 0)]
		}
	}
	return ""
}

// baseSubject is a subject without what replies and forwards put around it (RFC 5256 §2.1).
func baseSubject(s string) string {
	for {
		t := strings.TrimSpace(s)
		if n := len(t) - len("(fwd)"); n >= 0 && strings.EqualFold(t[n:], "(fwd)") {
			t = t[:n]
		}
		t = strings.TrimSpace(withoutLeader(t))
		if t == s {
			return s
		}
		s = t
	}
}

// withoutLeader takes off one "Re:", "Fwd[2]:" or "[blob]" at the start, unless nothing is left of the subject then.
func withoutLeader(s string) string {
	if strings.HasPrefix(s, "[") {
		if _, rest, ok := strings.Cut(s, "]"); ok && strings.TrimSpace(rest) != "" {
			return rest
		}
	}
	for _, word := range []string{"re", "fwd", "fw"} {
		if len(s) < len(word) || !strings.EqualFold(s[:len(word)], word) {
			continue
		}
		rest := strings.TrimLeft(s[len(word):], " \t")
		if strings.HasPrefix(rest, "[") {
			_, rest, _ = strings.Cut(rest, "]")
			rest = strings.TrimLeft(rest, " \t")
		}
		if after, ok := strings.CutPrefix(rest, ":"); ok {
			return after
		}
	}
	return s
}
