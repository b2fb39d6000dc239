package mimetool

import (
	"bytes"
	"io"
)

// embedded gives the blocks of uuencode, yEnc and BinHex that stand in the text r of the part p.
func (x *extractor) embedded(p *Part, r io.Reader) error {
	s := &x.text
	s.reset(r)
	whole := true // the line before was whole
	for {
		line := s.line()
		if len(line) == 0 {
			return noEOF(s.readError())
		}
		if whole {
			if found, err := x.block(p, s, line); err != nil {
				return err
			} else if found {
				continue
			}
		}
		line = s.line()
		whole = line[len(line)-1] == '\n'
		s.consume(len(line))
	}
}

func noEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// block gives the block that line begins, if it does.
func (x *extractor) block(p *Part, s *scanner, line []byte) (found bool, err error) {
	switch line[0] {
	case 'b':
		if name, _, ok := uuBegin(bytes.TrimRight(line, "\r\n")); ok && uuFollows(s, len(line)) {
			c := &uuCodec{strict: true}
			return true, x.lineFile(p, "uuencode", name, newLineDecoder(s, c))
		}
	case '=':
		if bytes.HasPrefix(line, []byte("=ybegin ")) {
			c := &yEncCodec{}
			c.begin(bytes.TrimRight(line, "\r\n"))
			name := c.name
			*c = yEncCodec{}
			return true, x.lineFile(p, "yenc", name, newLineDecoder(s, c))
		}
	case '(':
		if isBinHexBegin(line) {
			return true, x.binHex(p, s)
		}
	}
	return false, nil
}

// uuFollows tells whether after a begin line of n octets there is a line of uuencode: "begin 700 years ago" begins
// nothing.
func uuFollows(s *scanner, n int) bool {
	next := s.peek(n + 256)[n:]
	i := bytes.IndexByte(next, '\n')
	if i < 0 {
		return false
	}
	text := bytes.TrimRight(next[:i], "\r")
	return len(text) > 0 && (isUULine(text) || isBase64Line(text))
}

func isBase64Line(text []byte) bool { return wholeGroups(text) }

// lineFile gives a block as a file, and leaves the scanner behind it.
func (x *extractor) lineFile(p *Part, within, name string, d *lineDecoder) error {
	name, _ = DecodeWords(name, p.w.Words)
	f := embeddedFile(p, within, name, d, d.Defects)
	if err := x.give(f); err != nil {
		return err
	}
	return d.rest()
}

// embeddedFile is a file that stands in the part p by an encoding of its own.
func embeddedFile(p *Part, within, name string, body io.Reader, defects func() []Defect) *File {
	return &File{
		Body:    body,
		Entry:   Entry{Name: name, Type: "application/octet-stream", Part: p.Number, Within: within},
		defects: defects,
	}
}
