package main

import (
	"iter"
	"slices"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/urfave/cli/v2"
)

// orderFlags are those by which messages are put in order.
func orderFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "sort", Usage: "by `KEYS` with commas between: arrival, cc, date, from, size, subject, to; -KEY the other way round"},
		&cli.BoolFlag{Name: "reverse", Usage: "the newest first"},
		&cli.StringFlag{Name: "limit", Usage: "only the `N` newest; with --sort the first"},
	}
}

// imapOrder is the order in which messages of a folder are wanted, and how many.
type imapOrder struct {
	keys    []sortKey
	reverse bool
	limit   int // 0: all
}

func readOrder(c *cli.Context) (o imapOrder, err error) {
	if o.keys, err = readSortKeys(c.String("sort")); err != nil {
		return o, err
	}
	o.reverse = c.Bool("reverse")
	if s := c.String("limit"); s != "" {
		n, ok := parseUID(s)
		if o.limit = int(n); !ok || n == 0 || o.limit < 0 {
			return o, usageError("--limit is a number of messages")
		}
	}
	return o, nil
}

// asItComes says whether messages can be printed in the order in which a server tells of them.
func (o imapOrder) asItComes() bool { return len(o.keys) == 0 && !o.reverse && o.limit == 0 }

// uidOrder is UIDs in the order in which they are wanted: a list, or a set from its end or its begin.
type uidOrder struct {
	list []goimap.UID
	set  goimap.UIDSet
	back bool
}

// of makes the order of a rising set, of which the newest are wanted.
func (o imapOrder) of(set goimap.UIDSet) uidOrder {
	if o.limit > 0 {
		set = lastOf(set, o.limit)
	}
	return uidOrder{set: set, back: o.reverse}
}

// ofList makes the order of a sorted list, of which the first are wanted: the ten largest are --sort -size --limit 10.
func (o imapOrder) ofList(list []goimap.UID) uidOrder {
	if o.reverse {
		slices.Reverse(list)
	}
	if o.limit > 0 && len(list) > o.limit {
		list = list[:o.limit]
	}
	return uidOrder{list: list}
}

// lastOf is the last n of a rising set.
func lastOf(set goimap.UIDSet, n int) goimap.UIDSet {
	for i := len(set) - 1; i >= 0; i-- {
		size := int(set[i].Stop-set[i].Start) + 1
		if size >= n {
			last := slices.Clone(set[i:])
			last[0].Start = last[0].Stop - goimap.UID(n-1)
			return last
		}
		n -= size
	}
	return set
}

// all gives the UIDs in their order.
func (u uidOrder) all() iter.Seq[goimap.UID] {
	return func(yield func(goimap.UID) bool) {
		for _, uid := range u.list {
			if !yield(uid) {
				return
			}
		}
		for i := range u.set {
			r := u.set[i]
			if u.back {
				r = u.set[len(u.set)-1-i]
			}
			for n := uint64(0); n <= uint64(r.Stop-r.Start); n++ {
				uid := r.Start + goimap.UID(n)
				if u.back {
					uid = r.Stop - goimap.UID(n)
				}
				if !yield(uid) {
					return
				}
			}
		}
	}
}

// inOrder says whether a FETCH of the set gives the order.
func (u uidOrder) inOrder() bool { return u.list == nil && !u.back }

// orderWindow is how many messages are kept to be put in order.
const orderWindow = 200

// windows cuts the order in pieces of size UIDs.
func (u uidOrder) windows(size int) iter.Seq[[]goimap.UID] {
	return func(yield func([]goimap.UID) bool) {
		var window []goimap.UID
		for uid := range u.all() {
			if window = append(window, uid); len(window) < size {
				continue
			}
			if !yield(window) {
				return
			}
			window = nil
		}
		if len(window) > 0 {
			yield(window)
		}
	}
}
