package mimetool

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
)

// SplitOptions says how a message is cut into fragments.
type SplitOptions struct {
	Size   int64  // octets of the message in a fragment, at least; a line is not cut. Default 64 KiB
	ID     string // that the fragments share (RFC 2046 §5.2.2.1); it is to be unique in the world
	Limits Limits // of the message's header
}

// A Fragment is one message/partial. Reader gives it whole, with its header; it is valid until the iteration goes on.
type Fragment struct {
	io.Reader
	Number int  // from 1
	Total  int  // in the last one; 0 in the others
	Eight  bool // there are 8-bit octets in it, which no fragment may have (RFC 2046 §5.2.2)
}

// Split cuts the message in r into fragments (RFC 2046 §5.2.2). The message's own header goes into the first one but for
// what each fragment needs, so that Join makes the same message of them, but for the order of its fields. A fragment is
// kept in memory, or in a file when it is larger than 1 MiB.
func Split(r io.Reader, opt SplitOptions) iter.Seq2[*Fragment, error] {
	if opt.Size <= 0 {
		opt.Size = 64 << 10
	}
	return func(yield func(*Fragment, error) bool) {
		s := newSplitter(r, opt)
		for n := 1; !s.done; n++ {
			more, err := s.fragment(n, yield)
			if err != nil {
				yield(nil, err)
			}
			if err != nil || !more {
				return
			}
		}
	}
}

type splitter struct {
	w     *Walker
	opt   SplitOptions
	outer []byte // fields that all fragments have
	inner []byte // fields of the message that stand in the first
	body  *scanner
	eol   string
	title string
	done  bool
}

func newSplitter(r io.Reader, opt SplitOptions) *splitter {
	return &splitter{w: NewWalker(r, opt.Limits), opt: opt}
}

// begin reads the header.
func (s *splitter) begin() error {
	p, err := s.w.Next()
	if err != nil {
		return err
	}
	s.eol = "\n"
	for _, f := range p.Header {
		if bytes.HasSuffix(f.Raw, []byte("\r\n")) {
			s.eol = "\r\n"
		}
		if staysInside(f.Name) {
			s.inner = append(s.inner, f.Raw...)
		} else {
			s.outer = append(s.outer, f.Raw...)
		}
	}
	s.title = p.Header.Get("Subject")
	s.body = newScanner(p.Raw())
	return nil
}

// staysInside tells whether a field belongs to the message and not to its fragments (RFC 2046 §5.2.2.1).
func staysInside(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "", "subject", "message-id", "encrypted", "mime-version":
		return true
	}
	return strings.HasPrefix(name, "content-")
}

// fragment gives the fragment of that number.
func (s *splitter) fragment(n int, yield func(*Fragment, error) bool) (more bool, err error) {
	piece := &spool{}
	defer func() {
		if e := piece.close(); err == nil {
			err = e
		}
	}()
	if n == 1 {
		if err := s.begin(); err != nil {
			return false, err
		}
		if _, err := piece.Write(append(s.inner, s.eol...)); err != nil {
			return false, err
		}
	}
	f := &Fragment{Number: n}
	if err := s.fill(piece, f); err != nil {
		return false, err
	}
	if s.done {
		f.Total = n
	}
	f.Reader = io.MultiReader(strings.NewReader(s.header(f)), piece.reader())
	return yield(f, nil), nil
}

// fill takes lines until the fragment is large enough or the message ends.
func (s *splitter) fill(piece *spool, f *Fragment) error {
	for middle := false; middle || piece.size < s.opt.Size; {
		line := s.body.line()
		if len(line) == 0 {
			break
		}
		if _, err := piece.Write(line); err != nil {
			return err
		}
		f.Eight = f.Eight || hasHigh(line)
		middle = line[len(line)-1] != '\n'
		s.body.consume(len(line))
	}
	s.done = len(s.body.peek(1)) == 0
	if s.done {
		return noEOF(s.body.readError())
	}
	return nil
}

func hasHigh(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return true
		}
	}
	return false
}

// header is a fragment's own.
func (s *splitter) header(f *Fragment) string {
	kind := fmt.Sprintf("message/partial; id=%s;%s number=%d", quoteParameter(s.opt.ID), s.eol, f.Number)
	place := strconv.Itoa(f.Number)
	if f.Total > 0 {
		kind += "; total=" + strconv.Itoa(f.Total)
		place += "/" + strconv.Itoa(f.Total)
	}
	var b strings.Builder
	b.Write(s.outer)
	local, host, _ := strings.Cut(s.opt.ID, "@")
	for _, field := range [...]string{
		"Message-ID: <" + local + "." + strconv.Itoa(f.Number) + "@" + host + ">",
		strings.TrimSpace("Subject: " + s.title + " (" + place + ")"), "MIME-Version: 1.0", "Content-Type: " + kind, "",
	} {
		b.WriteString(field + s.eol)
	}
	return b.String()
}

// quoteParameter is a value as a quoted string.
func quoteParameter(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", "", "\n", "").Replace(s) + `"`
}
