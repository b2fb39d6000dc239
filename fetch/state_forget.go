package fetch

import (
	"fmt"
	"iter"
	"time"

	"posta/fetch/pop3"
)

// List says which letters the server lists, for Once and Prune.
func (s *State) List(letters iter.Seq[pop3.Letter]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listed = true
	s.stored.any(func(k *knownLetter) bool {
		k.setTally(0)
		return false
	})
	for l := range letters {
		if k := s.stored.get(l.UID); k != nil && k.tally() < 2 {
			k.setTally(k.tally() + 1)
		}
	}
}

// Once says whether no two of the letters that List was told of have this unique-id.
func (s *State) Once(uid string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.stored.get(uid)
	return k == nil || k.tally() < 2
}

// Forget forgets letters, durably: the server has them no more.
func (s *State) Forget(uids iter.Seq[string]) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := forgetting{s: s}
	for uid := range uids {
		if err := f.forget(uid); err != nil {
			return err
		}
	}
	return f.end()
}

// Prune forgets what was stored before a time and is not of the letters that List was told of. Without List it does nothing.
func (s *State) Prune(before time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.listed || !s.stored.any(func(k *knownLetter) bool { return k.gone(before) }) {
		return nil
	}
	f := forgetting{s: s}
	err := s.file.records(func(values []string) error {
		if values[0] != "+" {
			return nil
		}
		if k := s.stored.get(values[2]); k == nil || !k.gone(before) {
			return nil
		}
		return f.forget(values[2])
	})
	if err != nil {
		return err
	}
	return f.end()
}

func (k *knownLetter) gone(before time.Time) bool { return k.tally() == 0 && k.time().Before(before) }

// forgetting writes down what is forgotten, a piece at a time.
type forgetting struct {
	s     *State
	b     []byte
	wrote bool
}

const forgetPiece = 64 << 10

func (f *forgetting) forget(uid string) error {
	if f.s.stored.get(uid) == nil {
		return nil
	}
	f.s.stored.drop(uid)
	if f.b = fmt.Appendf(f.b, "- %s\n", escape(uid)); len(f.b) < forgetPiece {
		return nil
	}
	err := f.s.file.append(false, f.b)
	f.b, f.wrote = f.b[:0], true
	return err
}

func (f *forgetting) end() error {
	if len(f.b) == 0 && f.wrote {
		return f.s.file.file.Sync()
	}
	return f.s.file.append(true, f.b)
}
