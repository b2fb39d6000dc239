package fetch

import (
	"fmt"

	goimap "github.com/emersion/go-imap/v2"
)

// known is what is stored of a mailbox with this UIDVALIDITY. It is false if all that is known is by another one. A mailbox of
// which nothing is known has it from now on.
func (s *IMAPState) known(b *mailbox, validity uint32) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case b.validity == validity:
		return true, nil
	case len(b.prints) > 0:
		return false, nil
	}
	out := fmt.Appendf(nil, "v %d %d\nt %d %d\n", b.n, validity, b.n, validity)
	if b.validity != 0 {
		b.renew()
		out = fmt.Appendf(out, "g %d %d\n", b.n, b.renewed)
	}
	b.validity, b.next, b.missing, b.modSeq, b.tagged = validity, 0, nil, 0, true
	return true, s.append(false, out)
}

// renew notes that the UIDs are other ones now: files that are called after the old ones are not after these.
func (b *mailbox) renew() { b.renewed, b.tag = b.renewed+1, "" }

// stores says whether anything is known to be stored of a mailbox.
func (s *IMAPState) stores(b *mailbox) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(b.prints) > 0
}

// wanted are the UIDs of a mailbox that have not come: those up from where all are known, and those that were missing.
func (s *IMAPState) wanted(b *mailbox) goimap.UIDSet {
	s.mu.Lock()
	defer s.mu.Unlock()
	set := goimap.UIDSet{{Start: max(1, b.next), Stop: lastUID}}
	set.AddSet(b.missing)
	return subtract(set, b.uids)
}

// without is set without what is stored.
func (s *IMAPState) without(b *mailbox, set goimap.UIDSet) goimap.UIDSet {
	s.mu.Lock()
	defer s.mu.Unlock()
	return subtract(set, b.uids)
}

// complete notes that all below next are stored or gone, but for those missing.
func (s *IMAPState) complete(b *mailbox, next goimap.UID, missing goimap.UIDSet) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	gone, lost := subtract(b.missing, missing), subtract(missing, b.missing)
	if b.next == next && len(gone) == 0 && len(lost) == 0 {
		return nil
	}
	b.next, b.missing = next, missing
	out := fmt.Appendf(nil, "n %d %d\n", b.n, next)
	for _, set := range split(gone, statePiece) {
		out = fmt.Appendf(out, "- %d %s\n", b.n, set.String())
	}
	for _, set := range split(lost, statePiece) {
		out = fmt.Appendf(out, "! %d %s\n", b.n, set.String())
	}
	return s.append(false, out)
}

// excess says whether so much more is remembered of a mailbox than it has messages that it is worth asking which are gone.
func (s *IMAPState) excess(b *mailbox, messages uint32) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(b.prints) > 2*int(messages)+1000
}

// prune forgets what the mailbox has no more. Its prints are of no use: what is gone does not come again.
func (s *IMAPState) prune(b *mailbox, there goimap.UIDSet) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.forget(b, subtract(b.uids, there))
}

// rematch finds again, in a mailbox whose UIDVALIDITY has changed, what is stored: by the prints of what it has now. All
// of it is written down at once: in part it would have messages stored twice.
func (s *IMAPState) rematch(b *mailbox, validity uint32, there []printed) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	type copies struct {
		n     int
		flags serverFlags // of all of them, or unknown
	}
	stored := make(map[fingerprint]copies, len(b.prints))
	for _, p := range b.prints {
		c, more := stored[p.print]
		if p.touched != 0 || more && c.flags != p.flags {
			p.flags = unknownFlags
		}
		stored[p.print] = copies{c.n + 1, p.flags}
	}
	b.validity, b.next, b.missing, b.uids, b.prints, b.modSeq, b.tagged = validity, 0, nil, nil, nil, 0, false
	clear(b.pending)
	b.renew()
	for _, p := range there {
		if c := stored[p.print]; c.n > 0 {
			stored[p.print] = copies{c.n - 1, c.flags}
			b.stored(printed{uid: p.uid, print: p.print, flags: c.flags})
		}
	}
	if s.file.file == nil {
		return nil
	}
	return s.compact()
}
