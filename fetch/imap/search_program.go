package imap

import (
	"strconv"

	goimap "github.com/emersion/go-imap/v2"
)

// Criteria is a Program of go-imap's SearchCriteria.
func Criteria(criteria *goimap.SearchCriteria) Program { return criteriaProgram{criteria} }

// Raw is a Program of words that are sent as they are.
func Raw(words ...string) Program { return rawProgram(words) }

type rawProgram []string

// WriteSearch writes the words.
func (p rawProgram) WriteSearch(w interface {
	Atom(word string)
	String(text string)
},
) error {
	for _, word := range p {
		w.Atom(word)
	}
	return nil
}

type criteriaProgram struct{ *goimap.SearchCriteria }

// WriteSearch writes the keys of RFC 9051 §6.4.4.
func (p criteriaProgram) WriteSearch(w interface {
	Atom(word string)
	String(text string)
},
) error {
	e := keyWriter{w}
	e.criteria(p.SearchCriteria)
	return nil
}

type keyWriter struct {
	w interface {
		Atom(word string)
		String(text string)
	}
}

func (k keyWriter) text(key, text string) {
	k.w.Atom(key)
	k.w.String(text)
}

func (k keyWriter) number(key string, n int64) {
	k.w.Atom(key)
	k.w.Atom(strconv.FormatInt(n, 10))
}
