package imap

import (
	"bytes"
	"strings"
	"time"

	goimap "github.com/emersion/go-imap/v2"
)

// texts are the texts of a list.
func texts(n node) []string {
	var list []string
	for _, item := range n.list {
		list = append(list, item.text)
	}
	return list
}

// flags reads a list of flags. What is no list says nothing of them: it is not that there are none.
func (r *reader) flags() (flags []goimap.Flag, ok bool, err error) {
	if ok, err := r.accept('('); err != nil || !ok {
		if err == nil {
			err = r.skipValue()
		}
		return nil, false, err
	}
	for {
		c, err := r.peek()
		switch {
		case err != nil:
			return nil, false, err
		case c == ' ':
			if err := r.blank(); err != nil {
				return nil, false, err
			}
			continue
		case c == ')':
			r.r++
			return flags, true, nil
		}
		word, ok, err := r.str()
		if err != nil {
			return nil, false, err
		}
		if err := r.keep(word); err != nil {
			return nil, false, err
		}
		if ok {
			flags = append(flags, flagOf(word))
		}
		if len(flags) > maxFlags {
			return nil, false, r.fail(protocolError("more than %d flags", maxFlags))
		}
	}
}

const maxFlags = 4096

// flagOf is the flag of this name; the usual ones take no memory, and are spelt in the usual way.
func flagOf(word []byte) goimap.Flag {
	for _, f := range [...]goimap.Flag{
		goimap.FlagSeen, goimap.FlagAnswered, goimap.FlagFlagged, goimap.FlagDeleted, goimap.FlagDraft, `\Recent`,
		goimap.FlagForwarded, goimap.FlagJunk, goimap.FlagNotJunk,
	} {
		if len(f) == len(word) && (string(f) == string(word) || strings.EqualFold(string(f), string(word))) {
			return f
		}
	}
	return goimap.Flag(word)
}

// date reads a date-time (RFC 9051 §9); one that is none is the zero time.
func (r *reader) date() (time.Time, error) {
	text, ok, err := r.str()
	if err != nil || !ok {
		return time.Time{}, err
	}
	return dateTime(string(bytes.TrimSpace(text))), nil
}

func dateTime(s string) time.Time {
	for _, layout := range []string{"_2-Jan-2006 15:04:05 -0700", "2-Jan-2006 15:04:05 -0700", "_2-Jan-2006 15:04:05 MST"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}
