package query

import (
	"strings"
	"time"
)

// parser goes through the words.
type parser struct {
	words []word
	now   time.Time
	end   int
	depth int
}

func (p *parser) peek() *word {
	if len(p.words) == 0 {
		return nil
	}
	return &p.words[0]
}

// next takes a word; what is the one that is missing where there is none.
func (p *parser) next(what string) (word, error) {
	if len(p.words) == 0 {
		return word{}, &Error{Offset: p.end, Reason: what + " is missing"}
	}
	w := p.words[0]
	p.words = p.words[1:]
	return w, nil
}

func (p *parser) wrong(w *word, reason string) error {
	text := w.text
	if text == "" {
		text = `""`
	}
	return &Error{Word: text, Offset: w.offset, Reason: reason}
}

// is tells a word of the language from an argument that is spelt like it.
func (w *word) is(text string) bool { return w != nil && !w.quoted && strings.EqualFold(w.text, text) }

// either reads sequences with "or" between them, up to a closing parenthesis or the end.
func (p *parser) either() (Node, error) {
	first, err := p.sequence()
	if err != nil || !p.peek().is("or") {
		return first, err
	}
	any := Node{Kind: Or, Nodes: []Node{first}}
	for p.peek().is("or") {
		or, _ := p.next("")
		if len(any.Nodes[len(any.Nodes)-1].Nodes) == 0 && any.Nodes[len(any.Nodes)-1].Kind == And {
			return any, p.wrong(&or, "nothing before or")
		}
		node, err := p.sequence()
		if err != nil {
			return any, err
		}
		if node.Kind == And && len(node.Nodes) == 0 {
			return any, p.wrong(&or, "nothing after or")
		}
		any.Nodes = append(any.Nodes, node)
	}
	return any, nil
}

// sequence reads keys that must all hold.
func (p *parser) sequence() (Node, error) {
	all := Node{Kind: And}
	for w := p.peek(); w != nil && !w.is(")") && !w.is("or"); w = p.peek() {
		if w.is("and") {
			p.words = p.words[1:]
			continue
		}
		node, err := p.term()
		if err != nil {
			return all, err
		}
		all.Nodes = append(all.Nodes, node)
	}
	if len(all.Nodes) == 1 {
		return all.Nodes[0], nil
	}
	return all, nil
}

// term reads a key, a parenthesis, or the negation of one.
func (p *parser) term() (Node, error) {
	w, err := p.next("a search key")
	if err != nil {
		return Node{}, err
	}
	if p.depth++; p.depth > maxDepth {
		return Node{}, p.wrong(&w, "too deep")
	}
	defer func() { p.depth-- }()
	switch {
	case w.is("not"), w.is("-"):
		node, err := p.term()
		return Node{Kind: Not, Nodes: []Node{node}}, err
	case w.is("("):
		return p.parenthesis(w)
	case w.quoted:
		return Node{}, p.wrong(&w, "a search key is missing before the text")
	}
	k, ok := find(w.text)
	if !ok {
		return Node{}, &Error{Word: w.text, Offset: w.offset, Reason: "no search key", Unknown: true}
	}
	node := Node{Kind: Key, Name: k.name}
	return node, p.argument(k, &node)
}

// parenthesis reads up to its end.
func (p *parser) parenthesis(open word) (Node, error) {
	node, err := p.either()
	if err != nil {
		return node, err
	}
	if !p.peek().is(")") {
		return node, p.wrong(&open, "a parenthesis without end")
	}
	p.words = p.words[1:]
	if node.Kind == And && len(node.Nodes) == 0 {
		return node, p.wrong(&open, "nothing in the parentheses")
	}
	return node, nil
}
