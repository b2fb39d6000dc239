package fetch

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"posta/fetch/pop3"
	"posta/fetch/store"
)

var (
	// ErrBusy: another run has the state.
	ErrBusy = errors.New("another run is at it")
	// ErrState: the file is no state, or one of another source.
	ErrState = errors.New("no state file of this account")
)

// State is what the letters of a POP3 mailbox are known to have become: a file of lines, appended to, and made small again
// when it is opened. Each line is one record, its fields separated by blanks, in which other octets than the printable
// ones of ASCII, blanks and "%" are %XX:
//
//	posta-state 1 SOURCE     the first line
//	? TIME UID PLACE SIZE    is about to get its name in the store, at PLACE
//	+ TIME UID SIZE          is stored, since TIME (seconds since 1970); the server announced SIZE, -1: none
//	- UID                    is forgotten: the server has it no more
//
// A last line without its end is what a crash left, and is nothing. The file is locked while it is open. State is a
// store.Journal for messages whose Key is their pop3.Letter. It may be used by several goroutines.
type State struct {
	mu      sync.Mutex
	file    stateFile
	now     func() time.Time
	stored  *known
	pending map[string]pendingLetter // by unique-id: a group or two
	listed  bool                     // the stored letters know what the server lists
}

// pendingLetter is one that a run was about to store when it ended.
type pendingLetter struct {
	storedLetter
	place string
}

// OpenState opens the state of a source in the file path, which is made where it is missing, with its folder. ErrBusy:
// another run has it; ErrState: it is of another source, or no state at all. The caller closes it.
func OpenState(path, source string, now func() time.Time) (*State, error) {
	if now == nil {
		now = time.Now
	}
	s := &State{file: stateFile{path: path, source: source}, now: now}
	s.stored, s.pending = newKnown(), map[string]pendingLetter{}
	if err := s.file.open(s.record); err != nil {
		return nil, err
	}
	if s.file.lines > 2*s.live()+64 {
		if err := s.compact(); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

func (s *State) live() int { return 1 + s.stored.n + len(s.pending) }

// Since says since when the letter of a unique-id is stored.
func (s *State) Since(uid string) (since time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.stored.get(uid); k != nil {
		return k.time(), true
	}
	return time.Time{}, false
}

// SameSize says whether a letter is as large as the one that is stored under its unique-id was announced to be, as far as
// that is known. Else it is another: RFC 1939 §7 lets a unique-id be used again when its letter is gone.
func (s *State) SameSize(l pop3.Letter) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.stored.get(l.UID)
	return k != nil && k.sameSize(&l)
}

// Len is how many letters are known to be stored.
func (s *State) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stored.n
}

// Prepare writes down, durably, what is about to be stored: those that the store can be asked for.
func (s *State) Prepare(group []*store.Receipt) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b []byte
	for _, r := range group {
		l, _ := r.Key.(pop3.Letter)
		if l.UID == "" || r.Place == "" {
			continue
		}
		p := pendingLetter{storedLetter{s.now().Unix(), l.Size}, r.Place}
		s.pending[l.UID] = p
		b = p.line(b, l.UID)
	}
	return s.file.append(true, b)
}

// Stored writes down what is stored. What was prepared need not be synced again: after a crash the store is asked.
func (s *State) Stored(group []*store.Receipt) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b []byte
	sync := false
	for _, r := range group {
		l, _ := r.Key.(pop3.Letter)
		if l.UID == "" {
			continue
		}
		if _, ok := s.pending[l.UID]; !ok {
			sync = true
		}
		b = s.setStored(b, l.UID, storedLetter{s.now().Unix(), l.Size})
	}
	return s.file.append(sync, b)
}

func (s *State) setStored(b []byte, uid string, l storedLetter) []byte {
	delete(s.pending, uid)
	if k := s.stored.put(uid, l); k.tally() == 0 {
		k.setTally(1) // it was there a moment ago
	}
	return l.line(b, uid)
}

// Settle asks the store for what an earlier run was about to store when it ended.
func (s *State) Settle(holds func(place string) (bool, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b []byte
	for uid, p := range s.pending {
		ok, err := holds(p.place)
		if err != nil {
			return err
		}
		if ok {
			b = s.setStored(b, uid, p.storedLetter)
			continue
		}
		delete(s.pending, uid)
		if k := s.stored.get(uid); k != nil {
			b = k.record().line(b, uid) // which ends what is pending
		} else {
			b = fmt.Appendf(b, "- %s\n", escape(uid))
		}
	}
	return s.file.append(true, b)
}

// Close ends the run.
func (s *State) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.file.close()
}
