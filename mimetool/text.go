package mimetool

import (
	"bufio"
	"io"
	"strings"

	"golang.org/x/text/transform"
)

// TextOptions says how Text reads.
type TextOptions struct {
	Charset string // stands for every charset that is declared; "" none
	Limits  Limits
}

// Text writes what a reader wants to see of the message in r: its inline text as UTF-8 with LF at line ends, of
// alternatives the best (RFC 2046 §5.1.4: plain text, else HTML made into text, else the last), format=flowed undone
// (RFC 3676), messages in the message after their From, To, Date and Subject. Attachments are left out. Quotations
// begin with ">". Control characters other than TAB and LF do not come through.
//
// It reads and writes in one pass; of alternatives that may be the best, 4 MiB are held at most. The defects are those
// met on the way. An error is r's, dst's, or a LimitError; everything before it has been written.
func Text(dst io.Writer, r io.Reader, opt TextOptions) ([]Defect, error) {
	t := textWriter{dst: dst, opt: opt}
	walker := NewWalker(r, opt.Limits)
	for p, err := range walker.Parts() {
		if err == nil {
			t.enter(p)
			err = t.part(p)
		}
		if err != nil {
			t.close() // what is held goes out; an error of that comes second
			return t.defects, err
		}
	}
	return t.defects, t.close()
}

// part writes a part's text if it is to be read.
func (t *textWriter) part(p *Part) error {
	rank := textRank(p)
	if rank == 0 || !t.wanted(p.Index, rank) {
		return nil
	}
	out := &textSink{t: t, part: p.Index, rank: rank}
	t.defects = append(t.defects, p.Defects...)
	err := writeText(out, p, t.opt)
	if outErr := out.end(); err == nil {
		err = outErr
	}
	for _, d := range p.BodyDefects() {
		t.defects = addDefect(t.defects, d)
	}
	return err
}

// The ranks of text among alternatives. The last of the best wins.
const (
	rankOther = 1 + iota
	rankHTML
	rankPlain
)

// textRank is 0 for what is not to be read.
func textRank(p *Part) int {
	if !strings.HasPrefix(p.Type, "text/") || isAttachment(p) {
		return 0
	}
	switch p.Type {
	case "text/plain":
		return rankPlain
	case "text/html":
		return rankHTML
	}
	return rankOther
}

// isAttachment tells whether the part is marked as one (RFC 2183 §2.2).
func isAttachment(p *Part) bool {
	i := p.Header.Index("Content-Disposition")
	if i < 0 {
		return false
	}
	value, _, _ := ParseParams(string(p.Header[i].Body()), WordOptions{})
	return value == "attachment"
}

// writeText writes the body of a text part.
func writeText(out io.Writer, p *Part, opt TextOptions) error {
	_, params, _ := ParseParams(p.Header.Get("Content-Type"), WordOptions{})
	body := bufio.NewReaderSize(p.Decoded(), detectSample)
	sample, err := body.Peek(detectSample)
	if err != nil && err != io.EOF && len(sample) == 0 {
		return err
	}
	isHTML := p.Type == "text/html"
	cs := textCharset(params.Get("charset"), sample, isHTML, opt)
	if isHTML {
		return HTMLToText(out, transform.NewReader(body, cs.decoder()))
	}
	text := transform.NewReader(body, transform.Chain(cs.decoder(), &textCleaner{}))
	if strings.EqualFold(params.Get("format"), "flowed") {
		return UnfoldFlowed(out, text, strings.EqualFold(params.Get("delsp"), "yes"))
	}
	_, err = io.Copy(out, text)
	return err
}

// textCharset is the charset of a body: the one declared unless its first octets say that it is another.
func textCharset(declared string, sample []byte, isHTML bool, opt TextOptions) charset {
	if cs, ok := lookupCharset(opt.Charset); ok {
		return cs
	}
	cs, ok := lookupCharset(declared)
	if !ok && isHTML {
		cs, ok = lookupCharset(metaCharset(sample))
	}
	switch {
	case !ok:
		return detectCharset(sample)
	case cs.enc != nil:
		return cs
	case validUTF8Start(sample) && !hasEscape(string(sample)):
		return utf8Charset() // us-ascii too: what is declared as that, or by default, is often UTF-8
	case cs.name == "utf-8" && hasMultibyte(sample):
		return cs
	}
	return detectCharset(sample)
}

// metaCharset finds the charset that HTML declares of itself, as browsers look for it: in the first 1024 octets.
func metaCharset(sample []byte) string {
	s := strings.ToLower(string(sample[:min(len(sample), 1024)]))
	for {
		i := strings.Index(s, "<meta")
		if i < 0 {
			return ""
		}
		s = s[i+5:]
		tag := s
		if end := strings.IndexByte(s, '>'); end >= 0 {
			tag = s[:end]
		}
		if _, name, ok := strings.Cut(tag, "charset="); ok {
			name = strings.TrimLeft(name, `"' `)
			if end := strings.IndexAny(name, "\"' />;"); end >= 0 {
				name = name[:end]
			}
			return name
		}
	}
}
