package sandbox

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"time"
)

// store holds the letters that were caught. It is safe for concurrent use.
type store struct {
	mu      sync.Mutex
	last    int // ID of the newest letter ever, also when it is gone
	letters []*Message
	changed chan struct{} // closed, and replaced, when a letter comes
}

func newStore() *store { return &store{changed: make(chan struct{})} }

// add gives the letter its number and wakes those who wait.
func (st *store) add(m *Message) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.last++
	m.ID = st.last
	st.letters = append(st.letters, m)
	close(st.changed)
	st.changed = make(chan struct{})
}

// snapshot is the letters of now, and a channel that is closed when there are more.
func (st *store) snapshot() ([]*Message, <-chan struct{}) {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.letters[:len(st.letters):len(st.letters)], st.changed
}

// keep stores a letter that came whole.
func (s *Sandbox) keep(m *Message, sp *spool) error {
	c, err := sp.finish()
	if err != nil {
		return err
	}
	head, err := c.head(headerSpan)
	if err != nil {
		return err
	}
	if s.opt.Dir != "" {
		if c.file, err = deliverMaildir(s.opt.Dir, c.file); err != nil {
			return err
		}
		m.Path = c.file
	}
	m.Time, m.Size, m.Subject, m.content = time.Now(), c.size, subject(head), c
	s.accounts.deliver(m) // before those who wait are told
	s.store.add(m)
	return nil
}

// newSpool is a spool for the next letter: with Options.Dir in that Maildir's tmp.
func (s *Sandbox) newSpool() *spool {
	if s.opt.Dir != "" {
		return &spool{dir: filepath.Join(s.opt.Dir, "tmp"), toFile: true, max: s.opt.MaxSize}
	}
	return &spool{dir: s.dir, max: s.opt.MaxSize}
}

// List is the letters that match, in the order of arrival.
func (s *Sandbox) List(match Match) ([]*Message, error) {
	letters, _ := s.store.snapshot()
	return match.filter(letters)
}

// ErrNothing is what Wait ends with when too few letters came in time.
var ErrNothing = errors.New("no such letter came")

// Wait waits until count letters match, those that are here already included, and returns all that do. When ctx ends
// first, or the sandbox, it returns what there is and ErrNothing.
func (s *Sandbox) Wait(ctx context.Context, match Match, count int) (found []*Message, err error) {
	for {
		letters, changed := s.store.snapshot()
		more, err := match.filter(letters)
		found = append(found, more...)
		if err != nil || len(found) >= count {
			return found, err
		}
		if len(letters) > 0 { // each letter is looked at once
			match.Since = max(match.Since, letters[len(letters)-1].ID)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return found, ErrNothing
		case <-s.done:
			return found, ErrNothing
		}
	}
}

// Mark is a point in the stream of letters: Match.Since takes it for those that come afterwards.
func (s *Sandbox) Mark() int {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	return s.store.last
}

// Reset forgets all letters and all faults. Letters in Options.Dir stay there; numbers go on.
func (s *Sandbox) Reset() error {
	s.faults.clear()
	s.accounts.reset()
	s.store.mu.Lock()
	letters := s.store.letters
	s.store.letters = nil
	s.store.mu.Unlock()
	if s.opt.Dir != "" {
		return nil
	}
	var errs []error
	for _, m := range letters {
		errs = append(errs, m.content.remove())
	}
	return errors.Join(errs...)
}
