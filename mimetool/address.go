package mimetool

import (
	"net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// An Address is one mailbox of an address field (RFC 5322 §3.4, RFC 6532).
type Address struct {
	Name string `json:"name,omitempty"` // the display name, decoded; where there is none, a comment
	// Addr is local-part "@" domain without comments and blanks, its local part quoted where it must be. "" where the
	// field has no address there; without "@" where it has a local part alone.
	Addr string `json:"addr"`
	// Group is the name of the group that it stands in. A group without members is one Address with nothing else.
	Group string `json:"group,omitempty"`
}

// String is the form that a field has (RFC 5322 §3.4), as UTF-8 (RFC 6532), without the group. A group without members
// is "name:;".
func (a Address) String() string {
	switch {
	case a.Name == "" && a.Addr == "" && a.Group != "":
		return Address{Name: a.Group}.String() + ":;"
	case a.Name == "":
		return a.Addr
	case a.Addr == "" && plainAtoms(a.Name):
		return a.Name
	case a.Addr == "":
		return encodeQuotedString(a.Name)
	case plainAtoms(a.Name):
		return a.Name + " <" + a.Addr + ">"
	}
	return encodeQuotedString(a.Name) + " <" + a.Addr + ">"
}

// Mail is the address as package net/mail has it.
func (a Address) Mail() mail.Address {
	if at := a.at(); at >= 0 {
		return mail.Address{Name: a.Name, Address: a.Local() + a.Addr[at:]}
	}
	return mail.Address{Name: a.Name, Address: a.Local()}
}

// Local is the local part, its quotes undone.
func (a Address) Local() string {
	local := a.Addr
	if at := a.at(); at >= 0 {
		local = local[:at]
	}
	if n := len(local); n >= 2 && local[0] == '"' && local[n-1] == '"' {
		return unquotePairs(local[1 : n-1])
	}
	return local
}

// Domain is what follows the "@", "" where there is none. A literal has its brackets.
func (a Address) Domain() string {
	if at := a.at(); at >= 0 {
		return a.Addr[at+1:]
	}
	return ""
}

// at is the place of the "@" before the domain, -1 without one.
func (a Address) at() int {
	end := len(a.Addr)
	if strings.HasSuffix(a.Addr, "]") {
		if i := strings.LastIndex(a.Addr, "@["); i >= 0 {
			return i
		}
	}
	return strings.LastIndexByte(a.Addr[:end], '@')
}

// ASCII is Addr with the domain in A-labels (RFC 5891), as a server without SMTPUTF8 takes it. A local part that is not
// ASCII has no such form; it stays. The error is that of a name that IDNA does not allow.
func (a Address) ASCII() (string, error) {
	at := a.at()
	if at < 0 || isASCII(a.Addr[at:]) {
		return a.Addr, nil
	}
	domain, err := idna.Lookup.ToASCII(a.Addr[at+1:])
	if err != nil {
		return "", err
	}
	return a.Addr[:at+1] + domain, nil
}

// unquotePairs undoes the quoted-pairs of RFC 5322 §3.2.1.
func unquotePairs(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
