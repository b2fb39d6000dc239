package query

import (
	"fmt"
	"slices"
	"strconv"
)

// WriteSearch writes the query in the words of RFC 9051 §6.4.4. That is what fetch/imap's Search takes.
func (q *Query) WriteSearch(w interface {
	Atom(word string)
	String(text string)
},
) error {
	root := q.Root
	if root.Kind != And {
		root = Node{Kind: And, Nodes: []Node{root}}
	}
	return wire{w}.all(root.Nodes)
}

// Needs returns what a server must offer to understand the query, besides IMAP4rev1: "WITHIN" (RFC 5032) for older and
// younger (see ByDays), "CONDSTORE" (RFC 7162) for modseq, "X-GM-EXT-1" for gmail.
func (q *Query) Needs() []string {
	var list []string
	q.Root.needs(func(_, capability string) { list = append(list, capability) })
	slices.Sort(list)
	return slices.Compact(list)
}

// Check is an error (ErrCannot) that names the first key for which a server does not offer what it needs.
func (q *Query) Check(offers func(capability string) bool) (err error) {
	q.Root.needs(func(name, capability string) {
		if err == nil && !offers(capability) {
			err = fmt.Errorf("query: %q %w: the server does not offer %s", name, ErrCannot, capability)
		}
	})
	return err
}

// needs tells each key that needs something, and what.
func (n *Node) needs(tell func(name, capability string)) {
	for i := range n.Nodes {
		n.Nodes[i].needs(tell)
	}
	switch n.Name {
	case "older", "younger":
		tell(n.Name, "WITHIN")
	case "modseq":
		tell(n.Name, "CONDSTORE")
	case "gmail":
		tell(n.Name, "X-GM-EXT-1")
	}
}

type wire struct {
	w interface {
		Atom(word string)
		String(text string)
	}
}

// all writes keys side by side; ALL if there are none.
func (w wire) all(nodes []Node) error {
	if len(nodes) == 0 {
		w.w.Atom("ALL")
	}
	for i := range nodes {
		if err := w.node(&nodes[i]); err != nil {
			return err
		}
	}
	return nil
}

// node writes one search key.
func (w wire) node(n *Node) error {
	switch n.Kind {
	case And:
		w.w.Atom("(")
		err := w.all(n.Nodes)
		w.w.Atom(")")
		return err
	case Or:
		return w.any(n.Nodes)
	case Not:
		w.w.Atom("NOT")
		return w.node(&n.Nodes[0])
	}
	return w.key(n)
}

// any writes OR, which takes two (RFC 9051 §6.4.4).
func (w wire) any(nodes []Node) error {
	for i := range nodes {
		if i < len(nodes)-1 {
			w.w.Atom("OR")
		}
		if err := w.node(&nodes[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w wire) key(n *Node) error {
	k, ok := find(n.Name)
	if !ok {
		return fmt.Errorf("%q %w", n.Name, ErrCannot)
	}
	if k.wire != "" {
		w.w.Atom(k.wire)
	}
	switch k.arg {
	case argText:
		w.w.String(n.Text)
	case argHeader:
		w.w.String(n.Field)
		w.w.String(n.Text)
	case argFlag, argSet:
		w.w.Atom(n.Text)
	case argDate:
		w.w.Atom(n.Date.Format("2-Jan-2006"))
	case argSize:
		w.w.Atom(strconv.FormatInt(min(n.Num, 1<<32-1), 10)) // RFC 3501 §9: number, 32 bits; no message is larger there
	case argNumber, argDuration:
		w.w.Atom(strconv.FormatInt(n.Num, 10))
	}
	return nil
}
