package main

import (
	"slices"
	"strings"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
)

// lookForTrash asks for the folders, and their special use where the server knows it.
func lookForTrash(client *imap.Client) *imap.Pending[[]*goimap.ListData] {
	return client.List("", "*", &goimap.ListOptions{ReturnSpecialUse: client.Caps().Has(goimap.CapSpecialUse)})
}

// usualTrash are the names that clients give to a trash folder where servers do not say which it is.
func usualTrash() []string {
	return []string{"trash", "deleted items", "deleted messages", "deleted", "bin", "papierkorb", "corbeille", "papelera", "cestino"}
}

// trashOf is the folder for deleted messages: the one with that special use (RFC 6154), else one of a usual name, at the
// top or as near to it as there is. It is "" if there is none.
func trashOf(list []*goimap.ListData) string {
	list = slices.DeleteFunc(slices.Clone(list), func(l *goimap.ListData) bool {
		return hasAttr(l, goimap.MailboxAttrNoSelect) || hasAttr(l, goimap.MailboxAttrNonExistent)
	})
	for _, l := range list {
		if hasAttr(l, goimap.MailboxAttrTrash) {
			return l.Mailbox
		}
	}
	for _, usual := range usualTrash() {
		best := ""
		for _, l := range list {
			name := l.Mailbox
			if l.Delim != 0 {
				name = name[strings.LastIndex(name, string(l.Delim))+1:]
			}
			if strings.EqualFold(name, usual) && (best == "" || len(l.Mailbox) < len(best)) {
				best = l.Mailbox
			}
		}
		if best != "" {
			return best
		}
	}
	return ""
}

// hasAttr says whether a folder has an attribute, whatever its case (RFC 9051 §7.3.1).
func hasAttr(l *goimap.ListData, attr goimap.MailboxAttr) bool {
	return slices.ContainsFunc(l.Attrs, func(a goimap.MailboxAttr) bool { return strings.EqualFold(string(a), string(attr)) })
}
