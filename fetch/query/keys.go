package query

import "strings"

// argument is what a key is followed by.
type argument int

const (
	argNone argument = iota
	argText
	argHeader // a field's name and a text
	argFlag
	argDate
	argSize
	argSet
	argNumber
	argDuration
)

// key is one of RFC 9051 §6.4.4, or of an extension.
type key struct {
	name string
	arg  argument
	wire string
}

// find finds a key by its word.
func find(word string) (key, bool) {
	for _, k := range keys() {
		if strings.EqualFold(k.name, word) {
			return k, true
		}
	}
	return key{}, false
}

// Keys are the words for search keys.
func Keys() (words []string) {
	for _, k := range keys() {
		words = append(words, k.name)
	}
	return words
}

func keys() []key {
	return []key{
		{"all", argNone, "ALL"},
		{"answered", argNone, "ANSWERED"},
		{"deleted", argNone, "DELETED"},
		{"draft", argNone, "DRAFT"},
		{"flagged", argNone, "FLAGGED"},
		{"new", argNone, "NEW"},
		{"old", argNone, "OLD"},
		{"recent", argNone, "RECENT"},
		{"seen", argNone, "SEEN"},
		{"unanswered", argNone, "UNANSWERED"},
		{"undeleted", argNone, "UNDELETED"},
		{"undraft", argNone, "UNDRAFT"},
		{"unflagged", argNone, "UNFLAGGED"},
		{"unseen", argNone, "UNSEEN"},
		{"from", argText, "FROM"},
		{"to", argText, "TO"},
		{"cc", argText, "CC"},
		{"bcc", argText, "BCC"},
		{"subject", argText, "SUBJECT"},
		{"body", argText, "BODY"},
		{"text", argText, "TEXT"},
		{"gmail", argText, "X-GM-RAW"},
		{"header", argHeader, "HEADER"},
		{"keyword", argFlag, "KEYWORD"},
		{"unkeyword", argFlag, "UNKEYWORD"},
		{"since", argDate, "SINCE"},
		{"before", argDate, "BEFORE"},
		{"on", argDate, "ON"},
		{"sentsince", argDate, "SENTSINCE"},
		{"sentbefore", argDate, "SENTBEFORE"},
		{"senton", argDate, "SENTON"},
		{"larger", argSize, "LARGER"},
		{"smaller", argSize, "SMALLER"},
		{"uid", argSet, "UID"},
		{"seq", argSet, ""},
		{"modseq", argNumber, "MODSEQ"},
		{"older", argDuration, "OLDER"},
		{"younger", argDuration, "YOUNGER"},
	}
}
