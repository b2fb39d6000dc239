package main

import (
	"slices"

	goimap "github.com/emersion/go-imap/v2"
)

// newcomers are the messages that came into the folder since it is looked at, in the order of their UIDs: those on their way, those
// taken before, and perhaps others' as well.
type newcomers struct {
	list  []*letterDoubt // those on their way, in their order
	since []letterPrint  // those taken before
	alike []newcomer     // that may be one of these
	other int            // that are none of them as they stand
	many  bool
}

type newcomer struct {
	uid   goimap.UID
	print letterPrint
}

// maxAlike is how many that are alike are kept.
const maxAlike = 10_000

// add takes one.
func (n *newcomers) add(uid goimap.UID, print letterPrint) {
	alike := func(p letterPrint) bool { return p.sum == print.sum || p.id != "" && p.id == print.id }
	switch {
	case len(n.alike) == maxAlike:
		n.many = true
	case slices.ContainsFunc(n.list, func(d *letterDoubt) bool { return alike(d.print) }), slices.ContainsFunc(n.since, alike):
		n.alike = append(n.alike, newcomer{uid, print})
	default:
		n.other++
	}
}

// take takes the first one out that fits.
func (n *newcomers) take(fits func(letterPrint) bool) (goimap.UID, bool) {
	i := slices.IndexFunc(n.alike, func(c newcomer) bool { return fits(c.print) })
	if i < 0 {
		return 0, false
	}
	uid := n.alike[i].uid
	n.alike = slices.Delete(n.alike, i, i+1)
	return uid, true
}

// settle tells of each on its way whether it is one of them. One that has a newcomer's Message-ID, and is otherwise not like it, may
// be what the server has made of it; so may any other newcomer be of one that has no Message-ID.
func (n *newcomers) settle(validity uint32) {
	if n.many {
		return
	}
	for _, p := range n.since {
		n.take(func(other letterPrint) bool { return other.sum == p.sum })
	}
	for _, d := range n.list {
		if uid, ok := n.take(func(p letterPrint) bool { return p.sum == d.print.sum }); ok {
			d.uid, d.validity = uid, validity
		}
	}
	for _, d := range n.list {
		if d.uid != 0 {
			continue
		}
		if d.print.id == "" {
			d.absent = n.other+len(n.alike) == 0
			continue
		}
		_, changed := n.take(func(p letterPrint) bool { return p.id == d.print.id })
		d.absent = !changed
	}
}
