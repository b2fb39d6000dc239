package imap

import (
	"net/mail"
	"strings"
	"time"

	goimap "github.com/emersion/go-imap/v2"
)

// envelope understands ENVELOPE (RFC 9051 §7.5.2); what of it is missing or odd is zero.
func envelope(n node) *goimap.Envelope {
	if n.kind != kindList {
		return nil
	}
	e := &goimap.Envelope{
		Subject:   n.at(1).text,
		From:      addresses(n.at(2)),
		Sender:    addresses(n.at(3)),
		ReplyTo:   addresses(n.at(4)),
		To:        addresses(n.at(5)),
		Cc:        addresses(n.at(6)),
		Bcc:       addresses(n.at(7)),
		InReplyTo: messageIDs(n.at(8).text),
	}
	if n.at(9).kind == kindNil && len(n.list) == 9 { // QQ leaves In-Reply-To out
		e.InReplyTo, n.list = nil, append(n.list[:8:8], node{}, n.list[8])
	}
	e.Date = headerDate(n.at(0).text)
	if ids := messageIDs(n.at(9).text); len(ids) > 0 {
		e.MessageID = ids[0]
	}
	return e
}

// headerDate reads a Date field as most are written, and then as RFC 5322 §4.3 lets them be. One that is none is no
// concern of the protocol.
func headerDate(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	text, _, _ := strings.Cut(s, "(") // a comment
	text = strings.TrimSpace(text)
	layout := "2 Jan 2006 15:04:05 -0700"
	if strings.Contains(text, ",") {
		layout = "Mon, 2 Jan 2006 15:04:05 -0700"
	}
	if t, err := time.Parse(layout, text); err == nil {
		return t
	}
	t, _ := mail.ParseDate(s)
	return t
}

// addresses understands (name adl mailbox host)…; a group is a start without host, its members, an end.
func addresses(n node) []goimap.Address {
	var list []goimap.Address
	if len(n.list) > 0 {
		list = make([]goimap.Address, 0, len(n.list))
	}
	for _, a := range n.list {
		if a.kind == kindList {
			list = append(list, goimap.Address{Name: a.at(0).text, Mailbox: a.at(2).text, Host: a.at(3).text})
		}
	}
	return list
}

// messageIDs are those in a field, without their angle brackets.
func messageIDs(s string) []string {
	var ids []string
	for {
		_, rest, ok := strings.Cut(s, "<")
		if !ok {
			break
		}
		id, after, ok := strings.Cut(rest, ">")
		if !ok {
			break
		}
		ids, s = append(ids, id), after
	}
	if id := strings.TrimSpace(s); ids == nil && id != "" {
		ids = []string{id}
	}
	return ids
}
