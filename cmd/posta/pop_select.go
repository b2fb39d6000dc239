package main

import (
	"strconv"
	"strings"

	"posta/fetch/pop3"
)

// popNames are the letters that arguments name: by numbers, ranges of numbers (3-7, 3-), and unique-ids. No arguments are
// all letters.
type popNames struct {
	args   []string
	ranges [][2]int            // that are no single numbers
	single []int               // numbers
	uids   map[string]struct{} // without "uid:"
}

func readPopNames(args []string) *popNames {
	n := &popNames{args: args, uids: map[string]struct{}{}}
	for _, arg := range args {
		from, to, ok := numberRange(arg)
		switch {
		case ok && from == to:
			n.single = append(n.single, from)
		case ok:
			n.ranges = append(n.ranges, [2]int{from, to})
		default:
			n.uids[namedUID(arg)] = struct{}{}
		}
	}
	return n
}

// namedUID is the unique-id that an argument names.
func namedUID(arg string) string {
	if uid, ok := strings.CutPrefix(arg, "uid:"); ok && uid != "" {
		return uid
	}
	return arg
}

// wants says which numbers are of interest; nil: all, as unique-ids may have any.
func (n *popNames) wants() func(number int) bool {
	if len(n.uids) > 0 || len(n.args) == 0 {
		return nil
	}
	single := make(map[int]bool, len(n.single))
	for _, number := range n.single {
		single[number] = true
	}
	return func(number int) bool { return single[number] || n.inRange(number) }
}

func (n *popNames) inRange(number int) bool {
	for _, r := range n.ranges {
		if number >= r[0] && number <= r[1] {
			return true
		}
	}
	return false
}

// find finds the letters in a mailbox. Missing are arguments that name none.
func (n *popNames) find(box *pop3.Mailbox) (letters *pop3.Subset, missing []string) {
	if len(n.args) == 0 {
		return box.Subset(true), nil
	}
	letters = box.Subset(false)
	for _, number := range n.single {
		if i := box.Index(number); i >= 0 {
			letters.Add(i)
		}
	}
	found := make(map[string]bool, len(n.uids))
	for i, l := range box.All() {
		_, named := n.uids[l.UID]
		if named = named && l.UID != ""; named {
			found[l.UID] = true
		}
		if named || n.inRange(l.Number) {
			letters.Add(i)
		}
	}
	for _, arg := range n.args {
		if !n.isThere(box, letters, arg, found) {
			missing = append(missing, arg)
		}
	}
	return letters, missing
}

// isThere says whether an argument names a letter.
func (n *popNames) isThere(box *pop3.Mailbox, letters *pop3.Subset, arg string, found map[string]bool) bool {
	from, to, ok := numberRange(arg)
	if !ok {
		return found[namedUID(arg)]
	}
	if from == to {
		return box.Index(from) >= 0
	}
	for _, l := range letters.All() {
		if l.Number >= from && l.Number <= to {
			return true
		}
	}
	return false
}

// numberRange reads "7", "3-7" and "3-".
func numberRange(arg string) (from, to int, ok bool) {
	low, high, ranged := strings.Cut(arg, "-")
	from, err := strconv.Atoi(low)
	if err != nil || from < 1 {
		return 0, 0, false
	}
	switch {
	case !ranged:
		return from, from, true
	case high == "":
		return from, 1<<31 - 1, true
	}
	to, err = strconv.Atoi(high)
	return from, to, err == nil && to >= from
}

// missing tells of arguments that name no letter.
func (s *popSession) missing(args []string) *failures {
	f := &failures{}
	for _, arg := range args {
		s.env.warn("no letter %q in the mailbox", arg)
		f.note(silent(exitNegative))
	}
	return f
}
