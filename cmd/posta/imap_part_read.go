package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"posta/fetch/imap"
	"posta/mimetool/stream"
)

// read reads what came; a FETCH may bring what the next one asked for (RFC 9051 §5.5).
func (p *imapPartJob) read(fetch *imap.Fetch) error {
	for m, err := range fetch.Messages() {
		if err != nil {
			return err
		}
		for {
			l, err := m.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
			p.seen = true
			if err := p.section(l); err != nil {
				return err
			}
		}
		if m.BodyStructure != nil {
			p.structure, p.seen = m.BodyStructure, true
		}
	}
	return nil
}

// maxPartHeader is how large a part's header may be, and maxPartHeaders how large all of them.
const (
	maxPartHeader  = 8 << 20
	maxPartHeaders = 16 << 20
)

// section keeps a header, or prints a content.
func (p *imapPartJob) section(l *imap.Literal) (err error) {
	number, isHeader := strings.CutSuffix(sectionName(l), ".MIME")
	if number == "HEADER" {
		number, isHeader = wholeText, true
	}
	if !isHeader {
		return p.content(number, l)
	}
	if p.headerLeft -= l.Size; p.headerLeft < 0 {
		return fail(exitDataErr, "the headers of the parts are beyond %d octets", maxPartHeaders)
	}
	p.headers[number], err = io.ReadAll(l)
	return err
}

// sectionName is what stands in the brackets: "2", "2.MIME", "HEADER".
func sectionName(l *imap.Literal) string {
	_, name, _ := strings.Cut(l.Section, "[")
	return strings.TrimSuffix(name, "]")
}

// content prints a part. Those before it that did not come are missing.
func (p *imapPartJob) content(number string, l *imap.Literal) error {
	i := slices.Index(p.job.opt.numbers[p.next:], number)
	if i < 0 {
		return fmt.Errorf("%w: part %s was not asked for, or comes too late", imap.ErrProtocol, number)
	}
	for range i {
		p.lacks(p.job.opt.numbers[p.next])
		p.next++
	}
	p.next++
	about, there := p.find(number)
	switch {
	case !there || l.NIL:
		p.lacks(number)
		return nil
	case p.binary:
		_, err := io.Copy(p.env.out, l)
		return err
	}
	return p.print(number, about, l)
}

// print prints a part as posta mime part does.
func (p *imapPartJob) print(number string, about imapPart, content io.Reader) error {
	header := p.headers[number]
	if len(header) == 0 {
		header = about.header() // servers differ about the header of a message's only part
	}
	p.job.walker.Reset(io.MultiReader(bytes.NewReader(endHeader(header)), content))
	part, err := p.job.walker.Next()
	if err != nil {
		return err
	}
	part.Number = number
	if p.job.opt.json {
		err = p.job.object(&stream.Message{}, part, p.env.out)
	} else {
		err = p.job.print(part, p.env.out)
	}
	if err == nil {
		err = p.job.walker.Err()
	}
	return err
}
