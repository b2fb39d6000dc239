package mxlookup

import (
	"errors"
	"strings"
)

// What can come of a question. Each is wrapped in an *Error; use errors.Is.
var (
	ErrNoDomain  = errors.New("no such domain")                         // NXDOMAIN: no record of any type, nor below it (RFC 8020)
	ErrNoRecord  = errors.New("no record of this type")                 // NODATA (RFC 2308 §2.2)
	ErrNoMail    = errors.New("has neither MX nor address records")     // the domain exists and takes no mail
	ErrServFail  = errors.New("server failure")                         // SERVFAIL, or REFUSED and its like from every server
	ErrTimeout   = errors.New("no answer in time")                      // after all tries
	ErrAliasLoop = errors.New("aliases (CNAME) lead round in a circle") // or through more than 16 names
	ErrMalformed = errors.New("malformed answer")                       // from every server
	ErrNetwork   = errors.New("name server cannot be reached")          // refused, no route, TLS that failed
	ErrBadName   = errors.New("not a domain name")                      // what was asked for cannot be asked
	errBadServer = errors.New("want HOST[:PORT], tls://HOST or https://HOST/PATH with an address as HOST")
)

// Error is the failure of one question.
type Error struct {
	Name   string // the domain
	Type   Type   // what was asked for; 0 before that is known
	Server string // the server that said so last; "" when none did
	Detail string // what it said: "REFUSED", or the network's error
	Err    error  // one of the Err values above, or a context's
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Name)
	if e.Name == "" {
		b.WriteString(`""`)
	}
	b.WriteString(": ")
	b.WriteString(e.Err.Error())
	if e.Detail != "" {
		b.WriteString(" (" + e.Detail + ")")
	}
	if e.Server != "" && e.Temporary() {
		b.WriteString(" from " + e.Server)
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// Temporary says whether the same question may have an answer later.
func (e *Error) Temporary() bool {
	switch e.Err {
	case ErrNoDomain, ErrNoRecord, ErrNoMail, ErrBadName:
		return false
	}
	return true
}
