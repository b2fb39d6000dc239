package imap

import (
	"strings"
	"time"

	goimap "github.com/emersion/go-imap/v2"
)

// criteria writes one SearchCriteria, whose keys are all to hold; ALL if there is none.
func (k keyWriter) criteria(s *goimap.SearchCriteria) {
	empty := true
	key := func(write func()) {
		empty = false
		write()
	}
	for _, set := range s.SeqNum {
		key(func() { k.w.Atom(set.String()) })
	}
	for _, set := range s.UID {
		key(func() { k.w.Atom("UID"); k.w.Atom(set.String()) })
	}
	for _, d := range []struct {
		name string
		day  time.Time
	}{{"SINCE", s.Since}, {"BEFORE", s.Before}, {"SENTSINCE", s.SentSince}, {"SENTBEFORE", s.SentBefore}} {
		if !d.day.IsZero() {
			key(func() { k.w.Atom(d.name); k.w.Atom(d.day.Format("2-Jan-2006")) })
		}
	}
	k.texts(s, key)
	if s.Larger > 0 {
		key(func() { k.number("LARGER", s.Larger) })
	}
	if s.Smaller > 0 {
		key(func() { k.number("SMALLER", s.Smaller) })
	}
	for i := range s.Not {
		key(func() { k.w.Atom("NOT"); k.group(&s.Not[i]) })
	}
	for i := range s.Or {
		key(func() { k.w.Atom("OR"); k.group(&s.Or[i][0]); k.group(&s.Or[i][1]) })
	}
	if s.ModSeq != nil {
		key(func() { k.modSeq(s.ModSeq) })
	}
	if empty {
		k.w.Atom("ALL")
	}
}

// texts writes the keys that are of texts and flags.
func (k keyWriter) texts(s *goimap.SearchCriteria, key func(func())) {
	for _, h := range s.Header {
		key(func() { k.header(h) })
	}
	for _, text := range s.Body {
		key(func() { k.text("BODY", text) })
	}
	for _, text := range s.Text {
		key(func() { k.text("TEXT", text) })
	}
	for _, f := range s.Flag {
		key(func() { k.flag("", f) })
	}
	for _, f := range s.NotFlag {
		key(func() { k.flag("UN", f) })
	}
}

// group writes criteria as one key.
func (k keyWriter) group(s *goimap.SearchCriteria) {
	k.w.Atom("(")
	k.criteria(s)
	k.w.Atom(")")
}

// header writes the fields that have keys of their own by these.
func (k keyWriter) header(h goimap.SearchCriteriaHeaderField) {
	switch name := strings.ToUpper(h.Key); name {
	case "BCC", "CC", "FROM", "SUBJECT", "TO":
		k.text(name, h.Value)
	default:
		k.w.Atom("HEADER")
		k.w.String(h.Key)
		k.w.String(h.Value)
	}
}

func (k keyWriter) flag(un string, f goimap.Flag) {
	switch name := strings.ToUpper(strings.TrimPrefix(string(f), `\`)); {
	case strings.HasPrefix(string(f), `\`):
		k.w.Atom(un + name)
	case isAtom(string(f)):
		k.w.Atom(un + "KEYWORD")
		k.w.Atom(string(f))
	default:
		k.w.Atom("") // cannot be said
	}
}

func (k keyWriter) modSeq(m *goimap.SearchCriteriaModSeq) {
	k.w.Atom("MODSEQ")
	if m.MetadataName != "" && m.MetadataType != "" {
		k.w.String(m.MetadataName)
		k.w.Atom(string(m.MetadataType))
	}
	k.w.Atom(uitoa(m.ModSeq))
}
