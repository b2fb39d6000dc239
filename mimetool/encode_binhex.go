package mimetool

import (
	"bytes"
	"encoding/binary"
	"io"

	"golang.org/x/text/encoding/charmap"
)

const (
	encodeBinHexChars = "!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
	encodeBinHexLine  = 64
	encodeBinHexRun   = 0x90 // marks a run in the compressed data (RFC 1741 appendix A)
)

// binHexEncoder is BinHex 4.0 (RFC 1741): the content is the data fork, the resource fork is empty.
type binHexEncoder struct {
	w    io.Writer
	opt  EncodeOptions
	held *bytes.Buffer // the content, where its size was not known beforehand

	begun bool
	crc   uint16 // of the data fork
	last  int    // the octet that a run would repeat, -1 none
	run   int
	bits  uint32
	nbits int
	col   int
	out   []byte
	err   error
}

func newBinHexEncoder(w io.Writer, opt EncodeOptions) io.WriteCloser {
	e := &binHexEncoder{w: w, opt: opt, last: -1}
	if opt.Size <= 0 {
		e.held = new(bytes.Buffer)
	}
	return e
}

func (e *binHexEncoder) Write(p []byte) (int, error) {
	if e.held != nil {
		return e.held.Write(p)
	}
	if e.err == nil {
		e.begin()
		e.crc = crc16(e.crc, p...)
		e.octets(p)
		_, e.err = e.w.Write(e.out)
		e.out = e.out[:0]
	}
	return len(p), e.err
}

// begin writes the line that BinHex files are known by and the header: name, type, creator, flags, lengths, its CRC.
func (e *binHexEncoder) begin() {
	if e.begun {
		return
	}
	e.begun = true
	eol := e.opt.LineEnd
	e.out = append(e.out, "(This file must be converted with BinHex 4.0)"+eol+eol+":"...)
	e.col = 1
	name := macName(e.opt.Name)
	if name == "" {
		name = "file"
	}
	name = name[:min(len(name), 63)]
	h := append([]byte{byte(len(name))}, name...)
	h = append(h, 0)
	h = append(h, "????????\x00\x00"...)
	h = binary.BigEndian.AppendUint32(h, uint32(e.opt.Size))
	h = binary.BigEndian.AppendUint32(h, 0)
	e.octets(binary.BigEndian.AppendUint16(h, crc16(0, h...)))
}

// macName is a name in the charset of the Macintosh, which the header is in.
func macName(name string) string {
	var b []byte
	for _, r := range encodeOneLine(name) {
		c, ok := charmap.Macintosh.EncodeRune(r)
		if !ok {
			c = '_'
		}
		b = append(b, c)
	}
	return string(b)
}

// octets compresses runs: an octet, 0x90, how often. 0x90 itself is followed by a zero.
func (e *binHexEncoder) octets(p []byte) {
	for _, c := range p {
		if int(c) == e.last && e.run < 255 {
			e.run++
			continue
		}
		e.endRun()
		e.last, e.run = int(c), 1
	}
}

func (e *binHexEncoder) endRun() {
	if e.last < 0 {
		return
	}
	c := byte(e.last)
	one := []byte{c}
	if c == encodeBinHexRun {
		one = []byte{c, 0}
	}
	switch {
	case e.run > 3:
		e.six(append(one, encodeBinHexRun, byte(e.run))...)
	default:
		for range e.run {
			e.six(one...)
		}
	}
	e.last = -1
}

// six packs octets into characters of six bits.
func (e *binHexEncoder) six(octets ...byte) {
	for _, c := range octets {
		e.bits, e.nbits = e.bits<<8|uint32(c), e.nbits+8
		for e.nbits >= 6 {
			e.nbits -= 6
			e.char(encodeBinHexChars[e.bits>>e.nbits&0x3f])
		}
	}
}

func (e *binHexEncoder) char(c byte) {
	if e.col == encodeBinHexLine {
		e.out = append(e.out, e.opt.LineEnd...)
		e.col = 0
	}
	e.out = append(e.out, c)
	e.col++
}

func (e *binHexEncoder) Close() error {
	if e.held != nil {
		p := e.held.Bytes()
		e.held, e.opt.Size = nil, int64(len(p))
		if _, err := e.Write(p); err != nil {
			return err
		}
	}
	if e.err != nil {
		return e.err
	}
	e.begin()
	e.octets(binary.BigEndian.AppendUint16(nil, e.crc))
	e.octets([]byte{0, 0}) // the CRC of the empty resource fork
	e.endRun()
	if e.nbits > 0 {
		e.char(encodeBinHexChars[e.bits<<(6-e.nbits)&0x3f])
	}
	e.char(':')
	e.out = append(e.out, e.opt.LineEnd...)
	_, e.err = e.w.Write(e.out)
	return e.err
}
