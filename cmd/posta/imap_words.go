package main

import (
	"slices"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
)

// flagWord is how posta prints a flag: those of the system in lower case without the backslash, as the words of queries
// are; others as they are.
func flagWord(f goimap.Flag) string {
	if word, ok := strings.CutPrefix(string(f), `\`); ok {
		return strings.ToLower(word)
	}
	return string(f)
}

// flagWords are those of a message. They are never nil, for JSON.
func flagWords(flags []goimap.Flag) []string {
	words := make([]string, len(flags))
	for i, f := range flags {
		words[i] = flagWord(f)
	}
	return words
}

// specialUses are the words for what a folder is for (RFC 6154 §2, RFC 8457).
func specialUses() []string {
	return []string{"all", "archive", "drafts", "flagged", "important", "junk", "sent", "trash"}
}

// specialUse is a word's attribute: \Sent.
func specialUse(word string) (goimap.MailboxAttr, error) {
	word = strings.ToLower(strings.TrimPrefix(word, `\`))
	if !slices.Contains(specialUses(), word) {
		return "", usageError("no use %q; there are %s", word, strings.Join(specialUses(), ", "))
	}
	return goimap.MailboxAttr(`\` + strings.ToUpper(word[:1]) + word[1:]), nil
}

// attributeWords are the attributes of a folder as words, those of its children left out.
func attributeWords(attrs []goimap.MailboxAttr) []string {
	var words []string
	for _, a := range attrs {
		switch word := flagWord(goimap.Flag(a)); word {
		case "haschildren", "hasnochildren", "noinferiors", "marked", "unmarked", "subscribed":
		default:
			words = append(words, word)
		}
	}
	return words
}

// hasAttribute says whether a folder has an attribute, in whatever case.
func hasAttribute(attrs []goimap.MailboxAttr, want goimap.MailboxAttr) bool {
	return slices.ContainsFunc(attrs, func(a goimap.MailboxAttr) bool { return strings.EqualFold(string(a), string(want)) })
}

// selectable says whether there can be messages in a folder (RFC 9051 §7.3.1).
func selectable(attrs []goimap.MailboxAttr) bool {
	return !hasAttribute(attrs, goimap.MailboxAttrNoSelect) && !hasAttribute(attrs, goimap.MailboxAttrNonExistent)
}
