package main

import (
	"strconv"
	"strings"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/query"
)

// selection is the messages that a command's arguments name: UIDs ("42", "1:100,200", "7:*"), or a query in the words of
// fetch/query. No arguments are all messages.
type selection struct {
	uids  goimap.UIDSet // nil: what query finds
	query *query.Query  // nil with uids
	all   bool          // there were no arguments
	args  []string
}

// readSelection reads arguments. All that are sets of numbers are UIDs; anything else is a query.
func readSelection(args []string, now time.Time) (selection, error) {
	if uids, ok := parseUIDs(args); ok {
		return selection{uids: uids, args: args}, nil
	}
	q, err := readQuery(args, now)
	if err != nil {
		return selection{}, err
	}
	return selection{query: q, all: len(args) == 0}, nil
}

// parseUIDs reads sets of UIDs (RFC 9051 §9, sequence-set).
func parseUIDs(args []string) (set goimap.UIDSet, ok bool) {
	for _, arg := range args {
		for _, part := range strings.Split(arg, ",") {
			low, high, ranged := strings.Cut(part, ":")
			start, ok1 := parseUID(low)
			stop, ok2 := start, ok1
			if ranged {
				stop, ok2 = parseUID(high)
			}
			if !ok1 || !ok2 {
				return nil, false
			}
			set.AddRange(start, stop)
		}
	}
	return set, len(set) > 0
}

// single are the UIDs that are named one by one, and not by a range.
func (sel selection) single() (uids []goimap.UID) {
	if sel.uids == nil {
		return nil
	}
	for _, part := range strings.Split(strings.Join(sel.args, ","), ",") {
		if uid, ok := parseUID(part); ok && uid != 0 {
			uids = append(uids, uid)
		}
	}
	return uids
}

// parseUID reads a number or "*", the largest, which is 0.
func parseUID(s string) (goimap.UID, bool) {
	if s == "*" {
		return 0, true
	}
	n, err := strconv.ParseUint(s, 10, 32)
	return goimap.UID(n), err == nil && n > 0
}
