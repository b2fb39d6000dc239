package main

import (
	"slices"
	"strings"
	"time"

	"posta/fetch/pop3"
	"posta/fetch/query"
)

// popSelection is the letters that a command's arguments name, as popNames has it, or a query in the words of fetch/query.
type popSelection struct {
	*popNames              // with a query: all
	query     *query.Query // nil: none
	words     []string     // of the query, as arguments
}

// readPopSelection reads arguments. Numbers, ranges and "uid:" and a unique-id are letters; where one of the others has a
// blank, or is a word of the language, all of them are a query; else they are unique-ids.
func readPopSelection(command string, args []string, now time.Time) (*popSelection, error) {
	if !slices.ContainsFunc(args, isQueryWord) {
		if slices.Contains(args, "") {
			return nil, usageError("%s: an empty argument names no letter", command)
		}
		return &popSelection{popNames: readPopNames(args)}, nil
	}
	q, err := readQuery(args, now)
	if err != nil {
		return nil, err
	}
	if q.Root.Kind == query.And && len(q.Root.Nodes) == 0 {
		return nil, usageError("%s: a query without a search key", command)
	}
	for name := range q.Keys() {
		if !popAnswers(name) {
			return nil, usageError("%s: POP3 cannot tell what %q asks for", command, name)
		}
	}
	return &popSelection{popNames: readPopNames(nil), query: q, words: args}, nil
}

// isQueryWord says whether an argument cannot be a letter's name, or is a word of the language. A unique-id has no blanks (RFC
// 1939 §7).
func isQueryWord(arg string) bool {
	if _, _, ok := numberRange(arg); ok || strings.HasPrefix(arg, "uid:") {
		return false
	}
	if strings.ContainsAny(arg, " \t\r\n") {
		return true
	}
	word := strings.ToLower(strings.Trim(arg, "()"))
	return word == "" && arg != "" || slices.Contains([]string{"-", "not", "and", "or"}, word) || slices.Contains(query.Keys(), word)
}

// popAnswers says whether a search key asks for what a letter itself tells. POP3 has no flags, no UIDs of numbers, and no
// server that searches.
func popAnswers(key string) bool {
	switch key {
	case "all", "from", "to", "cc", "bcc", "subject", "header", "body", "text", "larger", "smaller",
		"since", "before", "on", "older", "younger", "sentsince", "sentbefore", "senton":
		return true
	}
	return false
}

// narrow refuses a query that looks for the empty text, as one does in whose shell a variable is not set: it finds all.
func narrow(command string, n *query.Node) error {
	if n.Kind == query.Key && n.Text == "" {
		switch n.Name {
		case "from", "to", "cc", "bcc", "subject", "body", "text":
			return usageError("%s: every letter has an empty text in it: write all instead of %s \"\"", command, n.Name)
		}
	}
	for i := range n.Nodes {
		if err := narrow(command, &n.Nodes[i]); err != nil {
			return err
		}
	}
	return nil
}

// single says whether one letter is named.
func (sel *popSelection) single() bool { return sel.query == nil && len(sel.args) == 1 }

// unambiguous refuses a query in which a word is the unique-id of a letter: whoever means that must not get another.
func (sel *popSelection) unambiguous(box *pop3.Mailbox) error {
	if sel.query == nil {
		return nil
	}
	words := make(map[string]bool, len(sel.words))
	for _, word := range sel.words {
		words[word] = true
	}
	for l := range box.Letters() {
		if words[l.UID] {
			return usageError("%q is a letter's unique-id, and a word of a query: write uid:%s, or the whole query as one argument, %q",
				l.UID, l.UID, "("+strings.Join(sel.words, " ")+")")
		}
	}
	return box.Err()
}
