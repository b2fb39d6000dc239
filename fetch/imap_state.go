package fetch

import (
	"errors"
	"fmt"
	"sync"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/store"
)

// IMAPState is what an account's messages are known to have become, by mailbox and UID. It is a file like that of State, but
// for its records. N is the number of a mailbox in the file, UIDS a set as of RFC 9051 §9; a PRINT is what a message is found
// again by when the mailbox's UIDVALIDITY has changed: 12 characters for its header and size. FLAGS is what the server said
// last of its flags: a digit in base 64 (A-Z a-z 0-9 - _) whose bits are \Draft, \Flagged, $Forwarded, \Answered, \Seen and
// \Deleted, the last the greatest; "." where that is not known, as in files of earlier versions, which have no such fields.
//
//	posta-state 1 SOURCE     the first line
//	f N FOLDER               the mailbox of this number
//	v N UIDVALIDITY          of its UIDs; what was known by others counts no more
//	? N UID PRINT PLACE FLAGS  is about to get its name in the store, at PLACE
//	+ N UID PRINT FLAGS      is stored
//	* N UIDS PRINTS FLAGS    are stored; a print for each, in the order of the set, and a digit
//	> N UIDS FLAGS           are about to have these flags changed in their files
//	= N UIDS FLAGS           have these flags on the server now, and their files have followed
//	m N MODSEQ               what changed up to there (RFC 7162) the files have
//	t N UIDVALIDITY          files of these UIDs are called after them
//	g N NUMBER               the mailbox's UIDs have changed so often
//	n N UID                  all below this one are stored, gone or in a later "!"
//	! N UIDS                 did not come, though they are below: they are asked for again
//	- N UIDS                 the server has them no more
//
// Ten thousand stored messages are 25 lines and 130 kB of it, which the next opening makes of what a run
// appended. In memory a message takes 16 octets. IMAPState is a store.Journal for messages whose Key is from an IMAP. It may be
// used by several goroutines.
type IMAPState struct {
	mu    sync.Mutex
	file  stateFile // without a file: it lasts as long as the IMAPState
	boxes []*mailbox
}

// mailbox is what is known of one.
type mailbox struct {
	n        int
	name     string
	validity uint32
	next     goimap.UID
	missing  goimap.UIDSet
	uids     goimap.UIDSet // stored
	prints   []printed     // of those, in no order but where sorted says so
	sorted   bool          // prints are in the order of UIDs
	pending  map[goimap.UID]pendingPlace
	modSeq   uint64        // up to which changes of flags have been carried to the store; 0: none is known
	tagged   bool          // files are called after their UIDs
	tag      string        // see tagOf; made when it is needed
	renewed  int           // how often the UIDs have changed
	dropped  goimap.UIDSet // of "-" records that are read, see drop
}

// printed is a stored message's print, and its flags on the server, as its file has followed them.
type printed struct {
	uid     goimap.UID
	print   fingerprint
	flags   serverFlags
	touched store.Flags // runs that ended were about to change these in the file, and perhaps did
}

// pendingPlace is a message that a run was about to store when it ended.
type pendingPlace struct {
	print fingerprint
	place string
	flags serverFlags
}

// imapKey is the Key of a message in the store.
type imapKey struct {
	box      *mailbox
	validity uint32 // as it was fetched
	uid      goimap.UID
	print    fingerprint
	flags    serverFlags
}

// NewIMAPState is a state that is not kept.
func NewIMAPState() *IMAPState { return &IMAPState{} }

// OpenIMAPState opens the state of a source in the file path, which is made where it is missing, with its folder. ErrBusy:
// another run has it; ErrState: it is of another source, or no state at all. The caller closes it.
func OpenIMAPState(path, source string) (*IMAPState, error) {
	s := &IMAPState{file: stateFile{path: path, source: source}}
	if err := s.file.open(s.record); err != nil {
		return nil, err
	}
	for _, b := range s.boxes {
		b.drop()
	}
	if s.file.lines > 2*s.live()+64 {
		if err := s.compact(); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// Close ends the run.
func (s *IMAPState) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file.file == nil {
		return nil
	}
	return s.file.close()
}

// Len is how many messages are known to be stored.
func (s *IMAPState) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, b := range s.boxes {
		n += len(b.prints)
	}
	return n
}

