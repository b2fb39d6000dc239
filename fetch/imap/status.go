package imap

import (
	"cmp"
	"math"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
)

// Status asks for the counts of a mailbox that need not be selected (RFC 9051 §6.3.11). Items that the server does not
// offer are not asked for, and their fields stay nil or zero.
func (c *Client) Status(mailbox string, items goimap.StatusOptions) *Pending[goimap.StatusData] {
	p, cmd := pend[goimap.StatusData](c, "STATUS", mailbox, func(e *encoder) {
		c.name(e, mailbox)
		c.statusItems(e, &items)
	})
	cmd.counts = p.data
	cmd.takes = func(r response) (bool, error) {
		if r.name != "STATUS" {
			return false, nil
		}
		s, err := c.statusData()
		if s == nil {
			return true, err
		}
		if target := c.asked(s.Mailbox); target != nil {
			*target.counts, target.told = *s, true
		} else {
			c.news(s)
		}
		return true, nil
	}
	return p
}

// asked is the STATUS in flight that a response is for: of this name or, as servers may spell it otherwise, the first
// that has none yet. Nil: it is one that nobody asked for, of which NOTIFY tells.
func (c *Client) asked(mailbox string) *command {
	var alike, first *command
	for _, cmd := range c.flight {
		switch {
		case cmd.counts == nil || !cmd.sent:
		case cmd.mailbox == mailbox:
			return cmd
		case cmd.told:
		case strings.EqualFold(cmd.mailbox, mailbox):
			alike = cmp.Or(alike, cmd)
		case !c.notified:
			first = cmp.Or(first, cmd)
		}
	}
	return cmp.Or(alike, first)
}

// statusItems writes what is asked for and offered.
func (c *Client) statusItems(e *encoder, items *goimap.StatusOptions) {
	var words []string
	for _, item := range []struct {
		on   bool
		name string
	}{
		{items.NumMessages, "MESSAGES"},
		{items.NumRecent && !c.caps.Has(goimap.CapIMAP4rev2), "RECENT"},
		{items.UIDNext, "UIDNEXT"},
		{items.UIDValidity, "UIDVALIDITY"},
		{items.NumUnseen, "UNSEEN"},
		{items.NumDeleted && (c.caps.Has(goimap.CapIMAP4rev2) || c.caps.Has("QUOTA=RES-MESSAGE")), "DELETED"},
		{items.Size && c.caps.Has(goimap.CapStatusSize), "SIZE"},
		{items.AppendLimit && c.caps.Has(goimap.CapAppendLimit), "APPENDLIMIT"},
		{items.DeletedStorage && c.caps.Has("QUOTA=RES-STORAGE"), "DELETED-STORAGE"},
		{items.HighestModSeq && c.caps.Has(goimap.CapCondStore), "HIGHESTMODSEQ"},
	} {
		if item.on {
			words = append(words, item.name)
		}
	}
	if len(words) == 0 {
		words = []string{"MESSAGES"}
	}
	e.words(words...)
}

// statusData understands mailbox (item number item number…). nil: it is none.
func (c *Client) statusData() (*goimap.StatusData, error) {
	list, err := c.in.values()
	if err != nil || len(list) < 2 {
		return nil, err
	}
	data := &goimap.StatusData{Mailbox: c.decodeName(list[0].text)}
	if strings.EqualFold(data.Mailbox, "INBOX") {
		data.Mailbox = "INBOX"
	}
	items := list[len(list)-1] // a name with a blank that was not quoted is met
	for i := 0; i+1 < len(items.list); i += 2 {
		if items.at(i+1).kind != kindNil {
			statusItem(data, strings.ToUpper(items.at(i).text), items.at(i+1).number())
		}
	}
	return data, nil
}

func statusItem(data *goimap.StatusData, name string, n uint64) {
	small, size := uint32(min(n, math.MaxUint32)), int64(min(n, maxLiteral))
	switch name {
	case "MESSAGES":
		data.NumMessages = &small
	case "RECENT":
		data.NumRecent = &small
	case "UIDNEXT":
		data.UIDNext = goimap.UID(small)
	case "UIDVALIDITY":
		data.UIDValidity = small
	case "UNSEEN":
		data.NumUnseen = &small
	case "DELETED":
		data.NumDeleted = &small
	case "SIZE":
		data.Size = &size
	case "APPENDLIMIT":
		data.AppendLimit = &small
	case "DELETED-STORAGE":
		data.DeletedStorage = &size
	case "HIGHESTMODSEQ":
		data.HighestModSeq = n
	}
}
