package query

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Finder looks for the texts of a query's keys "body" and "text" in the body of a message, which is written to it as it comes:
// of each part of text its content in UTF-8, transfer encoding undone, and End after it. It holds no more of it than the
// longest text. It is used again after Reset, by one goroutine at a time.
type Finder struct {
	texts   []wanted
	tail    []byte // folded: what a text may begin in
	partial []byte // the begin of a character
	keep    int    // octets of tail
}

// wanted is a text that is looked for.
type wanted struct {
	folded string
	octets []byte // folded
	fields bool   // in the fields of parts too
	found  bool
}

// Finder makes the query's Finder; nil: the query has no key for which the body must be known.
func (q *Query) Finder() *Finder {
	f := &Finder{}
	f.want(&q.Root)
	if len(f.texts) == 0 {
		return nil
	}
	for i := range f.texts {
		f.keep = max(f.keep, len(f.texts[i].folded)-1)
	}
	return f
}

func (f *Finder) want(n *Node) {
	if n.Kind == Key && (n.Name == "body" || n.Name == "text") && n.Text != "" {
		text := fold(n.Text)
		f.texts = append(f.texts, wanted{folded: text, octets: []byte(text), fields: n.Name == "text"})
	}
	for i := range n.Nodes {
		f.want(&n.Nodes[i])
	}
}

// Reset begins another message.
func (f *Finder) Reset() {
	for i := range f.texts {
		f.texts[i].found = false
	}
	f.End()
}

// Write looks through more of a part. It never fails.
func (f *Finder) Write(p []byte) (int, error) {
	n := len(p)
	if len(f.partial) > 0 {
		p = append(f.partial, p...)
	}
	whole := len(p) - unfinished(p)
	f.tail = appendFolded(f.tail, p[:whole])
	f.partial = append([]byte(nil), p[whole:]...)
	f.look()
	if len(f.tail) > f.keep {
		f.tail = append(f.tail[:0], f.tail[len(f.tail)-f.keep:]...)
	}
	return n, nil
}

// End ends a part: nothing begins in it and goes on in another.
func (f *Finder) End() {
	if len(f.partial) > 0 {
		f.tail = appendFolded(f.tail, f.partial)
		f.look()
	}
	f.tail, f.partial = f.tail[:0], nil
}

// Field gives a field of a part, where the key "text" looks too.
func (f *Finder) Field(name, value string) {
	line := fold(name + ": " + value)
	for i := range f.texts {
		w := &f.texts[i]
		w.found = w.found || w.fields && strings.Contains(line, w.folded)
	}
}

// All says whether all texts are found, so that the rest need not be looked at.
func (f *Finder) All() bool {
	for i := range f.texts {
		if !f.texts[i].found {
			return false
		}
	}
	return true
}

func (f *Finder) look() {
	for i := range f.texts {
		w := &f.texts[i]
		w.found = w.found || bytes.Contains(f.tail, w.octets)
	}
}

// has says whether the text of a key was found.
func (f *Finder) has(n *Node) bool {
	if f == nil {
		return false
	}
	text := fold(n.Text)
	for i := range f.texts {
		if w := &f.texts[i]; w.found && w.folded == text && w.fields == (n.Name == "text") {
			return true
		}
	}
	return false
}

// unfinished is how many octets at the end of p are the begin of a character whose rest is to come.
func unfinished(p []byte) int {
	for n := 1; n <= min(len(p), utf8.UTFMax-1); n++ {
		if last := p[len(p)-n:]; utf8.RuneStart(last[0]) {
			if utf8.FullRune(last) {
				return 0
			}
			return n
		}
	}
	return 0
}

func appendFolded(dst, p []byte) []byte {
	for len(p) > 0 {
		if p[0] < utf8.RuneSelf {
			dst = append(dst, byte(foldRune(rune(p[0]))))
			p = p[1:]
			continue
		}
		r, n := utf8.DecodeRune(p)
		dst = utf8.AppendRune(dst, foldRune(r))
		p = p[n:]
	}
	return dst
}
