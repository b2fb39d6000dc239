package mimetool

import (
	"bytes"
	"io"

	"github.com/segmentio/asm/base64"
)

// NewUUDecoder reads uuencode (POSIX.1-2017, uuencode) from its begin line to its end line, and what POSIX calls its
// base64 form. What stands before and after is passed over. Blanks that were cut from lines' ends are put back.
// A text in which nothing begins comes as it stands.
func NewUUDecoder(r io.Reader) Decoder {
	return &uuDecoder{lineDecoder: newLineDecoder(newScanner(r), &uuCodec{})}
}

// A uuDecoder reads a body that is said to be uuencoded.
type uuDecoder struct {
	*lineDecoder
	looked bool
	plain  bool // and is not
}

func (d *uuDecoder) Read(p []byte) (int, error) {
	if !d.looked {
		d.looked = true
		d.plain = !beginsUU(d.s.peek(blockSize))
	}
	if !d.plain {
		return d.lineDecoder.Read(p)
	}
	b := d.s.peek(1)
	if len(b) == 0 {
		return 0, d.s.readError()
	}
	n := copy(p, b)
	d.s.consume(n)
	return n, nil
}

// Defects implements Decoder.
func (d *uuDecoder) Defects() []Defect {
	if d.plain {
		return []Defect{{Name: "uu-begin-missing", Ref: uuRef, Guess: true}}
	}
	return d.lineDecoder.Defects()
}

// beginsUU tells whether one of the lines is a begin line.
func beginsUU(b []byte) bool {
	for at := 0; at < len(b); {
		end := lineEnd(b, at)
		if _, _, ok := uuBegin(bytes.TrimRight(b[at:end], "\r\n")); ok {
			return true
		}
		at = end
	}
	return false
}

const uuRef = "POSIX uuencode"

type uuCodec struct {
	begun   bool
	base64  bool
	strict  bool // a line that is not uuencode ends it: it stands in a text
	ended   bool // by a line of no octets
	name    string
	off     int64
	tail    []byte // of base64: characters that are no group yet
	defects []Defect
}

func (c *uuCodec) found() []Defect { return c.defects }

func (c *uuCodec) fileName() string { return c.name }

func (c *uuCodec) finish() {
	if c.begun && !c.ended {
		c.defect("uu-unended", true)
	}
}

func (c *uuCodec) defect(name string, guess bool) {
	for _, d := range c.defects {
		if d.Name == name {
			return
		}
	}
	c.defects = addDefect(c.defects, Defect{Name: name, Ref: uuRef, Offset: c.off, Guess: guess})
}

func (c *uuCodec) line(dst, line []byte) (out []byte, done, unread bool) {
	defer func() { c.off += int64(len(line)) }()
	text := bytes.TrimRight(line, "\r\n")
	switch {
	case !c.begun:
		c.name, c.base64, c.begun = uuBegin(text)
		return dst, false, false
	case c.base64:
		return c.base64Line(dst, text)
	case len(text) == 0:
		return dst, false, false
	case isUUEnd(text):
		return dst, true, false
	case c.ended: // and no end line came
		c.defect("uu-unended", false)
		return dst, true, c.strict
	case !isUULine(text):
		if c.strict {
			c.defect("uu-unended", true)
			return dst, true, true
		}
		c.defect("uu-junk", true)
		return dst, false, false
	}
	size := int(text[0]-' ') & 0x3f
	c.ended = size == 0
	return c.data(dst, text[1:], size), false, false
}

// data decodes the groups of a line that stands for size octets.
func (c *uuCodec) data(dst, text []byte, size int) []byte {
	if len(text) < (size*4+2)/3 {
		c.defect("uu-blanks-cut", false)
	}
	end := len(dst) + size
	for i := 0; len(dst) < end; i += 4 {
		var v uint32
		for j := i; j < i+4; j++ {
			v <<= 6
			if j < len(text) {
				v |= uint32(text[j]-' ') & 0x3f
			}
		}
		dst = append(dst, byte(v>>16), byte(v>>8), byte(v))
	}
	return dst[:end]
}

// base64Line decodes a line of the form that begins with begin-base64 and ends with four equals signs.
func (c *uuCodec) base64Line(dst, text []byte) (out []byte, done, unread bool) {
	if bytes.HasPrefix(text, []byte("====")) {
		return dst, true, false
	}
	text = append(c.tail, text...)
	whole := len(text) / 4 * 4
	at := len(dst)
	dst = append(dst, make([]byte, whole/4*3)...)
	n, err := base64.StdEncoding.Decode(dst[at:], text[:whole])
	c.tail = append(c.tail[:0], text[whole:]...)
	if err != nil {
		c.defect("uu-junk", true)
		return dst[:at+min(n, len(dst)-at)], c.strict, c.strict
	}
	return dst[:at+n], false, false
}

// uuBegin reads a begin line: "begin 644 name".
func uuBegin(text []byte) (name string, isBase64, ok bool) {
	rest, ok := bytes.CutPrefix(text, []byte("begin"))
	if !ok {
		return "", false, false
	}
	rest, isBase64 = bytes.CutPrefix(rest, []byte("-base64"))
	rest, ok = bytes.CutPrefix(rest, []byte(" "))
	if !ok {
		return "", false, false
	}
	mode, file, ok := bytes.Cut(bytes.TrimLeft(rest, " "), []byte(" "))
	if !ok || len(mode) < 3 || len(mode) > 4 || len(bytes.Trim(mode, "01234567")) > 0 {
		return "", false, false
	}
	file = bytes.TrimSpace(file)
	return string(file), isBase64, len(file) > 0
}

func isUUEnd(text []byte) bool { return string(bytes.TrimRight(text, " \t")) == "end" }

// isUULine tells whether a line can be data: all characters are uuencode's, and there are as many as its first says,
// a checksum more, or fewer by blanks that were cut.
func isUULine(text []byte) bool {
	for _, ch := range text {
		if ch < ' ' || ch > '`' {
			return false
		}
	}
	size := int(text[0]-' ') & 0x3f
	n, want := len(text)-1, (size+2)/3*4
	return n <= want+2 && (size == 0 || n >= want-want/2)
}
