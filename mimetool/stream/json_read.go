package stream

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
)

// jsonReader reads lines of JSON token by token: a message may be larger than memory should become.
type jsonReader struct {
	in  *bufio.Reader
	opt Options

	fields []byte // the small fields of the line, as an object that is not yet closed
	bodies map[string]*spoolBuffer
}

func readJSON(r io.Reader, opt Options) iter.Seq2[*Message, error] {
	return func(yield func(*Message, error) bool) {
		j := &jsonReader{in: bufio.NewReaderSize(r, 64<<10), opt: opt}
		defer func() { j.release() }()
		for i := 1; ; i++ {
			err := j.skipLines()
			if err == io.EOF {
				return
			}
			var m *Message
			if err == nil {
				m, err = j.message(i)
			}
			if err != nil && !isEntryError(err) {
				yield(nil, err)
				return
			}
			if !yield(m, err) {
				return
			}
			j.release()
		}
	}
}

func isEntryError(err error) bool {
	var e *EntryError
	return errors.As(err, &e)
}

func (j *jsonReader) release() {
	for _, b := range j.bodies {
		b.Close()
	}
	j.bodies = nil
}

// skipLines goes to the next line that has something on it.
func (j *jsonReader) skipLines() error {
	for {
		c, err := j.in.ReadByte()
		if err != nil {
			return err
		}
		if c != '\n' && c != '\r' && c != ' ' && c != '\t' {
			return j.in.UnreadByte()
		}
	}
}

// message reads the line of message i. After what is wrong with the line it goes to the line's end.
func (j *jsonReader) message(i int) (*Message, error) {
	j.fields, j.bodies = append(j.fields[:0], '{'), map[string]*spoolBuffer{}
	err := j.object()
	switch {
	case err == nil:
		m, err := j.build(i)
		if err != nil {
			return nil, &EntryError{Index: i, Err: err}
		}
		return m, nil
	case ofLine(err):
		if skipErr := j.skipToLineEnd(); skipErr != nil {
			return nil, skipErr
		}
		return nil, &EntryError{Index: i, Err: err}
	}
	return nil, err
}

// ofLine says whether err is one of the line, not of the stream or of the disk.
func ofLine(err error) bool {
	return errors.Is(err, errJSON) || errors.Is(err, errLong) || errors.Is(err, errBase64) || errors.Is(err, errTwoForms)
}

func (j *jsonReader) skipToLineEnd() error {
	for {
		_, err := j.in.ReadSlice('\n')
		if err == nil || err == io.EOF {
			return nil
		}
		if err != bufio.ErrBufferFull {
			return err
		}
	}
}

// object reads {"name": value, …} and the end of the line.
func (j *jsonReader) object() error {
	if err := j.expect('{'); err != nil {
		return err
	}
	for first := true; ; first = false {
		c, err := j.token()
		if err != nil {
			return err
		}
		if c == '}' {
			return j.lineEnd()
		}
		if !first && c != ',' {
			return errJSON
		}
		if !first {
			if c, err = j.token(); err != nil {
				return err
			}
		}
		if c != '"' {
			return errJSON
		}
		if err := j.member(); err != nil {
			return err
		}
	}
}

// lineEnd expects the end of the line, which it leaves unread, or of the stream.
func (j *jsonReader) lineEnd() error {
	for {
		c, err := j.in.ReadByte()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case c == '\n':
			return j.in.UnreadByte()
		case c != ' ' && c != '\t' && c != '\r':
			return errJSON
		}
	}
}

// member reads what follows the quotation mark of a name.
func (j *jsonReader) member() error {
	var name limitedBuffer
	name.max = 1 << 10
	if err := j.text(&name); err != nil {
		return err
	}
	if err := j.expect(':'); err != nil {
		return err
	}
	switch key := string(name.b); key {
	case "raw", "eml", "text", "html":
		return j.body(key)
	default:
		return j.field(key)
	}
}

// body reads a string that may be of any length.
func (j *jsonReader) body(key string) error {
	c, err := j.token()
	switch {
	case err != nil:
		return err
	case c == 'n':
		return j.null()
	case c != '"':
		return errJSON
	case j.bodies[key] != nil:
		return errTwoForms
	}
	b := &spoolBuffer{dir: j.opt.TempDir}
	j.bodies[key] = b
	if key != "raw" {
		return j.text(b)
	}
	d := &base64Sink{w: b}
	if err := j.text(d); err != nil {
		return err
	}
	return d.Close()
}

// null reads what follows the first letter of "null": a body that is not there.
func (j *jsonReader) null() error {
	for _, want := range []byte("ull") {
		if err := j.expect(want); err != nil {
			return err
		}
	}
	return nil
}

// field keeps a field of limited size for json.Unmarshal.
func (j *jsonReader) field(key string) error {
	if len(j.fields) > 1 {
		j.fields = append(j.fields, ',')
	}
	name, err := json.Marshal(key)
	if err != nil {
		return err
	}
	j.fields = append(append(j.fields, name...), ':')
	return j.value()
}

// value copies one JSON value to fields.
func (j *jsonReader) value() error {
	depth, quoted, begun := 0, false, false
	for {
		c, err := j.in.ReadByte()
		if err != nil {
			return cutShort(err)
		}
		if !quoted && depth == 0 && begun && (c == ',' || c == '}') || c == '\n' {
			if c == '\n' {
				j.in.UnreadByte()
				return errJSON
			}
			return j.in.UnreadByte()
		}
		if len(j.fields) > j.opt.lineMax() {
			return errLong
		}
		j.fields = append(j.fields, c)
		switch {
		case quoted && c == '\\':
			e, err := j.in.ReadByte()
			if err != nil {
				return cutShort(err)
			}
			if e == '\n' {
				j.in.UnreadByte()
				return errJSON
			}
			j.fields = append(j.fields, e)
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
		begun = begun || c != ' ' && c != '\t'
	}
}

// token is the next octet that is no blank. The end of the line is none.
func (j *jsonReader) token() (byte, error) {
	for {
		c, err := j.in.ReadByte()
		if err != nil {
			return 0, cutShort(err)
		}
		if c == '\n' {
			j.in.UnreadByte()
			return 0, errJSON
		}
		if c != ' ' && c != '\t' && c != '\r' {
			return c, nil
		}
	}
}

func (j *jsonReader) expect(want byte) error {
	c, err := j.token()
	if err == nil && c != want {
		err = errJSON
	}
	return err
}

// cutShort is the error of a line that ends with the stream.
func cutShort(err error) error {
	if err == io.EOF {
		return fmt.Errorf("%w: %w", errJSON, io.ErrUnexpectedEOF)
	}
	return err
}
