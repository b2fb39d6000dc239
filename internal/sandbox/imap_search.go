package sandbox

import (
	"bufio"
	"bytes"
	"mime"
	"net/mail"
	"net/textproto"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// Search finds letters.
func (s *imapSession) Search(kind imapserver.NumKind, criteria *imap.SearchCriteria, options *imap.SearchOptions) (*imap.SearchData, error) {
	v := s.view
	v.mu.Lock()
	defer v.mu.Unlock()
	v.staticCriteriaLocked(criteria)
	data := &imap.SearchData{}
	var numbers imap.SeqSet
	var uids imap.UIDSet
	for i, e := range v.entries {
		n := numbered{e, uint32(i) + 1, v.tracker.EncodeSeqNum(uint32(i) + 1)}
		ok, err := n.search(criteria)
		switch {
		case err != nil:
			return nil, err
		case !ok || kind == imapserver.NumKindSeq && n.client == 0:
			continue
		}
		number := n.client
		if kind == imapserver.NumKindUID {
			number = uint32(e.uid)
		} else {
			numbers.AddNum(n.client)
		}
		uids.AddNum(e.uid)
		if data.Min == 0 {
			data.Min = number
		}
		data.Max = number
		data.Count++
	}
	data.All = uids
	if kind == imapserver.NumKindSeq {
		data.All = numbers
	}
	if options.ReturnSave {
		v.saved = uids
	}
	return data, nil
}

// staticCriteriaLocked puts numbers for "*" and "$" everywhere.
func (v *view) staticCriteriaLocked(c *imap.SearchCriteria) {
	var numbers []imap.SeqSet
	for _, set := range c.SeqNum {
		switch set := v.staticLocked(set).(type) {
		case imap.SeqSet:
			numbers = append(numbers, set)
		case imap.UIDSet:
			c.UID = append(c.UID, set)
		}
	}
	c.SeqNum = numbers
	for i, set := range c.UID {
		if static, ok := v.staticLocked(set).(imap.UIDSet); ok {
			c.UID[i] = static
		}
	}
	for i := range c.Not {
		v.staticCriteriaLocked(&c.Not[i])
	}
	for i := range c.Or {
		v.staticCriteriaLocked(&c.Or[i][0])
		v.staticCriteriaLocked(&c.Or[i][1])
	}
}

// search says whether a letter meets all criteria: first those for which it need not be read.
func (n numbered) search(c *imap.SearchCriteria) (bool, error) {
	if !n.searchFacts(c) {
		return false, nil
	}
	if ok, err := n.searchLetter(c); !ok || err != nil {
		return false, err
	}
	for i := range c.Not {
		if ok, err := n.search(&c.Not[i]); ok || err != nil {
			return false, err
		}
	}
	for i := range c.Or {
		ok, err := n.search(&c.Or[i][0])
		if !ok && err == nil {
			ok, err = n.search(&c.Or[i][1])
		}
		if !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

func (n numbered) searchFacts(c *imap.SearchCriteria) bool {
	for _, set := range c.SeqNum {
		if n.client == 0 || !set.Contains(n.client) {
			return false
		}
	}
	for _, set := range c.UID {
		if !set.Contains(n.uid) {
			return false
		}
	}
	for _, flag := range c.Flag {
		if !n.has(flag) {
			return false
		}
	}
	for _, flag := range c.NotFlag {
		if n.has(flag) {
			return false
		}
	}
	return withinDays(n.date, c.Since, c.Before) &&
		(c.Larger == 0 || n.size > c.Larger) && (c.Smaller == 0 || n.size < c.Smaller)
}

// withinDays compares days alone: a time's zone does not count (RFC 9051 §6.4.4).
func withinDays(t, since, before time.Time) bool {
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	return (since.IsZero() || !day.Before(since)) && (before.IsZero() || day.Before(before))
}

func (n numbered) searchLetter(c *imap.SearchCriteria) (bool, error) {
	sent := !c.SentSince.IsZero() || !c.SentBefore.IsZero()
	if len(c.Header)+len(c.Body)+len(c.Text) == 0 && !sent {
		return true, nil
	}
	letter, err := n.bytes()
	if err != nil {
		return false, err
	}
	header, _ := textproto.NewReader(bufio.NewReader(bytes.NewReader(letter))).ReadMIMEHeader()
	for _, field := range c.Header {
		if !fieldContains(header[textproto.CanonicalMIMEHeaderKey(field.Key)], field.Value) {
			return false, nil
		}
	}
	if sent {
		date, err := mail.ParseDate(header.Get("Date"))
		if err != nil || !withinDays(date, c.SentSince, c.SentBefore) {
			return false, nil
		}
	}
	m := &Message{content: n.content}
	for _, text := range c.Body {
		if ok, err := bodyContains(m, text); !ok || err != nil {
			return false, err
		}
	}
	for _, text := range c.Text {
		inHeader := false
		for _, values := range header {
			inHeader = inHeader || fieldContains(values, text)
		}
		if ok, err := bodyContains(m, text); !inHeader && !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

// fieldContains says whether a field's decoded value contains text; "" is in every field that is there.
func fieldContains(values []string, text string) bool {
	var dec mime.WordDecoder
	for _, v := range values {
		if decoded, err := dec.DecodeHeader(v); err == nil {
			v = decoded
		}
		if containsFold(v, text) {
			return true
		}
	}
	return false
}
