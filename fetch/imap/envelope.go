package imap

import (
	"net/mail"
	"strings"

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
	e.Date, _ = mail.ParseDate(n.at(0).text) // a bad date in a header is no concern of the protocol
	if ids := messageIDs(n.at(9).text); len(ids) > 0 {
		e.MessageID = ids[0]
	}
	return e
}

// addresses understands (name adl mailbox host)…; a group is a start without host, its members, an end.
func addresses(n node) []goimap.Address {
	var list []goimap.Address
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
