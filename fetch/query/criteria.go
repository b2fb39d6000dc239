package query

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// Criteria makes go-imap's SearchCriteria of the query. What these have no room for, "gmail", "older", "younger" and sizes of 0, is
// ErrCannot.
func (q *Query) Criteria() (*imap.SearchCriteria, error) { return criteria(&q.Root) }

func criteria(n *Node) (*imap.SearchCriteria, error) {
	c := &imap.SearchCriteria{}
	return c, add(c, n)
}

// add adds a node to what must hold.
func add(c *imap.SearchCriteria, n *Node) error {
	switch n.Kind {
	case And:
		for i := range n.Nodes {
			if err := add(c, &n.Nodes[i]); err != nil {
				return err
			}
		}
		return nil
	case Or:
		return addAny(c, n.Nodes)
	case Not:
		inner, err := criteria(&n.Nodes[0])
		if err == nil {
			c.Not = append(c.Not, *inner)
		}
		return err
	}
	return addKey(c, n)
}

// addAny adds a choice, which is of two.
func addAny(c *imap.SearchCriteria, nodes []Node) error {
	first, err := criteria(&nodes[0])
	if err != nil {
		return err
	}
	rest, err := criteria(&nodes[1])
	if len(nodes) > 2 {
		rest, err = criteria(&Node{Kind: Or, Nodes: nodes[1:]})
	}
	if err == nil {
		c.Or = append(c.Or, [2]imap.SearchCriteria{*first, *rest})
	}
	return err
}

func addKey(c *imap.SearchCriteria, n *Node) error {
	switch n.Name {
	case "all":
	case "from", "to", "cc", "bcc", "subject":
		c.Header = append(c.Header, imap.SearchCriteriaHeaderField{Key: n.Name, Value: n.Text})
	case "header":
		c.Header = append(c.Header, imap.SearchCriteriaHeaderField{Key: n.Field, Value: n.Text})
	case "body":
		c.Body = append(c.Body, n.Text)
	case "text":
		c.Text = append(c.Text, n.Text)
	case "keyword":
		c.Flag = append(c.Flag, imap.Flag(n.Text))
	case "unkeyword":
		c.NotFlag = append(c.NotFlag, imap.Flag(n.Text))
	case "new":
		c.Flag = append(c.Flag, `\Recent`)
		c.NotFlag = append(c.NotFlag, imap.FlagSeen)
	case "old":
		c.NotFlag = append(c.NotFlag, `\Recent`)
	case "since", "before", "on", "sentsince", "sentbefore", "senton":
		addDate(c, n)
	case "larger", "smaller":
		return addSize(c, n)
	case "uid":
		c.UID = append(c.UID, imap.UIDSet(set(n.Text)))
	case "seq":
		var seqs imap.SeqSet
		for _, r := range set(n.Text) {
			seqs = append(seqs, imap.SeqRange{Start: uint32(r.Start), Stop: uint32(r.Stop)})
		}
		c.SeqNum = append(c.SeqNum, seqs)
	case "modseq":
		if c.ModSeq == nil || c.ModSeq.ModSeq < uint64(n.Num) {
			c.ModSeq = &imap.SearchCriteriaModSeq{ModSeq: uint64(n.Num)}
		}
	case "gmail", "older", "younger":
		return fmt.Errorf("%q %w", n.Name, ErrCannot)
	default:
		addFlag(c, n.Name)
	}
	return nil
}

// addFlag adds a key that is a system flag, or "un" and one.
func addFlag(c *imap.SearchCriteria, name string) {
	flag, un := strings.CutPrefix(name, "un")
	f := imap.Flag(`\` + strings.ToUpper(flag[:1]) + flag[1:])
	if un {
		c.NotFlag = append(c.NotFlag, f)
		return
	}
	c.Flag = append(c.Flag, f)
}

func addDate(c *imap.SearchCriteria, n *Node) {
	name, sent := strings.CutPrefix(n.Name, "sent")
	since, before := &c.Since, &c.Before
	if sent {
		since, before = &c.SentSince, &c.SentBefore
	}
	if name != "before" && (since.IsZero() || n.Date.After(*since)) {
		*since = n.Date
	}
	end := n.Date
	if name == "on" {
		end = n.Date.AddDate(0, 0, 1)
	}
	if name != "since" && (before.IsZero() || end.Before(*before)) {
		*before = end
	}
}

func addSize(c *imap.SearchCriteria, n *Node) error {
	switch {
	case n.Num == 0:
		return fmt.Errorf("%s 0 %w", n.Name, ErrCannot)
	case n.Name == "larger":
		c.Larger = max(c.Larger, n.Num)
	case c.Smaller == 0 || n.Num < c.Smaller:
		c.Smaller = n.Num
	}
	return nil
}

// set reads a set that isSet has seen; "*" is 0 in go-imap.
func set(text string) []imap.UIDRange {
	var list []imap.UIDRange
	for part := range strings.SplitSeq(text, ",") {
		from, to, isRange := strings.Cut(part, ":")
		if !isRange {
			to = from
		}
		a, _ := strconv.ParseUint(from, 10, 32)
		b, _ := strconv.ParseUint(to, 10, 32)
		if a == 0 || b != 0 && b < a { // go-imap wants the star last
			a, b = b, a
		}
		list = append(list, imap.UIDRange{Start: imap.UID(a), Stop: imap.UID(b)})
	}
	return list
}
