package mimetool

import (
	"bytes"
	"encoding/binary"
	"io"
)

// A BinHexDecoder reads a Macintosh file in BinHex 4.0 (RFC 1741 §A): its header, its data fork, which is what Read
// gives, and its resource fork. The CRC of each is checked. What stands before the first colon is passed over.
type BinHexDecoder struct {
	s       *scanner
	octets  binHexOctets
	header  BinHexHeader
	state   binHexState
	left    int64 // octets of the fork being read
	crc     uint16
	defects []Defect
	start   int64
}

// A BinHexHeader is what BinHex says of a file.
type BinHexHeader struct {
	Name           string // octets in the charset of the Macintosh
	Type, Creator  string // four octets each
	Flags          uint16
	Data, Resource int64 // lengths of the forks in octets
}

type binHexState int

const (
	binHexBegin binHexState = iota
	binHexData
	binHexResource
	binHexEnd
)

const (
	binHexRef    = "RFC 1741 §A"
	binHexBanner = "(This file must be converted with BinHex"
)

// NewBinHexDecoder reads BinHex from r.
func NewBinHexDecoder(r io.Reader) *BinHexDecoder { return newBinHex(newScanner(r)) }

func newBinHex(s *scanner) *BinHexDecoder {
	return &BinHexDecoder{s: s, octets: binHexOctets{s: s}, start: s.off}
}

// Defects implements Decoder.
func (d *BinHexDecoder) Defects() []Defect {
	if d.octets.junk > 0 {
		d.defect("binhex-junk")
		d.octets.junk = 0
	}
	return d.defects
}

func (d *BinHexDecoder) defect(name string) {
	for _, f := range d.defects {
		if f.Name == name {
			return
		}
	}
	d.defects = addDefect(d.defects, Defect{Name: name, Ref: binHexRef, Offset: d.s.off - d.start, Guess: true})
}

// Header reads the header. It is empty where there is none that can be read; the error is the reader's.
func (d *BinHexDecoder) Header() (BinHexHeader, error) {
	if d.state != binHexBegin {
		return d.header, nil
	}
	d.state = binHexEnd
	if !d.octets.begin() {
		d.octets.end()
		d.defect("binhex-begin-missing")
		return d.header, noEOF(d.octets.readError())
	}
	n, _ := d.octet()
	block := make([]byte, int(n)+1+4+4+2+4+4)
	for i := range block {
		c, ok := d.octet()
		if !ok {
			d.defect("binhex-unended")
			return d.header, noEOF(d.octets.readError())
		}
		block[i] = c
	}
	if !d.checkCRC() {
		d.defect("binhex-header-crc")
	}
	h, b := &d.header, block[int(n)+1:]
	h.Name, h.Type, h.Creator = string(block[:n]), string(b[:4]), string(b[4:8])
	h.Flags = binary.BigEndian.Uint16(b[8:])
	h.Data = int64(binary.BigEndian.Uint32(b[10:]))
	h.Resource = int64(binary.BigEndian.Uint32(b[14:]))
	d.state, d.left = binHexData, h.Data
	return d.header, nil
}

// octet is the next one, counted into the CRC.
func (d *BinHexDecoder) octet() (byte, bool) {
	c, ok := d.octets.next()
	if ok {
		d.crc = crc16(d.crc, c)
	}
	return c, ok
}

// checkCRC compares the CRC with that of what came before it, and begins anew.
func (d *BinHexDecoder) checkCRC() bool {
	want := d.crc
	d.crc = 0
	hi, _ := d.octets.next()
	lo, ok := d.octets.next()
	return ok && want == uint16(hi)<<8|uint16(lo)
}

// Read reads the data fork.
func (d *BinHexDecoder) Read(p []byte) (int, error) {
	if _, err := d.Header(); err != nil {
		return 0, err
	}
	return d.fork(p, binHexData)
}

// Resource reads the resource fork, when the data fork is read or passed over.
func (d *BinHexDecoder) Resource() io.Reader { return binHexFork{d} }

type binHexFork struct{ d *BinHexDecoder }

func (f binHexFork) Read(p []byte) (int, error) {
	if _, err := io.Copy(io.Discard, f.d); err != nil {
		return 0, err
	}
	return f.d.fork(p, binHexResource)
}

// fork reads of the fork that state is about.
func (d *BinHexDecoder) fork(p []byte, state binHexState) (int, error) {
	if d.state != state {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), d.left)]
	n := d.octets.fill(p)
	d.crc = crc16(d.crc, p[:n]...)
	d.left -= int64(n)
	if n < len(p) {
		d.defect("binhex-unended")
		d.state = binHexEnd
		if err := noEOF(d.octets.readError()); err != nil {
			return n, err
		}
		return n, io.EOF
	}
	if n > 0 || d.left > 0 {
		return n, nil
	}
	if !d.checkCRC() {
		d.defect("binhex-crc")
	}
	d.state++
	d.left = d.header.Resource
	if d.state == binHexEnd {
		d.octets.end()
	}
	return 0, io.EOF
}

// binHex gives the file in a block of BinHex that begins at the scanner's line: both forks.
func (x *extractor) binHex(p *Part, s *scanner) error {
	d := newBinHex(s)
	h, err := d.Header()
	if err != nil || d.state != binHexData {
		return err
	}
	name := h.text()
	data := embeddedFile(p, "binhex", name, d, d.Defects)
	if err := x.give(data); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, d); err != nil {
		return err
	}
	resource := d.Resource()
	if h.Resource > 0 && d.state == binHexResource {
		f := embeddedFile(p, "binhex", name+".rsrc", resource, d.Defects)
		f.Fork = "resource"
		if err := x.give(f); err != nil {
			return err
		}
	}
	_, err = io.Copy(io.Discard, resource)
	return err
}

// isBinHexBegin tells whether a line is the comment that BinHex begins with.
func isBinHexBegin(line []byte) bool { return bytes.HasPrefix(line, []byte(binHexBanner)) }

// Name is the file's name as text, known when the header is read; "" where there is none.
func (d *BinHexDecoder) Name() string { return d.header.text() }

func (h BinHexHeader) text() string {
	name, err := DecodeCharset("macintosh", []byte(h.Name))
	if err != nil {
		return h.Name
	}
	return name
}
