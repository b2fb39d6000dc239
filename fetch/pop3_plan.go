package fetch

import (
	"time"

	"posta/fetch/pop3"
)

// Policy says which letters of a POP3 mailbox come home, and which leave the server.
type Policy struct {
	New         bool          // those alone that have not come yet
	Delete      bool          // they leave the server when they are stored
	DeleteAfter time.Duration // or so long after that; 0: not
	MaxSize     int64         // larger ones stay where they are; 0: any size
}

// Plan is what is to be done with a mailbox.
type Plan struct {
	Get     *pop3.Subset // to be fetched
	Delete  *pop3.Subset // stored by earlier runs, to be deleted
	TooLong *pop3.Subset // larger than MaxSize
}

// PlanPOP3 decides about letters. State may be nil: nothing is known then; else its List is told of the whole mailbox. A letter
// without a unique-id, with one that stands twice in the mailbox, or with one under which a letter of another size was
// stored, may be another than that: it is never deleted unfetched.
func PlanPOP3(letters *pop3.Subset, state *State, policy Policy, now time.Time) *Plan {
	box := letters.Mailbox()
	p := &Plan{Get: box.Subset(false), Delete: box.Subset(false), TooLong: box.Subset(false)}
	if state != nil {
		state.List(box.Letters())
	}
	for i, l := range letters.All() {
		since, stored := time.Time{}, false
		if state != nil && l.UID != "" {
			since, stored = state.Since(l.UID)
		}
		once := stored && box.Whole() && state.Once(l.UID)
		due := stored && (policy.Delete || policy.DeleteAfter > 0 && once && now.Sub(since) >= policy.DeleteAfter)
		if due && !(once && state.SameSize(l)) {
			due, stored = false, false
		}
		switch {
		case due:
			p.Delete.Add(i)
		case stored && policy.New:
		case policy.MaxSize > 0 && l.Size > policy.MaxSize:
			p.TooLong.Add(i)
		default:
			p.Get.Add(i)
		}
	}
	return p
}
