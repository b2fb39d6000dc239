package mxlookup

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
)

// message is a DNS message as it stands on the wire (RFC 1035 §4.1).
type message []byte

const headerLen = 12

// Bits of the second pair of octets of the header (RFC 1035 §4.1.1, RFC 4035 §3.2).
const (
	flagResponse  = 1 << 15
	flagTruncated = 1 << 9
	flagRecursion = 1 << 8 // desired
	flagAD        = 1 << 5 // authentic data
	maskOpcode    = 0xf << 11
)

// Response codes (RFC 1035 §4.1.1; BADVERS: RFC 6891 §9).
const (
	rcodeSuccess  = 0
	rcodeFormErr  = 1
	rcodeServFail = 2
	rcodeNXDomain = 3
	rcodeNotImp   = 4
	rcodeRefused  = 5
	rcodeBadVers  = 16
)

const (
	classIN    = 1
	maxUDP     = 1232          // EDNS0 size that no path fragments (DNS flag day 2020)
	flagDO     = 1 << 15       // in the TTL of OPT: DNSSEC records wanted (RFC 6891 §6.1.4)
	optLen     = 11            // an OPT record without options
	maxRecords = 64 << 10 / 11 // no message holds more
)

var (
	errHeader   = errors.New("message is shorter than its header")
	errQuestion = errors.New("question is cut short")
)

func (m message) id() uint16       { return binary.BigEndian.Uint16(m) }
func (m message) flags() uint16    { return binary.BigEndian.Uint16(m[2:]) }
func (m message) count(i int) int  { return int(binary.BigEndian.Uint16(m[4+2*i:])) }
func (m message) rcode() int       { return int(m[3] & 0xf) }
func (m message) setID(id uint16)  { binary.BigEndian.PutUint16(m, id) }
func (m message) has(bit int) bool { return int(m.flags())&bit != 0 }

// packQuestion makes the message that asks for the records of a type at a name. Its id is 0, its letters are in
// random case, and its last optLen octets are the OPT record.
func packQuestion(name string, typ Type, dnssec bool) (message, error) {
	m := make(message, headerLen, headerLen+len(name)+2+4+optLen)
	flags, ttl := uint16(flagRecursion), uint32(0)
	if dnssec {
		flags, ttl = flags|flagAD, flagDO
	}
	binary.BigEndian.PutUint16(m[2:], flags)
	m[5], m[11] = 1, 1 // one question, one additional record
	m, err := packName(m, name)
	if err != nil {
		return nil, err
	}
	mixCase(m[headerLen:])
	m = binary.BigEndian.AppendUint16(m, uint16(typ))
	m = binary.BigEndian.AppendUint16(m, classIN)
	m = append(m, 0, 0, byte(typeOPT))
	m = binary.BigEndian.AppendUint16(m, maxUDP)
	m = binary.BigEndian.AppendUint32(m, ttl)
	return append(m, 0, 0), nil
}

// withoutEDNS is a question as packQuestion makes it without its OPT record.
func (m message) withoutEDNS() message {
	plain := append(message(nil), m[:len(m)-optLen]...)
	plain[11] = 0
	return plain
}

// mixCase sets the case of the letters of a name at random: a forged answer has to match these bits too
// (draft-vixie-dnsext-dns0x20). A length octet of 65 and more does not exist, so none is mistaken for a letter.
func mixCase(name []byte) {
	var bits uint64
	for i, c := range name {
		if i%64 == 0 {
			bits = rand.Uint64()
		}
		if c|0x20 >= 'a' && c|0x20 <= 'z' {
			name[i] = c ^ byte(bits>>(i%64)&1)<<5
		}
	}
}

// question is the question section of a message that has exactly one question.
func (m message) question() ([]byte, error) {
	if len(m) < headerLen {
		return nil, errHeader
	}
	end, err := m.skipName(headerLen)
	if err != nil || m.count(0) != 1 || end+4 > len(m) {
		return nil, errQuestion
	}
	return m[headerLen : end+4], nil
}
