package sandbox

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// allMail is the user who sees every letter.
const allMail = "all"

// inbox is the folder that letters come to. IMAP4 knows it in whatever case.
const inbox = "INBOX"

// accounts is everybody's mail, as POP3 and IMAP4 show it. Each recipient has an account by the address, and by its
// local part alone; there is one for all letters. It is safe for concurrent use.
type accounts struct {
	mu       sync.Mutex
	byName   map[string]*account
	validity uint32 // UIDVALIDITY of the newest folder
}

func newAccounts() *accounts {
	return &accounts{byName: map[string]*account{}, validity: uint32(time.Now().Unix())}
}

// open is the account of a user, made if it is not there.
func (as *accounts) open(user string) *account {
	as.mu.Lock()
	defer as.mu.Unlock()
	name := strings.ToLower(user)
	a := as.byName[name]
	if a == nil {
		a = &account{name: name, all: as, folders: map[string]*folder{}, busy: make(chan struct{}, 1)}
		a.folders[inbox] = as.newFolder(inbox)
		a.folders[inbox].subscribed = true
		as.byName[name] = a
	}
	return a
}

// newFolder is called with the lock held. No two folders have the same UIDVALIDITY.
func (as *accounts) newFolder(name string) *folder {
	as.validity++
	return &folder{name: name, validity: as.validity, next: 1, tracker: imapserver.NewMailboxTracker(0)}
}

// deliver puts a letter into its recipients' inboxes.
func (as *accounts) deliver(m *Message) {
	names := []string{allMail}
	for _, addr := range m.To {
		addr = strings.ToLower(addr)
		names = append(names, addr)
		if at := strings.LastIndexByte(addr, '@'); at > 0 {
			names = append(names, addr[:at])
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		as.open(name).folders[inbox].add(m.content, m.Time, nil)
	}
}

// reset forgets everything. Connections that are open keep what they see.
func (as *accounts) reset() {
	as.mu.Lock()
	defer as.mu.Unlock()
	as.byName = map[string]*account{}
}

// account is one user's folders.
type account struct {
	name string
	all  *accounts

	busy chan struct{} // full while a POP3 session has the inbox (RFC 1939 §4)

	mu      sync.Mutex
	folders map[string]*folder // the inbox is always there
}

// inbox is the folder for letters that come.
func (a *account) inbox() *folder {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.folders[inbox]
}

// lockPatience is how long lock waits: a client whose connection was lost is back sooner than that is noticed here.
const lockPatience = 300 * time.Millisecond

// lock takes the inbox for a POP3 session, and says whether it was free.
func (a *account) lock() bool {
	select {
	case a.busy <- struct{}{}:
		return true
	case <-time.After(lockPatience):
		return false
	}
}

func (a *account) unlock() { <-a.busy }

// folder is a mailbox in IMAP4's sense.
type folder struct {
	validity uint32
	tracker  *imapserver.MailboxTracker

	mu         sync.Mutex
	name       string
	use        []imap.MailboxAttr
	subscribed bool
	entries    []*entry // by UID
	next       imap.UID
}

// entry is a letter in a folder.
type entry struct {
	content
	uid  imap.UID
	date time.Time

	flags map[imap.Flag]imap.Flag // as written, by the flag in lower case; under the folder's lock
}

// add puts a letter at the end.
func (f *folder) add(c content, date time.Time, flags []imap.Flag) *entry {
	e := &entry{content: c, date: date, flags: map[imap.Flag]imap.Flag{}}
	for _, flag := range flags {
		e.flags[lowerFlag(flag)] = flag
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	e.uid = f.next
	f.next++
	f.entries = append(f.entries, e)
	f.tracker.QueueNumMessages(uint32(len(f.entries)))
	return e
}

// snapshot is the letters of now.
func (f *folder) snapshot() []*entry {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.entries)
}

// remove takes out the letters that gone says, and tells those who look at the folder.
func (f *folder) remove(gone func(*entry) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.removeLocked(gone)
}

// removeLocked is remove with the lock held. It returns the sequence numbers that went, from the last to the first.
func (f *folder) removeLocked(gone func(*entry) bool) (numbers []uint32) {
	for i, e := range slices.Backward(f.entries) {
		if gone(e) {
			numbers = append(numbers, uint32(i)+1)
			f.tracker.QueueExpunge(uint32(i) + 1)
		}
	}
	f.entries = slices.DeleteFunc(slices.Clone(f.entries), gone)
	return numbers
}

func lowerFlag(flag imap.Flag) imap.Flag { return imap.Flag(strings.ToLower(string(flag))) }

// has says whether a letter has a flag. The folder's lock is held.
func (e *entry) has(flag imap.Flag) bool {
	_, ok := e.flags[lowerFlag(flag)]
	return ok
}
