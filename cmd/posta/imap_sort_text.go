package main

import (
	"encoding/binary"
	"strings"
	"time"

	"posta/fetch/imap"
	"posta/mimetool"
)

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
