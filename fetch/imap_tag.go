package fetch

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/store"
)

// tagOf is the tag of a message's file. There is none where the state is not kept: nobody would look for it.
func (s *IMAPState) tagOf(b *mailbox, validity uint32, uid goimap.UID) (t store.Tag) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file.file == nil {
		return t
	}
	if b.tag == "" {
		b.tag = mailboxTag(s.file.source, b.name, b.renewed)
	}
	return store.Tag{Mailbox: b.tag, Validity: validity, UID: uint32(uid)}
}

// earlierTags are those of a mailbox whose UIDs were other ones.
func (s *IMAPState) earlierTags(b *mailbox) (tags []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := max(0, b.renewed-mostEarlier); n < b.renewed; n++ {
		tags = append(tags, mailboxTag(s.file.source, b.name, n))
	}
	return tags
}

// mostEarlier bounds them.
const mostEarlier = 100

// mailboxTag stands for a mailbox of an account whose UIDs have changed so often; a server may come back to a UIDVALIDITY that it had,
// with other UIDs. It has 80 bits, so that not even a server that chooses its names gets another's files.
func mailboxTag(source, mailbox string, renewed int) string {
	text := fmt.Appendf(nil, "%s\x00%s", source, mailbox)
	if renewed > 0 {
		text = fmt.Appendf(text, "\x00%d", renewed)
	}
	sum := sha256.Sum256(text)
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}
