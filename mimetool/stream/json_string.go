package stream

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"io"
	"os"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// text writes the string that follows to w, without its escapes, up to its quotation mark.
func (j *jsonReader) text(w io.Writer) error {
	for {
		if _, err := j.in.Peek(1); err != nil {
			return cutShort(err)
		}
		b, err := j.in.Peek(j.in.Buffered())
		if err != nil {
			return err
		}
		n := plainLength(b)
		if n > 0 {
			if _, err := w.Write(b[:n]); err != nil {
				return err
			}
			j.in.Discard(n)
			continue
		}
		switch b[0] {
		case '"':
			j.in.Discard(1)
			return nil
		case '\\':
			if err := j.escape(w); err != nil {
				return err
			}
		default:
			return errJSON // RFC 8259 §7: control characters are escaped
		}
	}
}

// plainLength is how much of b stands for itself in a JSON string.
func plainLength(b []byte) int {
	for i, c := range b {
		if c == '"' || c == '\\' || c < ' ' {
			return i
		}
	}
	return len(b)
}

// escape reads a backslash and what belongs to it.
func (j *jsonReader) escape(w io.Writer) error {
	b, err := j.in.Peek(2)
	if err != nil {
		return cutShort(err)
	}
	c := b[1]
	if c == 'u' {
		return j.unicode(w)
	}
	i := bytes.IndexByte([]byte(`"\/bfnrt`), c)
	if i < 0 {
		return errJSON
	}
	j.in.Discard(2)
	_, err = w.Write([]byte("\"\\/\b\f\n\r\t")[i : i+1])
	return err
}

// unicode reads \uXXXX, or two of them that are a surrogate pair.
func (j *jsonReader) unicode(w io.Writer) error {
	r, err := j.hex(0)
	if err != nil {
		return err
	}
	if utf16.IsSurrogate(r) {
		if low, err := j.hex(6); err == nil && utf16.DecodeRune(r, low) != utf8.RuneError {
			r = utf16.DecodeRune(r, low)
			j.in.Discard(6)
		} else {
			r = utf8.RuneError
		}
	}
	j.in.Discard(6)
	_, err = w.Write(utf8.AppendRune(nil, r))
	return err
}

// hex is the code unit of the escape that begins at the octet at.
func (j *jsonReader) hex(at int) (rune, error) {
	b, err := j.in.Peek(at + 6)
	if err == io.EOF || err == nil && (b[at] != '\\' || b[at+1] != 'u') {
		return 0, errJSON
	}
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(string(b[at+2:at+6]), 16, 16)
	if err != nil {
		return 0, errJSON
	}
	return rune(n), nil
}

// limitedBuffer keeps what is written to it, at most max octets.
type limitedBuffer struct {
	b   []byte
	max int
}

func (l *limitedBuffer) Write(p []byte) (int, error) {
	if len(l.b)+len(p) > l.max {
		return 0, errLong
	}
	l.b = append(l.b, p...)
	return len(p), nil
}

// base64Sink decodes what is written to it. White space is passed over, all else that is not base64 is an error.
type base64Sink struct {
	w     io.Writer
	chars []byte
	out   []byte
	ended bool
}

func (d *base64Sink) Write(p []byte) (int, error) {
	for _, c := range p {
		if c != '\n' && c != '\r' && c != ' ' && c != '\t' {
			d.chars = append(d.chars, c)
		}
	}
	return len(p), d.decode(len(d.chars) / 4 * 4)
}

func (d *base64Sink) decode(n int) error {
	if n == 0 {
		return nil
	}
	if d.ended {
		return errBase64
	}
	d.ended = d.chars[n-1] == '='
	d.out = append(d.out[:0], make([]byte, base64.StdEncoding.DecodedLen(n))...)
	k, err := base64.StdEncoding.Decode(d.out, d.chars[:n])
	if err != nil {
		return errBase64
	}
	d.chars = append(d.chars[:0], d.chars[n:]...)
	_, err = d.w.Write(d.out[:k])
	return err
}

// Close decodes an end that lacks its padding.
func (d *base64Sink) Close() error {
	if len(d.chars) == 0 {
		return nil
	}
	if len(d.chars) == 1 || d.ended {
		return errBase64
	}
	for len(d.chars) < 4 {
		d.chars = append(d.chars, '=')
	}
	return d.decode(4)
}

// spoolMemory is how much of a large string is kept in memory; more goes to a temporary file.
const spoolMemory = 1 << 20

// spoolBuffer keeps octets, in a file when they are many.
type spoolBuffer struct {
	dir  string
	mem  []byte
	f    *os.File
	w    *bufio.Writer
	size int64
}

func (b *spoolBuffer) Write(p []byte) (int, error) {
	if b.f == nil && len(b.mem)+len(p) > spoolMemory {
		f, err := os.CreateTemp(b.dir, "posta-stream-")
		if err != nil {
			return 0, err
		}
		b.f, b.w = f, bufio.NewWriterSize(f, 64<<10)
		if _, err := b.w.Write(b.mem); err != nil {
			return 0, err
		}
		b.mem = nil
	}
	b.size += int64(len(p))
	if b.f != nil {
		return b.w.Write(p)
	}
	b.mem = append(b.mem, p...)
	return len(p), nil
}

// reader gives what was written, from its beginning. It is an io.ReadSeeker.
func (b *spoolBuffer) reader() (io.ReadSeeker, error) {
	if b.f == nil {
		return bytes.NewReader(b.mem), nil
	}
	if err := b.w.Flush(); err != nil {
		return nil, err
	}
	_, err := b.f.Seek(0, io.SeekStart)
	return b.f, err
}

// Close removes the file.
func (b *spoolBuffer) Close() {
	if b.f != nil {
		b.f.Close()
		os.Remove(b.f.Name())
		b.f = nil
	}
}
