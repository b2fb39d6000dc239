package fetch

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"posta/fetch/store"
)

var (
	// ErrBusy: another run has the state.
	ErrBusy = errors.New("another run is at it")
	// ErrState: the file is no state, or one of another source.
	ErrState = errors.New("no state file of this account")
)

// State is what a source's messages are known to have become: a file of lines, appended to, and made small again when it
// is opened. Each line is one record, its fields separated by blanks, in which other octets than the printable
// ones of ASCII, blanks and "%" are %XX:
//
//	posta-state 1 SOURCE     the first line
//	? TIME KEY PLACE         is about to get its name in the store, at PLACE
//	+ TIME KEY               is stored, since TIME (seconds since 1970)
//	- KEY                    is forgotten: the server has it no more
//	= NAME VALUE             something else to remember
//
// A last line without its end is what a crash left, and is nothing. The file is locked while it is open. State is a
// store.Journal for messages whose Key is a string. It may be used by several goroutines.
type State struct {
	mu      sync.Mutex
	file    stateFile
	now     func() time.Time
	stored  map[string]int64
	pending map[string]Pending
	values  map[string]string
}

// Pending is a message that a run was about to store when it ended.
type Pending struct {
	Key, Place string
	Time       int64
}

// OpenState opens the state of a source in the file path, which is made where it is missing, with its folder. ErrBusy:
// another run has it; ErrState: it is of another source, or no state at all. The caller closes it.
func OpenState(path, source string, now func() time.Time) (*State, error) {
	if now == nil {
		now = time.Now
	}
	s := &State{file: stateFile{path: path, source: source}, now: now}
	s.stored, s.pending, s.values = map[string]int64{}, map[string]Pending{}, map[string]string{}
	if err := s.file.open(s.record); err != nil {
		return nil, err
	}
	if s.file.lines > 2*s.live()+64 {
		if err := s.file.replace(s.all()); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

func (s *State) live() int { return 1 + len(s.stored) + len(s.pending) + len(s.values) }

// Since says since when a message is stored.
func (s *State) Since(key string) (since time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.stored[key]
	return time.Unix(t, 0), ok
}

// Len is how many messages are known to be stored.
func (s *State) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.stored)
}

// Value is what was remembered under a name, "" for nothing.
func (s *State) Value(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.values[name]
}

// SetValue remembers something, durably.
func (s *State) SetValue(name, value string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[name] = value
	return s.file.append(true, fmt.Appendf(nil, "= %s %s\n", escape(name), escape(value)))
}

// Prepare writes down, durably, what is about to be stored: those that the store can be asked for.
func (s *State) Prepare(group []*store.Receipt) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b []byte
	for _, r := range group {
		key, _ := r.Key.(string)
		if key == "" || r.Place == "" {
			continue
		}
		p := Pending{Key: key, Place: r.Place, Time: s.now().Unix()}
		s.pending[key] = p
		b = p.line(b)
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
		key, _ := r.Key.(string)
		if key == "" {
			continue
		}
		if _, ok := s.pending[key]; !ok {
			sync = true
		}
		b = s.setStored(b, key, s.now().Unix())
	}
	return s.file.append(sync, b)
}

func (s *State) setStored(b []byte, key string, t int64) []byte {
	delete(s.pending, key)
	s.stored[key] = t
	return fmt.Appendf(b, "+ %d %s\n", t, escape(key))
}

// Settle asks the store for what an earlier run was about to store when it ended.
func (s *State) Settle(holds func(place string) (bool, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b []byte
	for key, p := range s.pending {
		ok, err := holds(p.Place)
		if err != nil {
			return err
		}
		if ok {
			b = s.setStored(b, key, p.Time)
			continue
		}
		delete(s.pending, key)
		if _, again := s.stored[key]; !again {
			b = fmt.Appendf(b, "- %s\n", escape(key))
		}
	}
	return s.file.append(true, b)
}

// Forget forgets messages, durably: the server has them no more.
func (s *State) Forget(keys ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b []byte
	for _, key := range keys {
		if _, ok := s.stored[key]; ok {
			delete(s.stored, key)
			b = fmt.Appendf(b, "- %s\n", escape(key))
		}
	}
	return s.file.append(true, b)
}

// Prune forgets what the server does not list and was stored before a time.
func (s *State) Prune(listed func(key string) bool, before time.Time) error {
	var gone []string
	s.mu.Lock()
	for key, t := range s.stored {
		if t < before.Unix() && !listed(key) {
			gone = append(gone, key)
		}
	}
	s.mu.Unlock()
	return s.Forget(gone...)
}

// Close ends the run.
func (s *State) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.file.close()
}
