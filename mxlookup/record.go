package mxlookup

import (
	"encoding/binary"
	"errors"
	"strconv"
)

// Type is the type of a record (RFC 1035 §3.2.2).
type Type uint16

// The types of records that mail needs.
const (
	TypeA     Type = 1
	TypeCNAME Type = 5
	TypeSOA   Type = 6
	TypePTR   Type = 12
	TypeMX    Type = 15
	TypeTXT   Type = 16
	TypeAAAA  Type = 28
	TypeSRV   Type = 33
	TypeTLSA  Type = 52
	typeOPT   Type = 41
)

func (t Type) String() string {
	switch t {
	case TypeA:
		return "A"
	case TypeCNAME:
		return "CNAME"
	case TypeSOA:
		return "SOA"
	case TypePTR:
		return "PTR"
	case TypeMX:
		return "MX"
	case TypeTXT:
		return "TXT"
	case TypeAAAA:
		return "AAAA"
	case TypeSRV:
		return "SRV"
	case TypeTLSA:
		return "TLSA"
	}
	return "TYPE" + strconv.Itoa(int(t)) // RFC 3597 §5
}

// record is one resource record of class IN with its RDATA taken apart as far as its type is known here.
type record struct {
	name    string
	typ     Type
	ttl     uint32
	numbers [3]uint16 // MX: preference; SRV: priority, weight, port
	target  string    // the host of CNAME, PTR, MX, SRV
	data    []byte    // RDATA of every other type
}

var errRecord = errors.New("record is cut short")

// rdata takes apart the RDATA of rec, which is m[off:end]. Names in it may point anywhere before them in m, but
// have to end where the RDATA ends.
func (m message) rdata(rec *record, off, end int) error {
	count := 0
	switch rec.typ {
	case TypeCNAME, TypePTR:
	case TypeMX:
		count = 1
	case TypeSRV:
		count = 3
	default:
		rec.data = m[off:end:end]
		return checkRDATA(rec)
	}
	for i := range count {
		if off+2 > end {
			return errRecord
		}
		rec.numbers[i] = binary.BigEndian.Uint16(m[off:])
		off += 2
	}
	target, next, err := m.name(off)
	if err == nil && next != end {
		err = errRecord
	}
	rec.target = target
	return err
}

// checkRDATA refuses addresses that are none and texts whose strings overrun.
func checkRDATA(rec *record) error {
	switch n := len(rec.data); rec.typ {
	case TypeA:
		if n != 4 {
			return errRecord
		}
	case TypeAAAA:
		if n != 16 {
			return errRecord
		}
	case TypeTLSA:
		if n < 4 { // RFC 6698 §2.1: three octets and an association
			return errRecord
		}
	case TypeTXT:
		if n == 0 { // RFC 1035 §3.3.14: one or more strings
			return errRecord
		}
		for s := rec.data; len(s) > 0; s = s[1+int(s[0]):] {
			if len(s) < 1+int(s[0]) {
				return errRecord
			}
		}
	}
	return nil
}
