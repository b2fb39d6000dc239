package query

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
)

// letter is a message as a server without WITHIN sees it: in a time zone of its own.
type letter struct {
	uid  imap.UID
	at   time.Time
	from string
	seen bool
}

// finds says whether a query finds a letter; older and younger are for those who know them.
func (l *letter) finds(n *Node, within bool) bool {
	switch n.Kind {
	case And:
		return !slices.ContainsFunc(n.Nodes, func(n Node) bool { return !l.finds(&n, within) })
	case Or:
		return slices.ContainsFunc(n.Nodes, func(n Node) bool { return l.finds(&n, within) })
	case Not:
		return !l.finds(&n.Nodes[0], within)
	}
	y, m, d := l.at.Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	switch n.Name {
	case "all":
		return true
	case "from":
		return l.from == n.Text
	case "seen":
		return l.seen
	case "since":
		return !day.Before(n.Date)
	case "before":
		return day.Before(n.Date)
	case "uid":
		set := imap.UIDSet(set(n.Text))
		return set.Contains(l.uid)
	case "older", "younger":
		if !within {
			panic("a server without WITHIN was asked for " + n.Name)
		}
		diff := l.at.Unix() - n.Date.Unix()
		return diff == 0 || (diff > 0) == (n.Name == "younger")
	}
	panic(n.Name)
}

func found(letters []letter, n *Node, within bool) (uids []imap.UID) {
	for _, l := range letters {
		if l.finds(n, within) {
			uids = append(uids, l.uid)
		}
	}
	return uids
}

// TestByDays: whatever the query, the zones and the order of arrival, days and UIDs find what RFC 5032 finds.
func TestByDays(t *testing.T) {
	now := time.Date(2026, 3, 29, 23, 59, 58, 500, time.FixedZone("", 2*3600))
	queries := []string{
		"younger 1h", "older 1h", "not younger 6h", "not older 2d", "from a younger 1d", "older 1d younger 3d", "seen or younger 90min",
		"not (from a or younger 1d) not seen", "(from b older 2d) or (from a younger 12h)", "not (older 1d or not younger 3d)", "younger 86398s",
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 40, 3000} {
		var letters []letter
		for i := range n {
			zone := time.FixedZone("", random.IntN(27*3600)-12*3600)
			at := now.Add(-time.Duration(random.IntN(6*86400)) * time.Second)
			letters = append(letters, letter{imap.UID(2*i + 1 + random.IntN(2)), at.In(zone), string(rune('a' + random.IntN(2))), random.IntN(2) == 0})
		}
		for _, text := range queries {
			q, err := Parse(text, now)
			if err != nil {
				t.Fatal(err)
			}
			if !q.Within() {
				t.Errorf("%s: no older or younger", text)
			}
			var arrived []Arrived
			for _, l := range letters {
				if l.finds(&q.Doubts().Root, false) {
					arrived = append(arrived, Arrived{l.uid, l.at.Unix()})
				}
			}
			var got []imap.UID
			for _, part := range q.ByDays(arrived, imap.UID(2*n+1)) {
				got = append(got, found(letters, &part.Root, false)...)
				if line := wireText(t, part); len(line) > 8000 {
					t.Errorf("%s: a line of %d octets", text, len(line))
				}
				if part.Within() || len(part.Needs()) > 0 {
					t.Errorf("%s needs %v", text, part.Needs())
				}
			}
			if want := found(letters, &q.Root, true); !slices.Equal(got, want) {
				t.Errorf("%s of %d: found %d, want %d", text, n, len(got), len(want))
			}
		}
	}
}

// TestByDaysLater: what arrives after the messages were asked for is not found, though it is not known to be younger.
func TestByDaysLater(t *testing.T) {
	now := time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"younger 1h":             `UID 1:41 OR SINCE 12-Jan-2026 UID 7:8,11`,
		"not younger 1h":         `UID 1:41 NOT OR SINCE 12-Jan-2026 UID 7:8,11`,
		"older 1h from x":        `UID 1:41 (OR BEFORE 9-Jan-2026 UID 5 FROM "x")`,
		"older 1y or younger 1h": `UID 1:41 OR OR BEFORE 9-Jan-2025 UID 5 OR SINCE 12-Jan-2026 UID 7:8,11`,
	} {
		q, err := Parse(text, now)
		if err != nil {
			t.Fatal(err)
		}
		early := now.Add(-2 * time.Hour).Unix()
		if strings.Contains(text, "1y") {
			early = now.AddDate(-1, 0, 0).Unix()
		}
		arrived := []Arrived{{5, early}, {7, now.Unix()}, {8, now.Add(-time.Hour).Unix() + 1}, {11, now.Unix()}, {42, now.Unix()}}
		if got := q.ByDays(arrived, 42); len(got) != 1 || wireText(t, got[0]) != want {
			t.Errorf("%s: %s, want %s", text, wireText(t, got[0]), want)
		}
	}
	q, err := Parse("from x younger 1h (seen or older 1h)", now)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := wireText(t, q.Doubts()), `FROM "x" (SINCE 9-Jan-2026 BEFORE 12-Jan-2026)`; got != want {
		t.Errorf("in doubt: %s, want %s", got, want)
	}
}

// wireText is a query as it is sent.
func wireText(t *testing.T, q *Query) string {
	t.Helper()
	text, err := written(q)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
