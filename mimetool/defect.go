package mimetool

import (
	"slices"
	"strconv"
)

// A Defect is what is wrong with a message and was repaired, guessed or passed over.
type Defect struct {
	Name   string `json:"name"`            // of the kind, such as "base64-junk"; stable, for scripts
	Ref    string `json:"ref"`             // the rule that is broken, such as "RFC 2045 §6.8"
	Where  string `json:"where,omitempty"` // the part's number or the field's name, as far as it is known
	Offset int64  `json:"offset"`          // in octets from the start of what was read; -1: unknown
	Guess  bool   `json:"guess,omitempty"` // what came out is a guess, or not whole
}

// String is one line for people.
func (d Defect) String() string {
	s := d.Name + " (" + d.Ref + ")"
	if d.Where != "" {
		s += " in " + d.Where
	}
	if d.Offset >= 0 {
		s += " at octet " + strconv.FormatInt(d.Offset, 10)
	}
	return s
}

// Guessed tells whether one of the defects makes what came out a guess, or not whole.
func Guessed(list []Defect) bool {
	return slices.ContainsFunc(list, func(d Defect) bool { return d.Guess })
}

// maxDefects is the number of defects that are kept of one part: a message that is nothing but defects must not fill
// the memory. The kinds come again, so what is lost is places.
const maxDefects = 100

// addDefect appends d unless the list is full.
func addDefect(list []Defect, d Defect) []Defect {
	if len(list) >= maxDefects {
		return list
	}
	return append(list, d)
}