// append writes records down, where there is a file.
func (s *IMAPState) append(sync bool, b []byte) error {
	if s.file.file == nil {
		return nil
	}
	return s.file.append(sync, b)
}

// find is the mailbox of this name.
func (s *IMAPState) find(name string) (*mailbox, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.boxes {
		if b.name == name {
			return b, nil
		}
	}
	b := s.add(name)
	return b, s.append(false, fmt.Appendf(nil, "f %d %s\n", b.n, escape(name)))
}

func (s *IMAPState) add(name string) *mailbox {
	b := &mailbox{n: len(s.boxes), name: name, pending: map[goimap.UID]pendingPlace{}}
	s.boxes = append(s.boxes, b)
	return b
}

// Prepare writes down, durably, what is about to be stored: those that the store can be asked for.
func (s *IMAPState) Prepare(group []*store.Receipt) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b []byte
	for _, r := range group {
		if k, ok := r.Key.(*imapKey); ok && r.Place != "" && k.validity == k.box.validity {
			p := pendingPlace{k.print, r.Place, k.flags}
			k.box.pending[k.uid] = p
			b = p.line(b, k.box.n, k.uid)
		}
	}
	return s.append(true, b)
}

// Stored writes down what is stored. What was prepared need not be synced again: after a crash the store is asked.
func (s *IMAPState) Stored(group []*store.Receipt) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b []byte
	sync := false
	for _, r := range group {
		k, ok := r.Key.(*imapKey)
		if !ok || k.validity != k.box.validity {
			continue
		}
		if _, prepared := k.box.pending[k.uid]; !prepared {
			sync = true
		}
		p := printed{uid: k.uid, print: k.print, flags: k.flags}
		k.box.stored(p)
		b = p.line(b, k.box.n)
	}
	return s.append(sync, b)
}

// stored notes a stored message.
func (b *mailbox) stored(p printed) {
	delete(b.pending, p.uid)
	if b.uids.Contains(p.uid) {
		return
	}
	b.uids.AddNum(p.uid)
	n := len(b.prints)
	b.sorted = n == 0 || b.sorted && b.prints[n-1].uid < p.uid
	b.prints = append(b.prints, p)
	if b.missing.Contains(p.uid) {
		b.missing = subtract(b.missing, goimap.UIDSetNum(p.uid))
	}
}

// forget notes that the server has messages no more.
func (b *mailbox) forget(gone goimap.UIDSet) {
	kept := b.prints[:0]
	for _, p := range b.prints {
		if !gone.Contains(p.uid) {
			kept = append(kept, p)
		}
	}
	b.prints, b.uids, b.missing = kept, subtract(b.uids, gone), subtract(b.missing, gone)
	for uid := range b.pending {
		if gone.Contains(uid) {
			delete(b.pending, uid)
		}
	}
}

// Settle asks the store for what an earlier run was about to store when it ended.
func (s *IMAPState) Settle(holds func(place string) (bool, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b []byte
	for _, box := range s.boxes {
		var lost goimap.UIDSet
		for uid, p := range box.pending {
			ok, err := holds(p.place)
			if err != nil {
				return err
			}
			if !ok {
				lost.AddNum(uid)
				continue
			}
			stored := printed{uid: uid, print: p.print, flags: p.flags}
			box.stored(stored)
			b = stored.line(b, box.n)
		}
		clear(box.pending)
		for _, set := range split(subtract(lost, box.uids), statePiece) {
			b = fmt.Appendf(b, "- %d %s\n", box.n, set.String())
		}
	}
	return s.append(true, b)
}
