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

// answer is what a message says.
type answer struct {
	rcode       int
	truncated   bool
	secure      bool // the AD bit
	records     []record
	negativeTTL uint32 // of the SOA in the authority section (RFC 2308 §5)
	authority   bool   // there is such an SOA
}

// parse reads an answer. The additional section is read for the extended response code alone: addresses there are
// not trusted.
func (m message) parse() (*answer, error) {
	q, err := m.question()
	if err != nil {
		return nil, err
	}
	a := &answer{rcode: m.rcode(), truncated: m.has(flagTruncated), secure: m.has(flagAD)}
	p := &recordParser{m: m, off: headerLen + len(q)}
	if a.truncated {
		return a, nil // RFC 2181 §9: what a truncated message holds is not used
	}
	if n := m.count(1); n > 0 {
		a.records = make([]record, 0, min(n, maxRecords, len(m)/optLen))
	}
	for range m.count(1) {
		var rec record
		class, err := p.next(&rec)
		if err != nil {
			return nil, err
		}
		if class == classIN {
			a.records = append(a.records, rec)
		}
	}
	for range m.count(2) {
		if err := p.authority(a); err != nil {
			return nil, err
		}
	}
	for range m.count(3) {
		typ, _, ttl, _, err := p.skip()
		if err != nil {
			return nil, err
		}
		if typ == typeOPT {
			a.rcode |= int(ttl>>24) << 4
		}
	}
	return a, nil
}

// recordParser walks the records of a message.
type recordParser struct {
	m    message
	off  int
	last struct { // owner names mostly repeat: the same pointer is the same name
		at   int
		text string
	}
}

// skip passes a record: its type, class, TTL, and where its RDATA begins.
func (p *recordParser) skip() (typ Type, class uint16, ttl uint32, rdata int, err error) {
	off, err := p.m.skipName(p.off)
	if err == nil && off+10 > len(p.m) {
		err = errRecord
	}
	if err != nil {
		return 0, 0, 0, 0, err
	}
	h := p.m[off : off+10]
	rdata = off + 10
	p.off = rdata + int(binary.BigEndian.Uint16(h[8:]))
	if p.off > len(p.m) {
		return 0, 0, 0, 0, errRecord
	}
	return Type(binary.BigEndian.Uint16(h)), binary.BigEndian.Uint16(h[2:]), binary.BigEndian.Uint32(h[4:]), rdata, nil
}

// next reads a record.
func (p *recordParser) next(rec *record) (class uint16, err error) {
	start := p.off
	typ, class, ttl, rdata, err := p.skip()
	if err != nil {
		return 0, err
	}
	if rec.name, err = p.owner(start); err != nil {
		return 0, err
	}
	if ttl > 1<<31-1 { // RFC 2181 §8
		ttl = 0
	}
	rec.typ, rec.ttl = typ, ttl
	return class, p.m.rdata(rec, rdata, p.off)
}

func (p *recordParser) owner(off int) (string, error) {
	at := off
	if p.m[off] >= 0xc0 && off+1 < len(p.m) {
		at = int(p.m[off]&0x3f)<<8 | int(p.m[off+1])
	}
	if p.last.text != "" && at == p.last.at && at != off {
		return p.last.text, nil
	}
	text, _, err := p.m.name(off)
	if err == nil {
		p.last.at, p.last.text = at, text
	}
	return text, err
}

// authority reads a record of the authority section: of these, only an SOA says something here.
func (p *recordParser) authority(a *answer) error {
	typ, class, ttl, rdata, err := p.skip()
	if err != nil || typ != TypeSOA || class != classIN {
		return err
	}
	off, err := p.m.skipName(rdata)
	if err == nil {
		off, err = p.m.skipName(off)
	}
	if err != nil {
		return err
	}
	if off+20 != p.off {
		return errRecord
	}
	// RFC 2308 §5: the smaller of the SOA's TTL and its last field.
	a.authority, a.negativeTTL = true, min(ttl, binary.BigEndian.Uint32(p.m[off+16:]))
	return nil
}
