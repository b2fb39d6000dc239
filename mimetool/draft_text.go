package mimetool

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// RFC 5322 §2.1.1: a line has at most 998 characters.
const lineMax = 998

// textInMemory is how much text that cannot be read twice is kept in memory; more goes to a temporary file.
const textInMemory = 512 << 10

// draftText is Text or HTML of a draft: measured, and to be read once more.
type draftText struct {
	typ      string
	charset  string
	encoding string
	r        io.Reader
	temp     *os.File
}

func newDraftText(r io.Reader, typ string, d *Draft) (*draftText, error) {
	t := &draftText{typ: typ, charset: d.Charset, encoding: EncodingName(d.Encoding), r: r}
	if d.Encoding != "" && t.encoding == "" {
		return nil, &DraftError{d.Encoding, errEncodingName}
	}
	if t.charset != "" && t.encoding != "" {
		return t, nil
	}
	m, err := t.measure()
	if err != nil {
		t.close()
		return nil, err
	}
	if t.charset == "" {
		t.charset = m.charset()
	}
	if t.encoding == "" {
		t.encoding = m.encoding()
	}
	return t, nil
}

func (t *draftText) write(o *draftWriter) {
	o.params("Content-Type", t.typ, []EncodeParameter{{"charset", t.charset}})
	o.field("Content-Transfer-Encoding", t.encoding)
	o.text(o.eol)
	o.encoded(t.r, t.encoding, EncodeOptions{Text: true, Name: "text"})
}

func (t *draftText) close() {
	if t.temp != nil {
		t.temp.Close()
		os.Remove(t.temp.Name())
		t.temp = nil
	}
}

// measure reads the text to its end and makes it readable again from where it began.
func (t *draftText) measure() (*textMeasure, error) {
	if m, err := measureSeeker(t.r, t.encoding != ""); m != nil || err != nil {
		return m, err
	}
	m := &textMeasure{charsetOnly: t.encoding != ""}
	var kept bytes.Buffer
	n, err := io.CopyN(io.MultiWriter(&kept, m), t.r, textInMemory)
	if errors.Is(err, io.EOF) && n < textInMemory {
		t.r = &kept
		m.end()
		return m, nil
	}
	if err != nil {
		return nil, err
	}
	return m, t.spool(m, kept.Bytes())
}

// spool keeps the text, whose beginning was read already, in a temporary file.
func (t *draftText) spool(m *textMeasure, begin []byte) error {
	f, err := os.CreateTemp("", "posta-text-")
	if err != nil {
		return err
	}
	t.temp = f
	if _, err = f.Write(begin); err == nil {
		_, err = io.Copy(io.MultiWriter(f, m), t.r)
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	m.end()
	t.r = f
	return err
}

// measureSeeker measures what can be read twice; nil when r cannot.
func measureSeeker(r io.Reader, charsetOnly bool) (*textMeasure, error) {
	s, ok := r.(io.Seeker)
	if !ok {
		return nil, nil
	}
	at, err := s.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, nil // a pipe
	}
	m := &textMeasure{charsetOnly: charsetOnly}
	if _, err := io.CopyBuffer(m, struct{ io.Reader }{r}, make([]byte, 128<<10)); err != nil {
		return nil, err
	}
	m.end()
	_, err = s.Seek(at, io.SeekStart)
	return m, err
}

// textMeasure is what of a text decides on its charset and its encoding. It is an io.Writer: the text is written to it.
type textMeasure struct {
	charsetOnly bool // lines and escaped do not matter

	size    int64
	high    int64 // octets above ASCII; with charsetOnly no more than whether there are any
	escaped int64 // octets that quoted-printable must quote
	longest int   // line
	line    int   // length of the last line so far
	bareCR  bool
	nul     bool
	cr      bool // the last octet was a CR
	utf8    utf8Check
}

func (m *textMeasure) Write(p []byte) (int, error) {
	m.size += int64(len(p))
	high := m.high
	if m.charsetOnly {
		if hasHighOctet(p) {
			m.high++
		}
	} else {
		m.lines(p)
		m.count(p)
		m.nul = m.nul || bytes.IndexByte(p, 0) >= 0
	}
	if high != m.high || !m.utf8.whole() {
		m.utf8.write(p)
	}
	return len(p), nil
}

// count counts octets by their kind.
func (m *textMeasure) count(p []byte) {
	var plain, high int64
	for _, c := range p {
		high += int64(c >> 7)
		if qpPlain[c] {
			plain++
		}
	}
	m.high += high
	m.escaped += int64(len(p)) - plain
}

// lines counts line lengths and finds CRs that end no line.
func (m *textMeasure) lines(p []byte) {
	for rest := p; len(rest) > 0; {
		if m.cr && rest[0] == '\n' {
			m.escaped-- // a CR LF whose CR came with the last piece
		} else if m.cr {
			m.bareCR = true
		}
		m.cr = false
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			m.line += len(rest)
			m.longest = max(m.longest, m.line)
			m.cr = rest[len(rest)-1] == '\r'
			m.bareCR = m.bareCR || bytes.IndexByte(rest[:len(rest)-1], '\r') >= 0
			return
		}
		m.longest, m.line = max(m.longest, m.line+i), 0
		m.escaped -= 1 // the line end itself
		if line := rest[:i]; len(line) > 0 {
			if line[i-1] == '\r' {
				m.escaped--
				line = line[:i-1]
			}
			m.bareCR = m.bareCR || bytes.IndexByte(line, '\r') >= 0
		}
		rest = rest[i+1:]
	}
}

// end says that the text is whole.
func (m *textMeasure) end() {
	m.bareCR = m.bareCR || m.cr
}

// charset is the least that the text is in. RFC 1428 §2: text of an unknown one is labelled so.
func (m *textMeasure) charset() string {
	switch {
	case m.high == 0:
		return "us-ascii"
	case !m.utf8.whole():
		return "unknown-8bit"
	}
	return "utf-8"
}

// encoding is 7bit where the text can go as it is, else the shorter one of quoted-printable and base64.
func (m *textMeasure) encoding() string {
	switch {
	case m.high == 0 && m.longest <= lineMax && !m.bareCR && !m.nul: // RFC 2045 §2.7
		return Encoding7bit
	case m.escaped*6 > m.size: // two octets more for each, against a third more for all
		return EncodingBase64
	}
	return EncodingQP
}
