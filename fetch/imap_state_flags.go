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

// flagChange is a stored message whose flags on the server are perhaps not those that are known.
type flagChange struct {
	uid     goimap.UID
	was     serverFlags
	now     store.Flags
	touched store.Flags // these may be in the file already, or be in it and not be so any more
}

// none says whether nothing is to be done.
func (c *flagChange) none() bool { return c.was == serverFlags(c.now) && c.touched == 0 }

// changes are the flags that are to be as on the server. Where it is not known what they were, none is taken away.
func (c *flagChange) changes() store.Flags {
	if c.was == unknownFlags {
		return c.now | c.touched
	}
	return store.Flags(c.was) ^ c.now | c.touched
}

// on is what becomes of a file's flags.
func (c *flagChange) on(file store.Flags) store.Flags {
	changed := c.changes()
	return file&^changed | c.now&changed
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

func (b *mailbox) flagRecord(kind, uids, digit string) error {
	set, ok := parseUIDSet(uids)
	flags, known := parseServerFlags(digit)
	if !ok || !known {
		return ErrState
	}
	for _, r := range intersect(set, b.uids) {
		for uid := r.Start; ; uid++ {
			if p := b.find(uid); kind == "=" {
				p.flags, p.touched = flags, 0
			} else if flags != unknownFlags {
				p.touched = store.Flags(flags)
			}
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
	return flagChange{uid, p.flags, now, p.touched}, true
}

// changesAtOnce are written down together.
const changesAtOnce = 32 << 10

// touch notes, durably, that files are about to follow changes: where a run ends then, it is known what it may have done.
func (s *IMAPState) touch(b *mailbox, changes []flagChange) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for list := range slices.Chunk(changes, changesAtOnce) {
		var sets flagSets
		for _, c := range list {
			if p := b.find(c.uid); p != nil {
				p.touched = c.changes()
				sets[p.touched&63].AddNum(c.uid)
			}
		}
		if err := s.append(true, sets.lines(nil, ">", b.n)); err != nil {
			return err
		}
	}
	return nil
}

// follow notes that files have followed, and up to which MODSEQ; 0: it is not known any more.
func (s *IMAPState) follow(b *mailbox, changes []flagChange, modSeq uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for list := range slices.Chunk(changes, changesAtOnce) {
		var sets flagSets
		for _, c := range list {
			if p := b.find(c.uid); p != nil {
				p.flags, p.touched = serverFlags(c.now), 0
				sets[c.now&63].AddNum(c.uid)
			}
		}
		if err := s.append(false, sets.lines(nil, "=", b.n)); err != nil {
			return err
		}
	}
	if b.modSeq == modSeq {
		return nil
	}
	b.modSeq = modSeq
	return s.append(false, fmt.Appendf(nil, "m %d %d\n", b.n, modSeq))
}

// flagSets are UIDs by their messages' flags.
type flagSets [64]goimap.UIDSet

func (sets *flagSets) lines(out []byte, kind string, n int) []byte {
	for flags, set := range sets {
		for _, set := range split(set, statePiece) {
			out = fmt.Appendf(out, "%s %d %s %c\n", kind, n, set.String(), flagDigits[flags])
		}
	}
	return out
}

// touched is what a compact file has of that.
func (b *mailbox) touched(out []byte) []byte {
	var sets flagSets
	for _, p := range b.prints {
		if p.touched != 0 {
			sets[p.touched&63].AddNum(p.uid)
		}
	}
	return sets.lines(out, ">", b.n)
}

// added notes flags that were set on the server for what is stored: they are no change of others.
func (s *IMAPState) added(b *mailbox, uids goimap.UIDSet, flags store.Flags) error {
	var changes []flagChange
	for _, uid := range members(uids) {
		s.mu.Lock()
		p := b.find(uid)
		if p != nil && p.flags != unknownFlags && p.touched == 0 && p.flags != p.flags|serverFlags(flags) {
			changes = append(changes, flagChange{uid: uid, now: store.Flags(p.flags) | flags})
		}
		s.mu.Unlock()
	}
	_, modSeq := s.carried(b)
	return s.follow(b, changes, modSeq)
}
