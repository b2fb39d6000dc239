package mimetool

import (
	"bytes"
	"hash/crc32"
	"io"
	"strconv"
)

// NewYEncDecoder reads yEnc (draft 1.3) from its =ybegin line to its =yend line, and checks size and CRC. What stands
// before and after is passed over. Of a file in several posts it gives the part that is there.
func NewYEncDecoder(r io.Reader) Decoder { return newLineDecoder(newScanner(r), &yEncCodec{}) }

const yEncRef = "yEnc 1.3"

type yEncCodec struct {
	begun   bool
	escaped bool // a line's piece ended in the escape sign
	middle  bool // of a line that came in pieces
	part    bool // it is one of several
	name    string
	size    int64 // as the begin line, of a part the part line, says
	sum     int64
	crc     uint32
	off     int64
	defects []Defect
}

func (c *yEncCodec) found() []Defect { return c.defects }

func (c *yEncCodec) fileName() string { return c.name }

func (c *yEncCodec) finish() {
	if c.begun {
		c.defect("yenc-unended")
	} else {
		c.defect("yenc-begin-missing")
	}
}

func (c *yEncCodec) defect(name string) {
	c.defects = addDefect(c.defects, Defect{Name: name, Ref: yEncRef, Offset: c.off, Guess: true})
}

func (c *yEncCodec) line(dst, line []byte) (out []byte, done, unread bool) {
	defer func() { c.off += int64(len(line)) }()
	if !c.middle && bytes.HasPrefix(line, []byte("=y")) {
		return dst, c.keyword(bytes.TrimRight(line, "\r\n")), false
	}
	c.middle = line[len(line)-1] != '\n'
	if !c.begun {
		return dst, false, false
	}
	at := len(dst)
	for _, ch := range bytes.TrimRight(line, "\r\n") {
		switch {
		case c.escaped:
			dst = append(dst, ch-64-42)
			c.escaped = false
		case ch == '=':
			c.escaped = true
		default:
			dst = append(dst, ch-42)
		}
	}
	c.sum += int64(len(dst) - at)
	c.crc = crc32.Update(c.crc, crc32.IEEETable, dst[at:])
	return dst, false, false
}

// keyword reads a line of the encoding's own.
func (c *yEncCodec) keyword(line []byte) (done bool) {
	switch {
	case bytes.HasPrefix(line, []byte("=ybegin ")):
		if !c.begun {
			c.begin(line)
		}
	case bytes.HasPrefix(line, []byte("=ypart ")):
		begin, _ := strconv.ParseInt(yEncValue(line, "begin"), 10, 64)
		end, err := strconv.ParseInt(yEncValue(line, "end"), 10, 64)
		if err == nil && begin > 0 && end >= begin {
			c.part, c.size = true, end-begin+1
		}
	case bytes.HasPrefix(line, []byte("=yend")):
		if c.begun {
			c.end(line)
			return true
		}
	}
	return false
}

func (c *yEncCodec) begin(line []byte) {
	c.begun = true
	c.size, _ = strconv.ParseInt(yEncValue(line, "size"), 10, 64)
	if i := bytes.Index(line, []byte(" name=")); i >= 0 { // the name goes to the line's end
		c.name = string(bytes.TrimSpace(line[i+len(" name="):]))
	}
}

// end checks what came against what the end line says.
func (c *yEncCodec) end(line []byte) {
	if c.size != c.sum || yEncValue(line, "size") != strconv.FormatInt(c.sum, 10) {
		c.defect("yenc-size")
	}
	key := "crc32"
	if c.part {
		key = "pcrc32"
	}
	if s := yEncValue(line, key); s != "" {
		crc, err := strconv.ParseUint(s, 16, 32)
		if err != nil || uint32(crc) != c.crc {
			c.defect("yenc-crc")
		}
	}
}

// yEncValue is the value after " key=".
func yEncValue(line []byte, key string) string {
	i := bytes.Index(line, []byte(" "+key+"="))
	if i < 0 {
		return ""
	}
	value, _, _ := bytes.Cut(line[i+len(key)+2:], []byte(" "))
	return string(value)
}
