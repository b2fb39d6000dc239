package store

import "strings"

// Flags are what a message is marked with, those of RFC 9051 §2.3.2 that a Maildir has letters for.
type Flags uint8

// The flags.
const (
	Draft Flags = 1 << iota
	Flagged
	Passed // forwarded: $Forwarded of RFC 9051
	Replied
	Seen
	Trashed // \Deleted
)

// flagLetters are a Maildir's, in the order of the bits, which is that of the letters.
const flagLetters = "DFPRST"

// Letters is how a Maildir's file name says it, in the order that it demands.
func (f Flags) Letters() string {
	var b strings.Builder
	for i := range len(flagLetters) {
		if f&(1<<i) != 0 {
			b.WriteByte(flagLetters[i])
		}
	}
	return b.String()
}

// ParseLetters is the inverse of Letters; letters of others are passed over.
func ParseLetters(letters string) (f Flags) {
	for i := range len(letters) {
		if bit := strings.IndexByte(flagLetters, letters[i]); bit >= 0 {
			f |= 1 << bit
		}
	}
	return f
}

// ParseFlag is the flag of an IMAP4 flag's name, 0 for one that a Maildir cannot say.
func ParseFlag(name string) Flags {
	switch strings.ToLower(name) {
	case `\draft`:
		return Draft
	case `\flagged`:
		return Flagged
	case `$forwarded`:
		return Passed
	case `\answered`:
		return Replied
	case `\seen`:
		return Seen
	case `\deleted`:
		return Trashed
	}
	return 0
}
