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
		b.tag = mailboxTag(s.file.source, b.name)
	}
	return store.Tag{Mailbox: b.tag, Validity: validity, UID: uint32(uid)}
}

// mailboxTag stands for a mailbox of an account: 80 bits, so that not even a server that chooses its names gets another's files.
func mailboxTag(source, mailbox string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s", source, mailbox))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}
