package query

import (
	"slices"
	"strconv"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Arrived is when a message arrived, by the server's INTERNALDATE.
type Arrived struct {
	UID  imap.UID
	Unix int64 // seconds since 1970
}

// maxWithinRanges is how many ranges of UIDs a query of ByDays names at most: lines should not be longer than 8,000 octets
// (RFC 7162 §4), and a range has up to 22.
const maxWithinRanges = 300

// Within says whether the query has "older" or "younger", which a server without WITHIN (RFC 5032) does not know.
func (q *Query) Within() bool { return len(q.Root.within(nil)) > 0 }

// Doubts is the query for the messages of which days alone do not tell whether an "older" or a "younger" of q holds: those
// of the three days about its moment. A server compares days by whatever time zone it has a message in (RFC 9051 §6.4.4).
func (q *Query) Doubts() *Query {
	d := &Query{text: q.text, Root: Node{Kind: And}}
	if q.Root.Kind == And { // what fails another key is in no doubt
		for _, n := range q.Root.Nodes {
			if len(n.within(nil)) == 0 {
				d.Root.Nodes = append(d.Root.Nodes, n)
			}
		}
	}
	days := Node{Kind: Or}
	for _, n := range q.Root.within(nil) {
		about := Node{Kind: And, Nodes: []Node{day("since", n, -1), day("before", n, 2)}}
		if !slices.ContainsFunc(days.Nodes, func(other Node) bool { return other.Nodes[0].Date.Equal(about.Nodes[0].Date) }) {
			days.Nodes = append(days.Nodes, about)
		}
	}
	if len(days.Nodes) == 1 {
		days = days.Nodes[0]
	}
	d.Root.Nodes = append(d.Root.Nodes, days)
	return d
}

// ByDays says q without "older" and "younger": by days and, in the three days about each moment, by the UIDs of the messages that
// arrived before or after it. Arrived are those that Doubts finds, in the order of their UIDs; next is UIDNEXT from before they were
// looked for, or 0: later messages are not found. The queries are for one stretch of UIDs each; all that they find together is what
// q finds.
func (q *Query) ByDays(arrived []Arrived, next imap.UID) []*Query {
	last := imap.UID(1<<32 - 1)
	if next > 1 {
		last = next - 1
	}
	s := &stretch{q: q, keys: q.Root.within(nil), first: 1}
	s.begin()
	var queries []*Query
	for _, a := range arrived {
		if a.UID < s.first || a.UID > last {
			continue
		}
		if s.add(a); s.ranges >= maxWithinRanges && a.UID < last {
			queries = append(queries, s.query(a.UID))
			s.first = a.UID + 1
			s.begin()
		}
	}
	return append(queries, s.query(last))
}

// stretch is UIDs from first on, and for which of them each key holds.
type stretch struct {
	q      *Query
	keys   []*Node
	first  imap.UID
	sets   []imap.UIDSet
	ranges int
}

func (s *stretch) begin() { s.sets, s.ranges = make([]imap.UIDSet, len(s.keys)), 0 }

// add notes for which keys a message holds (RFC 5032 §3: the moment itself is both older and younger).
func (s *stretch) add(a Arrived) {
	for i, n := range s.keys {
		moment := n.Date.Unix()
		if n.Name == "younger" && a.Unix < moment || n.Name == "older" && a.Unix > moment {
			continue
		}
		set := s.sets[i]
		if end := len(set) - 1; end >= 0 && set[end].Stop == a.UID-1 {
			set[end].Stop = a.UID
			continue
		}
		s.sets[i] = append(set, imap.UIDRange{Start: a.UID, Stop: a.UID})
		s.ranges++
	}
}

// query is the query for the UIDs up to last.
func (s *stretch) query(last imap.UID) *Query {
	sets := s.sets
	root := s.q.Root.byDays(&sets)
	between := strconv.FormatUint(uint64(s.first), 10) + ":" + strconv.FormatUint(uint64(last), 10)
	return &Query{text: s.q.text, Root: Node{Kind: And, Nodes: []Node{{Kind: Key, Name: "uid", Text: between}, root}}}
}

// within adds the keys "older" and "younger" to a list, in the order in which they stand.
func (n *Node) within(list []*Node) []*Node {
	if n.Kind == Key && (n.Name == "older" || n.Name == "younger") {
		return append(list, n)
	}
	for i := range n.Nodes {
		list = n.Nodes[i].within(list)
	}
	return list
}

// byDays is a node without these keys. The first of sets is what the next one of them holds for in its three days.
func (n *Node) byDays(sets *[]imap.UIDSet) Node {
	out := *n
	if n.Kind != Key {
		out.Nodes = make([]Node, len(n.Nodes))
		for i := range n.Nodes {
			out.Nodes[i] = n.Nodes[i].byDays(sets)
		}
		return out
	}
	switch n.Name {
	case "younger":
		out = day("since", n, 2)
	case "older":
		out = day("before", n, -1)
	default:
		return out
	}
	set := (*sets)[0]
	if *sets = (*sets)[1:]; len(set) == 0 {
		return out
	}
	return Node{Kind: Or, Nodes: []Node{out, {Kind: Key, Name: "uid", Text: set.String()}}}
}

// day is a key of the day that is some days after that of n in UTC. Zones are from 12 hours behind it to 14 before it.
func day(name string, n *Node, after int) Node {
	y, m, d := n.Date.UTC().Date()
	return Node{Kind: Key, Name: name, Date: time.Date(y, m, d+after, 0, 0, 0, 0, time.UTC)}
}
