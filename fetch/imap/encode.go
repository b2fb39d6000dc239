package imap

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	goimap "github.com/emersion/go-imap/v2"
)

// encoder writes a command. What follows a synchronizing literal's announcement is a part of its own (RFC 9051 §4.3):
// it is due when the server has said to go on.
type encoder struct {
	parts    [][]byte // each but the last ends in a literal's announcement
	buf      []byte
	literals literalMode
	utf8     bool // quoted strings may be UTF-8 (RFC 6855)
	tight    bool // no blank before the next word
	nonASCII bool // a string was
	err      error
}

// literalMode is how literals may be sent (RFC 7888).
type literalMode int

const (
	synchronizing literalMode = iota
	literalMinus              // without waiting up to 4096 octets
	literalPlus               // without waiting
)

const maxLiteralMinus = 4096

// Atom writes a word as it is; it must be one that a server reads as such. Parentheses are words, too.
func (e *encoder) Atom(word string) {
	if strings.ContainsAny(word, "\r\n\x00") || word == "" {
		e.fail("%q", word)
		return
	}
	if !e.tight && word != ")" {
		e.buf = append(e.buf, ' ')
	}
	e.buf = append(e.buf, word...)
	e.tight = word == "("
}

func (e *encoder) fail(format string, args ...any) {
	if e.err == nil {
		e.err = fmt.Errorf(format+" %w", append(args, ErrArgument)...)
	}
}

// String writes a string: quoted where that is possible, else as a literal.
func (e *encoder) String(s string) {
	if !e.tight {
		e.buf = append(e.buf, ' ')
	}
	e.tight = false
	ascii, quotable := true, len(s) < 1024
	for i := range len(s) {
		switch c := s[i]; {
		case c == 0:
			e.fail("a string with NUL")
			return
		case c == '\r' || c == '\n':
			quotable = false
		case c >= 0x80:
			ascii = false
		}
	}
	e.nonASCII = e.nonASCII || !ascii
	if !quotable || !ascii && (!e.utf8 || !utf8.ValidString(s)) {
		e.literal(int64(len(s)))
		e.buf = append(e.buf, s...)
		return
	}
	e.buf = append(e.buf, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			e.buf = append(e.buf, '\\')
		}
		e.buf = append(e.buf, s[i])
	}
	e.buf = append(e.buf, '"')
}

// literal announces a literal, which the caller appends.
func (e *encoder) literal(size int64) {
	e.buf = append(e.buf, '{')
	e.buf = strconv.AppendInt(e.buf, size, 10)
	if e.literals == literalPlus || e.literals == literalMinus && size <= maxLiteralMinus {
		e.buf = append(e.buf, "+}\r\n"...)
		return
	}
	e.buf = append(e.buf, "}\r\n"...)
	e.parts = append(e.parts, e.buf)
	e.buf = nil
}

// number writes a number.
func (e *encoder) number(n uint64) { e.Atom(strconv.FormatUint(n, 10)) }

// words writes a list of words.
func (e *encoder) words(list ...string) {
	e.Atom("(")
	for _, word := range list {
		e.Atom(word)
	}
	e.Atom(")")
}

// flags writes a list of flags.
func (e *encoder) flags(list []goimap.Flag) {
	e.Atom("(")
	for _, f := range list {
		e.flag(f)
	}
	e.Atom(")")
}

// flag writes a flag or keyword (RFC 9051 §9: flag-keyword is an atom, system flags have a backslash).
func (e *encoder) flag(f goimap.Flag) {
	if !isAtom(strings.TrimPrefix(string(f), `\`)) {
		e.fail("flag %q", string(f))
		return
	}
	e.Atom(string(f))
}

// isAtom tells whether s can be written as an atom (RFC 9051 §9, ATOM-CHAR).
func isAtom(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`(){%*"\]`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

// dateTime writes an INTERNALDATE.
func (e *encoder) dateTime(t time.Time) { e.Atom(t.Format(`"_2-Jan-2006 15:04:05 -0700"`)) }

// finish returns the parts of the command.
func (e *encoder) finish() ([][]byte, error) {
	if e.err != nil {
		return nil, e.err
	}
	return append(e.parts, append(e.buf, "\r\n"...)), nil
}
