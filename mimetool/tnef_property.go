package mimetool

import (
	"encoding/binary"
	"io"
)

// Properties of an attachment (MS-OXPROPS).
const (
	tnefDataObject   = 0x3701 // PidTagAttachDataBinary, PidTagAttachDataObject
	tnefLongFilename = 0x3707 // PidTagAttachLongFilename
	tnefMimeTag      = 0x370e // PidTagAttachMimeTag
)

// Types of properties (MS-OXCDATA §2.11.1).
const (
	tnefObject  = 0x0d
	tnefString8 = 0x1e
	tnefUnicode = 0x1f
	tnefBinary  = 0x102
	tnefMany    = 0x1000 // several values
)

// A tnefCursor reads a property list (MS-OXTNEF §2.1.3.4).
type tnefCursor struct {
	in *io.SectionReader
	at int64
}

func (c *tnefCursor) uint32() (uint32, error) {
	var b [4]byte
	if n, err := c.in.ReadAt(b[:], c.at); n < 4 {
		return 0, noEOFBecause(err, errTNEF)
	}
	c.at += 4
	return binary.LittleEndian.Uint32(b[:]), nil
}

// skip passes over n octets and what fills them up to four.
func (c *tnefCursor) skip(n int64) error {
	n = (n + 3) &^ 3
	if n > c.in.Size()-c.at {
		return errTNEF
	}
	c.at += n
	return nil
}

// piece is a value with its length before it.
func (c *tnefCursor) piece() (*io.SectionReader, error) {
	n, err := c.uint32()
	if err != nil {
		return nil, err
	}
	if int64(n) > c.in.Size()-c.at {
		return nil, errTNEF
	}
	s := io.NewSectionReader(c.in, c.at, int64(n))
	c.at = min(c.at+(int64(n)+3)&^3, c.in.Size())
	return s, nil
}

// properties takes those of an attachment that say its name, its type and its content.
func (t *tnefReader) properties(data *io.SectionReader) error {
	c := &tnefCursor{in: data}
	count, err := c.uint32()
	for ; err == nil && count > 0; count-- {
		err = t.property(c)
	}
	return err
}

// property reads one.
func (t *tnefReader) property(c *tnefCursor) error {
	tag, err := c.uint32()
	if err != nil {
		return err
	}
	kind, id := tag&0xffff, tag>>16
	if id >= 0x8000 {
		if err := c.propertyName(); err != nil {
			return err
		}
	}
	values := uint32(1)
	variable := isVariable(kind &^ tnefMany)
	if variable || kind&tnefMany != 0 {
		if values, err = c.uint32(); err != nil {
			return err
		}
	}
	for ; values > 0; values-- {
		if !variable {
			if err := c.skip(fixedSize(kind &^ tnefMany)); err != nil {
				return err
			}
			continue
		}
		value, err := c.piece()
		if err == nil {
			err = t.value(id, kind, value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// propertyName passes over the name of a named property: a GUID, and a number or a string.
func (c *tnefCursor) propertyName() error {
	if err := c.skip(16); err != nil {
		return err
	}
	kind, err := c.uint32()
	if err != nil {
		return err
	}
	if kind == 0 {
		return c.skip(4)
	}
	_, err = c.piece()
	return err
}

func isVariable(kind uint32) bool {
	return kind == tnefObject || kind == tnefString8 || kind == tnefUnicode || kind == tnefBinary
}

// fixedSize is the length of a value of a type that has one.
func fixedSize(kind uint32) int64 {
	switch kind {
	case 0x05, 0x06, 0x07, 0x14, 0x40:
		return 8
	case 0x48:
		return 16
	}
	return 4
}

// value takes a value into the attachment.
func (t *tnefReader) value(id, kind uint32, value *io.SectionReader) (err error) {
	charset := t.codepage
	if kind == tnefUnicode {
		charset = "utf-16le"
	}
	switch {
	case id == tnefLongFilename:
		t.file.long, err = t.text(value, charset)
	case id == tnefMimeTag:
		t.file.mediaType, err = t.text(value, charset)
	case id == tnefDataObject && kind == tnefBinary:
		t.file.data = value
	case id == tnefDataObject && kind == tnefObject && value.Size() >= 16:
		t.file.object(value)
	}
	return err
}

// object takes an object's content, which comes after the GUID of its interface: IID_IMessage is a message in TNEF.
func (f *tnefFile) object(value *io.SectionReader) {
	var guid [16]byte
	content := io.NewSectionReader(value, 16, value.Size()-16)
	_, err := value.ReadAt(guid[:], 0)
	if err == nil && binary.LittleEndian.Uint32(guid[:]) == 0x00020307 {
		f.message = content
		return
	}
	f.data = content
}
