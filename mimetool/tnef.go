package mimetool

import (
	"encoding/binary"
	"errors"
	"io"
	"strconv"
)

// What of TNEF (MS-OXTNEF) is read: the attachments with their names, and the messages in it for theirs. Text and
// properties of the message itself are left alone.
const (
	tnefSignature  = 0x223e9f78
	tnefCodepage   = 0x00069007 // attOemCodepage
	tnefRendering  = 0x00069002 // attAttachRenddata: an attachment begins
	tnefTitle      = 0x00018010 // attAttachTitle
	tnefData       = 0x0006800f // attAttachData
	tnefAttachment = 0x00069005 // attAttachment: its properties
	tnefRef        = "MS-OXTNEF §2.1"
)

// maxTNEF is how many messages in one another are gone into.
const maxTNEF = 8

// A tnefReader goes through one TNEF stream.
type tnefReader struct {
	x        *extractor
	p        *Part
	in       *io.SectionReader
	at       int64
	depth    int
	codepage string
	file     tnefFile
	begun    bool // file is one
	defects  []Defect
}

// A tnefFile is an attachment as far as its attributes have come.
type tnefFile struct {
	title, long, mediaType string
	data                   *io.SectionReader
	message                *io.SectionReader
}

// tnef gives the attachments in the winmail.dat that the part p is.
func (x *extractor) tnef(p *Part, s *spool) error {
	t := &tnefReader{x: x, p: p, in: s.reader(), codepage: "windows-1252"}
	return t.read()
}

// errTNEF ends a stream that is cut short or is none.
const errTNEF = constError("not TNEF")

// read gives the attachments one after the other.
func (t *tnefReader) read() error {
	var head [6]byte
	err := t.bytes(head[:])
	if err == nil && binary.LittleEndian.Uint32(head[:]) != tnefSignature {
		err = errTNEF
	}
	for err == nil {
		err = t.attribute()
	}
	switch {
	case err == io.EOF:
		return t.give()
	case errors.Is(err, errTNEF):
		t.defect("tnef-damaged")
		return t.give()
	}
	return err
}

func (t *tnefReader) defect(name string) {
	for _, d := range t.defects {
		if d.Name == name {
			return
		}
	}
	t.defects = append(t.defects, Defect{Name: name, Ref: tnefRef, Where: t.p.Number, Offset: t.at, Guess: true})
}

// bytes reads what comes next.
func (t *tnefReader) bytes(b []byte) error {
	n, err := t.in.ReadAt(b, t.at)
	t.at += int64(n)
	if n == len(b) {
		return nil
	}
	if err == io.EOF && n > 0 {
		return errTNEF
	}
	return err
}

// attribute reads one: level, number, length, data, checksum.
func (t *tnefReader) attribute() error {
	var head [9]byte
	if err := t.bytes(head[:]); err != nil {
		return err
	}
	id, size := binary.LittleEndian.Uint32(head[1:]), int64(binary.LittleEndian.Uint32(head[5:]))
	if head[0] != 1 && head[0] != 2 || size > t.in.Size()-t.at {
		return errTNEF
	}
	data := io.NewSectionReader(t.in, t.at, size)
	t.at += size
	var sum [2]byte
	if err := t.bytes(sum[:]); err != nil {
		return noEOFBecause(err, errTNEF)
	}
	if got, err := tnefSum(data); err != nil {
		return err
	} else if got != binary.LittleEndian.Uint16(sum[:]) {
		t.defect("tnef-checksum")
	}
	return t.use(id, data)
}

// noEOFBecause is err, or instead where the stream ended.
func noEOFBecause(err, instead error) error {
	if err == io.EOF {
		return instead
	}
	return err
}

// tnefSum is the checksum of data: the sum of its octets.
func tnefSum(data *io.SectionReader) (sum uint16, err error) {
	var block [4096]byte
	for at := int64(0); ; {
		n, err := data.ReadAt(block[:], at)
		for _, c := range block[:n] {
			sum += uint16(c)
		}
		at += int64(n)
		if err == io.EOF {
			return sum, nil
		} else if err != nil {
			return sum, err
		}
	}
}

// use takes an attribute into the attachment.
func (t *tnefReader) use(id uint32, data *io.SectionReader) error {
	switch id {
	case tnefCodepage:
		var b [4]byte
		if n, _ := data.ReadAt(b[:], 0); n == 4 {
			t.codepage = "cp" + strconv.Itoa(int(binary.LittleEndian.Uint32(b[:])))
		}
	case tnefRendering:
		if err := t.give(); err != nil {
			return err
		}
		t.begun = true
	case tnefTitle:
		title, err := t.text(data, t.codepage)
		t.file.title = title
		return err
	case tnefData:
		t.file.data = data
	case tnefAttachment:
		return t.properties(data)
	}
	return nil
}

// give hands out the attachment that was read.
func (t *tnefReader) give() error {
	f := t.file
	t.file = tnefFile{}
	if !t.begun {
		return nil
	}
	t.begun = false
	if f.message != nil && t.depth < maxTNEF {
		in := &tnefReader{x: t.x, p: t.p, in: f.message, depth: t.depth + 1, codepage: t.codepage}
		return in.read()
	}
	if f.data == nil {
		return nil
	}
	name := f.long
	if name == "" {
		name = f.title
	}
	file := embeddedFile(t.p, "tnef", name, f.data, func() []Defect { return t.defects })
	if f.mediaType != "" {
		file.Type = mediaType([]byte(f.mediaType))
	}
	return t.x.give(file)
}

// maxTNEFText is how much of a name is read.
const maxTNEFText = 4096

// text reads a string that NUL ends.
func (t *tnefReader) text(data *io.SectionReader, charset string) (string, error) {
	b := make([]byte, min(data.Size(), maxTNEFText))
	if _, err := data.ReadAt(b, 0); err != nil && err != io.EOF {
		return "", err
	}
	s, err := DecodeCharset(charset, b)
	if err != nil {
		s = string(b)
	}
	for i := range len(s) {
		if s[i] == 0 {
			return s[:i], nil
		}
	}
	return s, nil
}
