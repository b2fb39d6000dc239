package mxlookup

import "encoding/binary"

// answer is what a message says.
type answer struct {
	rcode       int
	truncated   bool
	secure      bool // the AD bit
	records     []record
	negativeTTL uint32 // of the SOA in the authority section (RFC 2308 §5)
	authority   bool   // there is such an SOA
	reason      string // an extended error (RFC 8914), in words
}

// parse reads an answer. The additional section is read for the extended response code and errors alone: addresses there
// are not trusted.
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
		typ, _, ttl, rdata, err := p.skip()
		if err != nil {
			return nil, err
		}
		if typ == typeOPT {
			a.rcode |= int(ttl>>24) << 4
			a.reason = extendedError(m[rdata:p.off])
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
