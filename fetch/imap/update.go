package imap

import (
	"errors"
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
	Text   string
}

// maxUpdates bounds what is kept between two calls of Updates.
const maxUpdates = 64 << 10

// Updates returns what the server told of its own accord since the last call, in the order in which it came.
func (c *Client) Updates() []Update {
	list := c.updates
	c.updates = nil
	return list
}

func (c *Client) update(u Update) {
	switch n := len(c.updates); {
	case n < maxUpdates:
		c.updates = append(c.updates, u)
	case n == maxUpdates:
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

func (c *Client) alert(s *Status) {
	if s.Code == "ALERT" {
		c.update(Update{Kind: UpdateAlert, Text: s.Text})
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
		return c.unsolicitedFetch(p)
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
		c.update(Update{Kind: UpdateStatus, Status: s})
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

// unsolicitedFetch reads flags that changed. Content that nobody waits for would be lost.
func (c *Client) unsolicitedFetch(p response) error {
	c.message.reset(c.in, p.num)
	for {
		l, err := c.message.Next()
		if l == nil {
			if !c.message.done {
				return err
			}
			break
		}
		for _, cmd := range c.flight {
			if cmd.fetch != nil {
				return protocolError("content of message %d before its command's turn", p.num)
			}
		}
	}
	m := &c.message
	c.update(Update{Kind: UpdateFetch, Num: m.Seq, UID: m.UID, Flags: m.Flags, ModSeq: m.ModSeq})
	return nil
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
