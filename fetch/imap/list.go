package imap

import (
	"strings"
	"unicode/utf8"

	goimap "github.com/emersion/go-imap/v2"
)

// maxMailboxes bounds a LIST.
const maxMailboxes = 100_000

// List lists the mailboxes that match a pattern: "*" all, "%" the top level (RFC 9051 §6.3.9). Ref is usually "".
//
// Opt may be nil. What the server does not offer of it is left out: without LIST-EXTENDED, SelectSubscribed is LSUB;
// without LIST-STATUS each ListData.Status is nil and Status has to be asked for it. Names are in UTF-8; they are the server's
// words and may hold anything, ".." and control characters too.
func (c *Client) List(ref, pattern string, opt *goimap.ListOptions) *Pending[[]*goimap.ListData] {
	if opt == nil {
		opt = &goimap.ListOptions{}
	}
	extended := c.caps.Has(goimap.CapListExtended)
	verb := "LIST"
	if opt.SelectSubscribed && !extended {
		verb = "LSUB"
	}
	p, cmd := pend[[]*goimap.ListData](c, verb, "", func(e *encoder) {
		if extended {
			c.listSelection(e, opt)
		}
		e.String(c.wireName(ref))
		e.String(c.wireName(pattern))
		if extended || opt.ReturnStatus != nil && c.caps.Has(goimap.CapListStatus) {
			c.listReturn(e, opt)
		}
	})
	cmd.takes = func(r response) (bool, error) { return c.listing(r, verb, p.data) }
	return p
}

func (c *Client) wireName(name string) string {
	if c.utf8 {
		return name
	}
	return EncodeUTF7(name)
}

// listSelection writes the selection options (RFC 5258 §3.1).
func (c *Client) listSelection(e *encoder, opt *goimap.ListOptions) {
	var words []string
	if opt.SelectSubscribed {
		words = append(words, "SUBSCRIBED")
		if opt.SelectRecursiveMatch {
			words = append(words, "RECURSIVEMATCH")
		}
	}
	if opt.SelectRemote {
		words = append(words, "REMOTE")
	}
	if opt.SelectSpecialUse && c.caps.Has(goimap.CapSpecialUse) {
		words = append(words, "SPECIAL-USE")
	}
	if len(words) > 0 {
		e.words(words...)
	}
}

// listReturn writes the return options (RFC 5258 §3.2, RFC 5819 §2).
func (c *Client) listReturn(e *encoder, opt *goimap.ListOptions) {
	sub := &encoder{tight: true}
	if opt.ReturnSubscribed {
		sub.Atom("SUBSCRIBED")
	}
	if opt.ReturnChildren {
		sub.Atom("CHILDREN")
	}
	if opt.ReturnSpecialUse && c.caps.Has(goimap.CapSpecialUse) {
		sub.Atom("SPECIAL-USE")
	}
	if opt.ReturnStatus != nil && c.caps.Has(goimap.CapListStatus) {
		sub.Atom("STATUS")
		c.statusItems(sub, opt.ReturnStatus)
	}
	if len(sub.buf) > 0 {
		e.Atom("RETURN")
		e.Atom("(" + string(sub.buf) + ")")
	}
}

// listing reads LIST, LSUB and the STATUS that goes with a mailbox.
func (c *Client) listing(r response, verb string, list *[]*goimap.ListData) (bool, error) {
	switch {
	case r.name == verb && !r.hasNum:
		data, err := c.listData()
		if data == nil {
			return true, err
		}
		if len(*list) >= maxMailboxes {
			return true, protocolError("more than %d mailboxes", maxMailboxes)
		}
		*list = append(*list, data)
		return true, nil
	case r.name == "STATUS":
		status, err := c.statusData()
		if status == nil {
			return true, err
		}
		for i := len(*list) - 1; i >= 0; i-- { // it follows its LIST, at once or at the end
			if (*list)[i].Mailbox == status.Mailbox {
				(*list)[i].Status = status
				return true, nil
			}
		}
		c.update(Update{Kind: UpdateStatus, Status: status})
		return true, nil
	}
	return false, nil
}

// listData understands (attributes) delimiter name (extended data). One without a name is none.
func (c *Client) listData() (*goimap.ListData, error) {
	list, err := c.in.values()
	if err != nil {
		return nil, err
	}
	n := node{list: list}
	if len(n.list) < 3 || n.at(2).kind != kindString && n.at(2).kind != kindAtom {
		return nil, nil
	}
	name := n.at(2).text
	for n.at(2).kind == kindAtom && n.at(3).kind == kindAtom { // a name with a blank that was not quoted
		name += " " + n.at(3).text
		n.list = append(n.list[:3:3], n.list[4:]...)
	}
	data := &goimap.ListData{Mailbox: c.learnName(name)}
	if strings.EqualFold(data.Mailbox, "INBOX") { // RFC 9051 §5.1
		data.Mailbox = "INBOX"
	}
	data.Delim, _ = utf8.DecodeRuneInString(n.at(1).text)
	if n.at(1).text == "" {
		data.Delim = 0
	}
	for _, attr := range n.at(0).list {
		data.Attrs = append(data.Attrs, attribute(attr.text))
	}
	c.extendedData(data, n.at(3))
	return data, nil
}

// extendedData understands CHILDINFO and OLDNAME (RFC 9051 §6.3.9.6).
func (c *Client) extendedData(data *goimap.ListData, n node) {
	for i := 0; i+1 < len(n.list); i += 2 {
		value := n.at(i + 1)
		switch strings.ToUpper(n.at(i).text) {
		case "CHILDINFO":
			info := &goimap.ListDataChildInfo{}
			for _, item := range value.list {
				info.Subscribed = info.Subscribed || strings.EqualFold(item.text, "SUBSCRIBED")
			}
			data.ChildInfo = info
		case "OLDNAME":
			data.OldName = c.decodeName(value.at(0).text)
		}
	}
}

// attribute is a mailbox's attribute, spelt as the RFCs do: Cyrus has "\trash" (RFC 9051 §7.3.1: case means nothing).
func attribute(text string) goimap.MailboxAttr {
	for _, known := range [...]goimap.MailboxAttr{
		goimap.MailboxAttrNonExistent, goimap.MailboxAttrNoInferiors, goimap.MailboxAttrNoSelect, goimap.MailboxAttrHasChildren,
		goimap.MailboxAttrHasNoChildren, goimap.MailboxAttrMarked, goimap.MailboxAttrUnmarked, goimap.MailboxAttrSubscribed,
		goimap.MailboxAttrRemote, goimap.MailboxAttrAll, goimap.MailboxAttrArchive, goimap.MailboxAttrDrafts,
		goimap.MailboxAttrFlagged, goimap.MailboxAttrJunk, goimap.MailboxAttrSent, goimap.MailboxAttrTrash, goimap.MailboxAttrImportant,
	} {
		if strings.EqualFold(text, string(known)) {
			return known
		}
	}
	return goimap.MailboxAttr(text)
}
