package pop3

import (
	"iter"
	"math/bits"
)

// Subset is some letters of a Mailbox, in an eighth of an octet each.
type Subset struct {
	box *Mailbox
	in  []uint64 // bits, by index
	n   int
}

// Subset makes one without any letter, or with all.
func (m *Mailbox) Subset(all bool) *Subset {
	s := &Subset{box: m, in: make([]uint64, (m.Len()+63)/64)}
	for i := range m.Len() {
		if all {
			s.Add(i)
		}
	}
	return s
}

// Mailbox is the one that s is of.
func (s *Subset) Mailbox() *Mailbox { return s.box }

// Len is how many letters there are in s.
func (s *Subset) Len() int { return s.n }

// Has says whether the i-th letter of the mailbox is in s.
func (s *Subset) Has(i int) bool { return s.in[i/64]>>(i%64)&1 != 0 }

// Add adds the i-th letter of the mailbox.
func (s *Subset) Add(i int) {
	if !s.Has(i) {
		s.in[i/64] |= 1 << (i % 64)
		s.n++
	}
}

// Remove takes the i-th letter of the mailbox out.
func (s *Subset) Remove(i int) {
	if s.Has(i) {
		s.in[i/64] &^= 1 << (i % 64)
		s.n--
	}
}

// AddAll adds the letters of another subset of the same mailbox.
func (s *Subset) AddAll(other *Subset) { s.with(other, func(a, b uint64) uint64 { return a | b }) }

// Keep takes out the letters that are not in another subset of the same mailbox.
func (s *Subset) Keep(other *Subset) { s.with(other, func(a, b uint64) uint64 { return a & b }) }

// Drop takes out the letters that are in another subset of the same mailbox.
func (s *Subset) Drop(other *Subset) { s.with(other, func(a, b uint64) uint64 { return a &^ b }) }

func (s *Subset) with(other *Subset, do func(a, b uint64) uint64) {
	s.n = 0
	for k := range s.in {
		s.in[k] = do(s.in[k], other.in[k])
		s.n += bits.OnesCount64(s.in[k])
	}
}

// All gives the letters with their indices in the mailbox, in its order. What is added or removed meanwhile beyond the
// letter that was given last counts. It ends early as Mailbox.Letters does.
func (s *Subset) All() iter.Seq2[int, Letter] {
	return func(yield func(int, Letter) bool) {
		for i := range s.box.Len() {
			if !s.Has(i) {
				continue
			}
			l := s.box.Letter(i)
			if s.box.Err() != nil || !yield(i, l) {
				return
			}
		}
	}
}

// Letters is All without the indices.
func (s *Subset) Letters() iter.Seq[Letter] {
	return func(yield func(Letter) bool) {
		s.All()(func(_ int, l Letter) bool { return yield(l) })
	}
}
