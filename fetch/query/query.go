// Package query is posta's search language: RFC 9051's search keys (§6.4.4) in lower case as words.
//
//	from alice since 2026-01-01 not seen larger 1M
//	(subject "monthly report" or attachment-like) since 7d
//
// Keys that stand side by side must all hold. "or" between two takes in everything on either side of it up to the next
// parenthesis: a b or c is (a b) or c. "not" (or "-") is for the one key or parenthesis after it. Arguments with blanks or
// parentheses are quoted, by ' or ", in which a backslash takes the next character as it is. The words:
//
//	all answered deleted draft flagged new old recent seen
//	unanswered undeleted undraft unflagged unseen
//	from to cc bcc subject body text TEXT     the words in a field, the body, anywhere
//	header NAME TEXT                          in the field NAME; "" that there is one
//	keyword FLAG  unkeyword FLAG
//	since before on DATE                      when it arrived; sentsince sentbefore senton: what its Date says
//	larger smaller SIZE                       octets, with K, M, G (1024 each)
//	uid SET  seq SET                          1:100,200:*
//	modseq N  older DURATION  younger DURATION
//	gmail TEXT                                Gmail's own language (X-GM-RAW)
//
// A DATE is 2026-01-31, 31-Jan-2026, today, yesterday or a time ago: 7d, 2w, 3m, 1y. A DURATION is 90s, 5min, 6h or as in a
// date. Both are reckoned when the query is parsed; a day is that of the clock that Parse was given.
//
// A Query is a value: WriteSearch writes it in the wire's words (a Program of fetch/imap), Criteria makes go-imap's SearchCriteria
// of it. Who has no server to ask (POP3, an archive) has each message judged here: Judge tells by what is known of it so
// far, first its size, then its header, then what a Finder found in its body, so that no more of it is read than it takes.
package query

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Kind is what a Node is.
type Kind int

// The kinds of nodes.
const (
	And Kind = iota // all of Nodes; with none: everything
	Or              // any of Nodes
	Not             // not Nodes[0]
	Key             // a search key: Name and its argument
)

// Node is a query or a part of one.
type Node struct {
	Kind  Kind
	Nodes []Node
	Name  string    // of a Key, as the language spells it: "from", "since", "larger"; never "seq" for "uid"
	Field string    // of the key "header"
	Text  string    // of keys with a text, a flag or a set
	Date  time.Time // of keys with a date: midnight of that day. Of older and younger the instant
	Num   int64     // of larger and smaller octets, of modseq the number, of older and younger seconds
}

// Query is a parsed query. It may be used by several goroutines.
type Query struct {
	Root Node
	text string
}

// String is the query as it was given.
func (q *Query) String() string { return q.text }

// Error is a query that is none: what is wrong, and at which of its words.
type Error struct {
	Word   string // "" at the end
	Offset int    // octets from the begin
	Reason string
	// Unknown says that Word stands where a key is due, and is none of Keys.
	Unknown bool
}

func (e *Error) Error() string {
	switch {
	case e.Unknown:
		return fmt.Sprintf("query: unknown key %q", e.Word)
	case e.Word == "":
		return "query: " + e.Reason + " at its end"
	}
	return fmt.Sprintf("query: %s at %q", e.Reason, e.Word)
}

// ErrCannot is found (errors.Is) in the error of a query that is right but cannot be said in the form asked for.
var ErrCannot = errors.New("cannot be searched for here")

const (
	maxQuery = 64 << 10 // octets
	maxDepth = 100      // parentheses and nots
)

// Parse parses a query; an empty one finds everything. Now is the clock's time, from which days ago are counted. Errors are
// *Error.
func Parse(text string, now time.Time) (*Query, error) {
	if len(text) > maxQuery {
		return nil, &Error{Word: text[:20], Reason: "too long"}
	}
	if !utf8.ValidString(text) {
		i := strings.IndexFunc(text, func(r rune) bool { return r == utf8.RuneError })
		return nil, &Error{Word: text[max(0, i-20) : i+1], Offset: i, Reason: "not UTF-8"}
	}
	words, err := split(text)
	if err != nil {
		return nil, err
	}
	p := &parser{words: words, now: now, end: len(text)}
	root, err := p.either()
	if err != nil {
		return nil, err
	}
	if w := p.peek(); w != nil {
		return nil, p.wrong(w, "a parenthesis too many")
	}
	return &Query{Root: root, text: text}, nil
}

// ParseArgs parses a query given as arguments of a command: each is a part of the query as it stands, but for one that
// has blanks and follows a key that takes a text, which is that text.
func ParseArgs(args []string, now time.Time) (*Query, error) {
	for i, arg := range args {
		if i > 0 && takesText(args, i) && (strings.ContainsAny(arg, " ()\\") || arg == "") && !strings.ContainsAny(arg[:min(1, len(arg))], `"'`) {
			args = append(append(append([]string{}, args[:i]...), quote(arg)), args[i+1:]...)
		}
	}
	return Parse(strings.Join(args, " "), now)
}

// takesText says whether args[i] stands where a text is due.
func takesText(args []string, i int) bool {
	if k, ok := find(args[i-1]); ok && (k.arg == argText || k.arg == argHeader) {
		return true
	}
	return i > 1 && strings.EqualFold(args[i-2], "header")
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
