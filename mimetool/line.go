package mimetool

import "io"

// A lineCodec decodes line by line an encoding that marks its begin and its end itself.
type lineCodec interface {
	// line decodes one line, or a piece of a very long one, appending to dst. done: the encoding is at its end;
	// unread: and the line is not its.
	line(dst, line []byte) (out []byte, done, unread bool)
	// finish is told that the stream ended before the encoding did.
	finish()
	found() []Defect
	// fileName is the name that stands in the begin line, raw.
	fileName() string
}

// A lineDecoder makes a Decoder of a lineCodec. After its end the scanner stands behind the encoding.
type lineDecoder struct {
	lineCodec
	s     *scanner
	start int64 // of the encoded body in the scanner's stream
	out   []byte
	ready []byte
	done  bool
	err   error
}

// lineBlock is how much is decoded at once.
const lineBlock = 32 << 10

func newLineDecoder(s *scanner, c lineCodec) *lineDecoder {
	return &lineDecoder{lineCodec: c, s: s, start: s.off}
}

// newScanner reads r from its start.
func newScanner(r io.Reader) *scanner {
	s := &scanner{}
	s.reset(r)
	return s
}

// Name is the name that the encoding gives to its file, known when its begin line is read.
func (d *lineDecoder) Name() string {
	name, _ := DecodeWords(d.fileName(), WordOptions{})
	return name
}

// Defects implements Decoder.
func (d *lineDecoder) Defects() []Defect { return d.found() }

func (d *lineDecoder) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if err := d.more(); err != nil {
		return 0, err
	}
	n := copy(p, d.ready)
	d.ready = d.ready[n:]
	return n, nil
}

// more sees to it that something is ready.
func (d *lineDecoder) more() error {
	if len(d.ready) > 0 {
		return nil
	}
	out := d.out[:0]
	for !d.done && len(out) < lineBlock {
		line := d.s.line()
		if len(line) == 0 {
			if d.err = d.s.readError(); d.err == io.EOF {
				d.finish()
			}
			d.done = true
			break
		}
		var unread bool
		out, d.done, unread = d.line(out, line)
		if !unread {
			d.s.consume(len(line))
		}
	}
	d.out, d.ready = out, out
	switch {
	case d.err != nil && d.err != io.EOF:
		d.ready = nil // what a broken reader cut short is not decoded as if it were whole
		return d.err
	case len(out) > 0:
		return nil
	}
	return io.EOF
}

// rest passes over what nobody read.
func (d *lineDecoder) rest() error {
	for {
		if err := d.more(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		d.ready = nil
	}
}
