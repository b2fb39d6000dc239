package query

import (
	"iter"
	"slices"
	"strings"
	"time"
)

// Verdict is whether a message is found.
type Verdict int8

// The verdicts. Unknown: more of the message must be known.
const (
	No Verdict = iota - 1
	Unknown
	Yes
)

// Message is what is known of a message that is searched here, and not by a server. It may be little at first: with the
// size alone Judge may tell already, then with the header, and only then is the body looked at.
type Message struct {
	Size    int64                     // octets; negative: not known
	Flags   []string                  // without backslashes: "seen", "$Junk"; nil: not known
	Arrived time.Time                 // RFC 9051 §2.3.3, internal date; zero: not known, and no such day once there is a Header
	Sent    time.Time                 // what its Date says, in that zone; counts with a Header alone, zero: no such day
	Header  iter.Seq2[string, string] // names and decoded values of the fields; nil: not known
	Body    *Finder                   // of the query, after it was given the body; nil: not known
}

// Judge says whether a message is found, as RFC 9051 §6.4.4 has it. Texts are found as parts of others, in whatever case.
// What no Message tells, as uid, seq, modseq and gmail, is Unknown for ever: see Keys.
func (q *Query) Judge(m *Message) Verdict { return judge(&q.Root, m) }

// Keys gives the names of the search keys in the query, some more than once.
func (q *Query) Keys() iter.Seq[string] {
	return func(yield func(string) bool) { q.Root.keys(yield) }
}

func (n *Node) keys(yield func(string) bool) bool {
	if n.Kind == Key && !yield(n.Name) {
		return false
	}
	for i := range n.Nodes {
		if !n.Nodes[i].keys(yield) {
			return false
		}
	}
	return true
}

func judge(n *Node, m *Message) Verdict {
	switch n.Kind {
	case Key:
		return judgeKey(n, m)
	case Not:
		return -judge(&n.Nodes[0], m)
	case Or:
		any := No
		for i := range n.Nodes {
			any = max(any, judge(&n.Nodes[i], m))
		}
		return any
	}
	all := Yes
	for i := range n.Nodes {
		all = min(all, judge(&n.Nodes[i], m))
	}
	return all
}

func judgeKey(n *Node, m *Message) Verdict {
	switch n.Name {
	case "all":
		return Yes
	case "larger":
		return known(m.Size >= 0, m.Size > n.Num)
	case "smaller":
		return known(m.Size >= 0, m.Size < n.Num)
	case "from", "to", "cc", "bcc", "subject":
		return m.field(n.Name, n.Text)
	case "header":
		return m.field(n.Field, n.Text)
	case "body", "text":
		return m.contains(n)
	case "since", "before", "on", "older", "younger", "sentsince", "sentbefore", "senton":
		return m.dated(n)
	case "uid", "seq", "modseq", "gmail":
		return Unknown
	}
	return m.flagged(n)
}

// known is a verdict, where there is one.
func known(known, yes bool) Verdict {
	switch {
	case !known:
		return Unknown
	case yes:
		return Yes
	}
	return No
}

// field looks for a text in the fields of a name. The empty one is in each of them.
func (m *Message) field(name, text string) Verdict {
	if m.Header == nil {
		return Unknown
	}
	text = fold(text)
	for field, value := range m.Header {
		if strings.EqualFold(field, name) && strings.Contains(fold(value), text) {
			return Yes
		}
	}
	return No
}

// contains looks for the text of the keys "body" and "text".
func (m *Message) contains(n *Node) Verdict {
	if n.Text == "" {
		return Yes
	}
	if n.Name == "text" && m.Header != nil {
		text := fold(n.Text)
		for name, value := range m.Header {
			if strings.Contains(fold(name+": "+value), text) {
				return Yes
			}
		}
	}
	return known(m.Body != nil, m.Body.has(n))
}

// flagged is the keys of flags: a system flag, "un" and one, "keyword", "new" and "old".
func (m *Message) flagged(n *Node) Verdict {
	has := func(flag string) bool {
		return slices.ContainsFunc(m.Flags, func(s string) bool { return strings.EqualFold(s, flag) })
	}
	yes := false
	switch name, un := strings.CutPrefix(n.Name, "un"); {
	case name == "keyword":
		yes = has(n.Text) != un
	case name == "new":
		yes = has("recent") && !has("seen")
	case name == "old":
		yes = !has("recent")
	default:
		yes = has(name) != un
	}
	return known(m.Flags != nil, yes)
}
