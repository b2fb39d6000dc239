package store

import (
	"fmt"
	"strconv"
	"strings"
)

// Tag says which message of a server a file is: one of a mailbox, by its UIDVALIDITY and UID (RFC 9051 §2.3.1.1). In a
// Maildir it is a part of the file's name, behind the host and before the flags: ",P=MAILBOX.UIDVALIDITY.UID". Maildir readers
// keep such parts, as they do Dovecot's ",S=" and mbsync's ",U=".
type Tag struct {
	Mailbox  string // of which account, too: letters and digits; "": no tag
	Validity uint32
	UID      uint32
}

const tagMark = ",P="

func (t Tag) text() string {
	if t.Mailbox == "" {
		return ""
	}
	return fmt.Sprintf("%s%s.%d.%d", tagMark, t.Mailbox, t.Validity, t.UID)
}

// parseTag finds the tag in a name without flags, and what the name is without it.
func parseTag(name string) (t Tag, rest string) {
	i := strings.LastIndex(name, tagMark)
	if i < 0 {
		return t, name
	}
	text, behind := name[i+len(tagMark):], ""
	if end := strings.IndexByte(text, ','); end >= 0 {
		text, behind = text[:end], text[end:]
	}
	mailbox, numbers, _ := strings.Cut(text, ".")
	validity, uid, _ := strings.Cut(numbers, ".")
	v, err1 := strconv.ParseUint(validity, 10, 32)
	n, err2 := strconv.ParseUint(uid, 10, 32)
	if mailbox == "" || err1 != nil || err2 != nil || n == 0 {
		return t, name
	}
	return Tag{mailbox, uint32(v), uint32(n)}, name[:i] + behind
}
