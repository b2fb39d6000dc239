package mimetool

import "fmt"

// Limits bounds what one message may make a reader hold. A zero value of a field is its default.
type Limits struct {
	Depth   int // of entities in one another; default 100
	Parts   int // entities of one message; default 100,000
	Header  int // octets of one entity's header; default 8 MiB
	Fields  int // header fields of one entity; default 100,000
	Encoded int // encoded messages in one another, each of which costs a decoder; default 8
}

// The defaults of Limits.
const (
	DefaultDepth   = 100
	DefaultParts   = 100_000
	DefaultHeader  = 8 << 20
	DefaultFields  = 100_000
	DefaultEncoded = 8
)

// maxPiece is how many octets of one display name, comment or parameter are read. None is so long; of one that were,
// several forms would be held at once.
const maxPiece = 1 << 20

// withDefaults fills in what is zero.
func (l Limits) withDefaults() Limits {
	set := func(p *int, v int) {
		if *p <= 0 {
			*p = v
		}
	}
	set(&l.Depth, DefaultDepth)
	set(&l.Parts, DefaultParts)
	set(&l.Header, DefaultHeader)
	set(&l.Fields, DefaultFields)
	set(&l.Encoded, DefaultEncoded)
	return l
}

// A LimitError ends a walk: the message goes beyond one of the Limits. Everything before it has been given.
type LimitError struct {
	What   string // "depth", "parts", "header", "fields" or "encoded"
	Limit  int
	Offset int64 // where the message was left, in octets; -1 within what an encoded part holds
}

func (e *LimitError) Error() string {
	if e.Offset < 0 { // in what was taken out of an encoded part
		return fmt.Sprintf("the message has more than %d %s", e.Limit, limitNames(e.What))
	}
	return fmt.Sprintf("the message has more than %d %s (at octet %d)", e.Limit, limitNames(e.What), e.Offset)
}

// limitNames says what was counted.
func limitNames(what string) string {
	switch what {
	case "depth":
		return "levels of parts"
	case "header":
		return "octets in a header"
	case "fields":
		return "fields in a header"
	case "encoded":
		return "encoded messages in one another"
	}
	return what
}
