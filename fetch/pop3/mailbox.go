package pop3

import (
	"errors"
	"iter"
	"slices"
	"sort"
)

// maxLetters bounds a Mailbox. With the state of each, and what is to be done with it, they need 32 MiB.
const maxLetters = 1 << 19

// ErrTooMany: the mailbox has more letters than are listed at a time.
var ErrTooMany = errors.New("more than 524288 letters: name them in parts, such as 1-500000")

// Letter is one in the mailbox, as the listing tells.
type Letter struct {
	Number int    // in this session
	Size   int64  // octets, as announced; -1 unknown
	UID    string // unique-id; "" unknown
}

// Mailbox is what LIST and UIDL said, in a few octets a letter: only the first unique-ids are in memory, the others are
// in a temporary file. It is not safe for concurrent use. The caller calls Close.
type Mailbox struct {
	numbers []int32 // nil: 1, 2, 3 and so on
	sizes   []int64
	uids    uidList
	places  []uint32 // in uids, of each letter's
	order   []int32  // by number, where it is not the one they stand in
	hasUIDs bool
	partial bool // not all were wanted
}

// NewMailbox is a Mailbox of letters that are known from elsewhere.
func NewMailbox(letters []Letter) (*Mailbox, error) {
	m := &Mailbox{}
	for _, l := range letters {
		if err := m.add(l.Number, l.Size); err != nil {
			return nil, err
		}
	}
	for i, l := range letters {
		m.hasUIDs = m.hasUIDs || l.UID != ""
		if _, err := m.name(i, l.Number, l.UID); err != nil {
			return nil, errors.Join(err, m.Close())
		}
	}
	return m, nil
}

// Len is how many letters there are.
func (m *Mailbox) Len() int { return len(m.sizes) }

// Whole says whether these are all letters that the server has.
func (m *Mailbox) Whole() bool { return !m.partial }

// HasUIDs says whether the server gives unique-ids.
func (m *Mailbox) HasUIDs() bool { return m.hasUIDs }

// Letters gives all letters in the order of LIST. It ends early when the temporary file cannot be read: see Err.
func (m *Mailbox) Letters() iter.Seq[Letter] {
	return func(yield func(Letter) bool) {
		m.All()(func(_ int, l Letter) bool { return yield(l) })
	}
}

// All gives the letters with their indices from 0. See Letters.
func (m *Mailbox) All() iter.Seq2[int, Letter] {
	return func(yield func(int, Letter) bool) {
		for i := range m.sizes {
			l := m.Letter(i)
			if m.Err() != nil || !yield(i, l) {
				return
			}
		}
	}
}

// Letter is the i-th. Its UID is missing after an error, see Err.
func (m *Mailbox) Letter(i int) Letter {
	l := Letter{Number: m.number(i), Size: m.sizes[i]}
	if i < len(m.places) {
		l.UID = m.uids.at(m.places[i])
	}
	return l
}

// Index is that of the letter with a number; -1: there is none.
func (m *Mailbox) Index(number int) int {
	if m.numbers == nil {
		if number < 1 || number > len(m.sizes) {
			return -1
		}
		return number - 1
	}
	if m.order == nil && !slices.IsSorted(m.numbers) {
		m.sort()
	}
	at := func(k int) int {
		if m.order != nil {
			return int(m.order[k])
		}
		return k
	}
	k := sort.Search(len(m.numbers), func(k int) bool { return m.number(at(k)) >= number })
	if k == len(m.numbers) || m.number(at(k)) != number {
		return -1
	}
	return at(k)
}

func (m *Mailbox) sort() {
	m.order = make([]int32, len(m.numbers))
	for i := range m.order {
		m.order[i] = int32(i)
	}
	slices.SortStableFunc(m.order, func(a, b int32) int { return int(m.numbers[a]) - int(m.numbers[b]) })
}

// Err is what kept the unique-ids from being read back, if anything did.
func (m *Mailbox) Err() error { return m.uids.err }

// Close removes the temporary file.
func (m *Mailbox) Close() error { return m.uids.close() }

func (m *Mailbox) number(i int) int {
	if m.numbers == nil {
		return i + 1
	}
	return int(m.numbers[i])
}

// add takes a line of LIST.
func (m *Mailbox) add(number int, size int64) error {
	if len(m.sizes) == maxLetters {
		return ErrTooMany
	}
	if m.numbers == nil && number != len(m.sizes)+1 {
		for i := range m.sizes {
			m.numbers = append(m.numbers, int32(i+1))
		}
		m.numbers = append(m.numbers, int32(number))
	} else if m.numbers != nil {
		m.numbers = append(m.numbers, int32(number))
	}
	m.sizes = append(m.sizes, size)
	return nil
}

// name takes a line of UIDL, of which the letter at next is expected, and gives the one after it. Both lists usually have
// the same numbers in the same order.
func (m *Mailbox) name(next, number int, uid string) (int, error) {
	i := next
	if i >= len(m.sizes) || m.number(i) != number {
		if i = m.Index(number); i < 0 {
			return next, nil
		}
	}
	if m.places == nil {
		m.places = make([]uint32, len(m.sizes))
	}
	if uid == "" || m.places[i] != 0 {
		return i + 1, nil
	}
	var err error
	m.places[i], err = m.uids.add(uid)
	return i + 1, err
}
