package imap

import (
	"errors"
	"slices"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
)

// UpdateKind is what an Update tells.
type UpdateKind string

// The kinds of updates.
const (
	UpdateExists   UpdateKind = "EXISTS"   // Num messages are in the mailbox
	UpdateExpunge  UpdateKind = "EXPUNGE"  // message Num is gone; the numbers of those after it are less by one
	UpdateVanished UpdateKind = "VANISHED" // the messages UIDs are gone (QRESYNC)
	UpdateFetch    UpdateKind = "FETCH"    // message Num has these Flags; UID and ModSeq may be zero
	UpdateStatus   UpdateKind = "STATUS"   // of the mailbox Status.Mailbox (NOTIFY)
	UpdateList     UpdateKind = "LIST"     // the mailbox List.Mailbox came to be, was renamed or is gone (NOTIFY)
	UpdateAlert    UpdateKind = "ALERT"    // Text is to be shown to the user (RFC 9051 §7.1)
	UpdateOverflow UpdateKind = "OVERFLOW" // there were too many: what is known of the mailbox may be wrong
)

// Update is what the server tells of its own accord (RFC 9051 §5.2).
type Update struct {
	Kind   UpdateKind
	Num    uint32
	UID    goimap.UID
	UIDs   goimap.UIDSet
	Flags  []goimap.Flag
	ModSeq uint64
	Status *goimap.StatusData
	List   *goimap.ListData
	Text   string
}

// maxUpdates and maxUpdated bound what is kept between two calls of Updates: their number, and octets.
const (
	maxUpdates = 64 << 10
	maxUpdated = 16 << 20
)

// cost is about what an update takes of memory.
func (u *Update) cost() int {
	const each = 256
	n := each + len(u.Text) + 8*len(u.UIDs)
	for _, f := range u.Flags {
		n += 16 + len(f)
	}
	if u.Status != nil {
		n += each + len(u.Status.Mailbox)
	}
	if u.List != nil {
		n += each + len(u.List.Mailbox) + len(u.List.OldName)
		for _, a := range u.List.Attrs {
			n += 16 + len(a)
		}
	}
	return n
}

// Updates returns what the server told of its own accord since the last call, in the order in which it came.
func (c *Client) Updates() []Update {
	list := c.updates
	c.updates, c.updated = nil, 0
	return list
}

func (c *Client) update(u Update) {
	c.updated += u.cost()
	n := len(c.updates)
	switch {
	case n < maxUpdates && c.updated <= maxUpdated:
		c.updates = append(c.updates, u)
	case n == 0 || c.updates[n-1].Kind != UpdateOverflow:
		c.updates = append(c.updates, Update{Kind: UpdateOverflow})
	}
}

// untaggedStatus is OK, NO, BAD and BYE without a tag: information, unless it is BYE.
func (c *Client) untaggedStatus(p response) error {
	if p.status.Type == goimap.StatusResponseTypeBye {
		c.bye = *p.status
		if c.leaving {
			return nil
		}
		return errBye
	}
	for _, cmd := range c.flight {
		if cmd.sent && cmd.takes != nil {
			if taken, err := cmd.takes(p); taken || err != nil {
				return err
			}
		}
	}
	if p.status.Code == "CAPABILITY" {
		c.setCaps(strings.Fields(p.status.Arg))
	}
	c.alert(p.status)
	return nil
}

// errBye is what breaks a connection when BYE comes unasked. The Error around it has its text.
var errBye = errors.New("the server ended the session")

// alert keeps what is meant for the user, and that the server tells less from now on (RFC 5465 §5.8).
func (c *Client) alert(s *Status) {
	switch s.Code {
	case "ALERT":
		c.update(Update{Kind: UpdateAlert, Text: s.Text})
	case "NOTIFICATIONOVERFLOW":
		c.update(Update{Kind: UpdateOverflow, Text: s.Text})
	}
}

// unsolicited reads a response that no command claims.
func (c *Client) unsolicited(p response) error {
	switch {
	case p.name == "EXISTS" && p.hasNum:
		c.exists = p.num
		c.update(Update{Kind: UpdateExists, Num: p.num})
	case p.name == "EXPUNGE" && p.hasNum:
		if c.exists > 0 {
			c.exists--
		}
		c.update(Update{Kind: UpdateExpunge, Num: p.num})
	case p.name == "FETCH" && p.hasNum:
		u, err := c.flagChange(p)
		if err == nil {
			c.update(u)
		}
		return err
	case p.name == "VANISHED":
		_, set, err := c.vanished()
		if err != nil {
			return err
		}
		c.update(Update{Kind: UpdateVanished, UIDs: set})
		return nil
	case p.name == "STATUS":
		s, err := c.statusData()
		if err != nil || s == nil {
			return err
		}
		c.news(s)
		return nil
	case p.name == "LIST" && !p.hasNum:
		data, err := c.listData()
		if err != nil || data == nil {
			return err
		}
		c.update(Update{Kind: UpdateList, List: data})
		return nil
	case p.name == "CAPABILITY":
		list, err := c.in.values()
		c.setCaps(texts(node{list: list}))
		return err
	case p.name == "ENABLED":
		list, err := c.in.values()
		c.enabled(texts(node{list: list}))
		return err
	}
	return c.in.endLine()
}

// news is a STATUS that nobody asked for.
func (c *Client) news(s *goimap.StatusData) {
	if c.watched == nil || slices.Contains(c.watched, s.Mailbox) {
		c.update(Update{Kind: UpdateStatus, Status: s})
	}
}

// vanished reads VANISHED (RFC 7162 §3.2.10).
func (c *Client) vanished() (earlier bool, set goimap.UIDSet, err error) {
	list, err := c.in.values()
	if err != nil {
		return false, nil, err
	}
	n := node{list: list}
	if n.at(0).kind == kindList {
		earlier = strings.EqualFold(n.at(0).at(0).text, "EARLIER")
		n.list = n.from(1)
	}
	uids, err := parseSet(n.at(0).text)
	if err != nil {
		return false, nil, err
	}
	if !earlier {
		for _, r := range uids {
			c.exists -= min(c.exists, uint32(r.Stop-r.Start)+1)
		}
	}
	return earlier, goimap.UIDSet(uids), nil
}
