package fetch

import (
	"slices"
	"strings"
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
	Get     []pop3.Letter // to be fetched
	Delete  []pop3.Letter // stored by earlier runs, to be deleted
	TooLong []pop3.Letter // larger than MaxSize
}

// PlanPOP3 decides about letters. State may be nil: nothing is known then. A letter without a unique-id, with one that
// stands twice in the mailbox, or with one under which a letter of another size was stored, may be another than that: it is
// never deleted unfetched.
func PlanPOP3(letters []pop3.Letter, state *State, policy Policy, now time.Time) *Plan {
	p := &Plan{}
	twins := twins(letters)
	for i, l := range letters {
		since, stored := time.Time{}, false
		if state != nil && l.UID != "" {
			since, stored = state.Since(l.UID)
		}
		once := !twins[i]
		due := stored && (policy.Delete || policy.DeleteAfter > 0 && once && now.Sub(since) >= policy.DeleteAfter)
		if due && !(once && state.SameSize(l)) {
			due, stored = false, false
		}
		switch {
		case due:
			p.Delete = append(p.Delete, l)
		case stored && policy.New:
		case policy.MaxSize > 0 && l.Size > policy.MaxSize:
			p.TooLong = append(p.TooLong, l)
		default:
			p.Get = append(p.Get, l)
		}
	}
	return p
}

// twins tells of each letter whether another has its unique-id.
func twins(letters []pop3.Letter) []bool {
	order := make([]int32, len(letters))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return strings.Compare(letters[a].UID, letters[b].UID) })
	is := make([]bool, len(letters))
	for k := 1; k < len(order); k++ {
		if a, b := order[k-1], order[k]; letters[a].UID == letters[b].UID {
			is[a], is[b] = true, true
		}
	}
	return is
}
