package fetch

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/store"
)

// serverFlags are a message's flags on the server, as a Maildir would have them.
type serverFlags uint8

// unknownFlags are those of what an earlier version stored.
const unknownFlags = serverFlags(1 << 7)

// flagDigits are those of base 64, by their values.
const flagDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

func (f serverFlags) digit() byte {
	if f >= unknownFlags {
		return '.'
	}
	return flagDigits[f&63]
}

func parseServerFlags(text string) (serverFlags, bool) {
	switch i := strings.Index(flagDigits, text); {
	case text == ".":
		return unknownFlags, true
	case len(text) == 1 && i >= 0:
		return serverFlags(i), true
	}
	return 0, false
}

// on is what becomes of a file's flags that were so when the server's were f and are now: only what changed there changes. Where
// f is not known, none is taken away.
func (f serverFlags) on(file, now store.Flags) store.Flags {
	if f == unknownFlags {
		return file | now
	}
	changed := store.Flags(f) ^ now
	return file&^changed | now&changed
}

// flagChange is a stored message whose flags on the server are not those that are known.
type flagChange struct {
	uid goimap.UID
	was serverFlags
	now store.Flags
}

// inOrder are the prints in the order of UIDs.
func (b *mailbox) inOrder() []printed {
	if !b.sorted {
		slices.SortFunc(b.prints, func(x, y printed) int { return cmp.Compare(x.uid, y.uid) })
		b.sorted = true
	}
	return b.prints
}

// find is a stored message, nil if there is none of this UID.
func (b *mailbox) find(uid goimap.UID) *printed {
	list := b.inOrder()
	i, ok := slices.BinarySearchFunc(list, uid, func(p printed, uid goimap.UID) int { return cmp.Compare(p.uid, uid) })
	if !ok {
		return nil
	}
	return &list[i]
}

func (b *mailbox) flagRecord(uids, digit string) error {
	set, ok := parseUIDSet(uids)
	flags, known := parseServerFlags(digit)
	if !ok || !known {
		return ErrState
	}
	for _, r := range intersect(set, b.uids) {
		for uid := r.Start; ; uid++ {
			b.find(uid).flags = flags
			if uid == r.Stop {
				break
			}
		}
	}
	return nil
}

// carried says up to where what changed in a mailbox is known: the greatest UID that is stored, 0 if none is, and the
// MODSEQ, 0 if that is not known.
func (s *IMAPState) carried(b *mailbox) (last goimap.UID, modSeq uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(b.uids); n > 0 {
		last = b.uids[n-1].Stop
	}
	return last, b.modSeq
}

// change is what the flags of a message were and are, false where it is not stored.
func (s *IMAPState) change(b *mailbox, uid goimap.UID, now store.Flags) (c flagChange, stored bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := b.find(uid)
	if p == nil {
		return c, false
	}
	return flagChange{uid, p.flags, now}, true
}

// follow notes that files have their messages' flags, and up to which MODSEQ; 0: it is not known any more.
func (s *IMAPState) follow(b *mailbox, changes []flagChange, modSeq uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sets [64]goimap.UIDSet
	for _, c := range changes {
		if p := b.find(c.uid); p != nil {
			p.flags = serverFlags(c.now)
			sets[c.now&63].AddNum(c.uid)
		}
	}
	var out []byte
	for flags, set := range sets {
		for _, set := range split(set, statePiece) {
			out = fmt.Appendf(out, "= %d %s %c\n", b.n, set.String(), flagDigits[flags])
		}
	}
	if b.modSeq != modSeq {
		b.modSeq = modSeq
		out = fmt.Appendf(out, "m %d %d\n", b.n, modSeq)
	}
	return s.append(false, out)
}

// added notes flags that were set on the server for what is stored: they are no change of others.
func (s *IMAPState) added(b *mailbox, uids goimap.UIDSet, flags store.Flags) error {
	var changes []flagChange
	for _, uid := range members(uids) {
		s.mu.Lock()
		p := b.find(uid)
		if p != nil && p.flags != unknownFlags && p.flags != p.flags|serverFlags(flags) {
			changes = append(changes, flagChange{uid, p.flags, store.Flags(p.flags) | flags})
		}
		s.mu.Unlock()
	}
	_, modSeq := s.carried(b)
	return s.follow(b, changes, modSeq)
}
