package fetch

import (
	"fmt"
	"iter"
	"slices"

	goimap "github.com/emersion/go-imap/v2"
)

// stored is what is stored of a mailbox.
func (s *IMAPState) stored(b *mailbox) goimap.UIDSet {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(b.uids)
}

// ranges is how many ranges of UIDs are stored of a mailbox.
func (s *IMAPState) ranges(b *mailbox) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(b.uids)
}

// gone forgets what the mailbox has no more.
func (s *IMAPState) gone(b *mailbox, gone goimap.UIDSet) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.forget(b, gone)
}

// forget notes what the mailbox has no more.
func (s *IMAPState) forget(b *mailbox, gone goimap.UIDSet) error {
	b.forget(gone)
	for list := range slices.Chunk(split(gone, statePiece), changesAtOnce/statePiece) {
		var out []byte
		for _, set := range list {
			out = fmt.Appendf(out, "- %d %s\n", b.n, set.String())
		}
		if err := s.append(false, out); err != nil {
			return err
		}
	}
	return nil
}

// tagged says whether the files of a mailbox are called after their UIDs.
func (s *IMAPState) tagged(b *mailbox) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return b.tagged
}

// tag notes that they are.
func (s *IMAPState) tag(b *mailbox) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b.tagged = true
	return s.append(false, fmt.Appendf(nil, "t %d %d\n", b.n, b.validity))
}

// printOf is a stored message's print.
func (s *IMAPState) printOf(b *mailbox, uid goimap.UID) (fingerprint, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := b.find(uid)
	if p == nil {
		return fingerprint{}, false
	}
	return p.print, true
}

// prints are those of all that is stored of a mailbox, in the order of UIDs.
func (s *IMAPState) prints(b *mailbox) []printed {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(b.inOrder())
}

// others are the prints of all other mailboxes. Nothing else may be asked meanwhile.
func (s *IMAPState) others(b *mailbox) iter.Seq[fingerprint] {
	return func(yield func(fingerprint) bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, other := range s.boxes {
			if other == b {
				continue
			}
			for _, p := range other.prints {
				if !yield(p.print) {
					return
				}
			}
		}
	}
}
