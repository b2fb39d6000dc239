package main

import (
	"bytes"
	"io"
	"strings"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
	"posta/mimetool"
	"posta/mimetool/stream"
)

// read takes the messages of a FETCH: their parts are unpacked, straight from the connection, and structures planned.
func (a *attachmentJob) read(fetch *imap.Fetch) error {
	for m, err := range fetch.Messages() {
		if err != nil {
			return err
		}
		if err := a.message(m); err != nil {
			return err
		}
	}
	return nil
}

// message unpacks the parts of one message. One that cannot be unpacked does not keep the others.
func (a *attachmentJob) message(m *imap.Message) error {
	headers := map[string][]byte{}
	some, literals := false, 0
	for {
		l, err := m.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		uid := m.UID
		if literals++; uid == 0 {
			uid = a.numbers[m.Seq]
		}
		a.unpacking.place.UID = uid
		found, err := a.section(l, a.wanted[uid], headers)
		some = some || found
		switch {
		case err == nil:
		case a.client.Broken() || a.c.Context.Err() != nil || !isBadMessage(err):
			return err
		default:
			a.broken++
			a.env.warn("message %d: %v", uid, err)
		}
	}
	if some {
		a.found++
	}
	if literals == 0 && !m.HasFlags && m.ModSeq == 0 { // neither parts nor flags that changed meanwhile
		return a.plan(m)
	}
	return nil
}

// section takes a header, or unpacks a content.
func (a *attachmentJob) section(l *imap.Literal, parts []wantedPart, headers map[string][]byte) (some bool, err error) {
	name := sectionName(l)
	for _, p := range parts {
		switch {
		case name == "" && p.number == "":
			return a.unpack(p, l)
		case p.number != "" && name == p.headerName():
			if l.Size > maxPartHeader {
				return false, &mimetool.LimitError{What: "header", Limit: maxPartHeader}
			}
			header, err := io.ReadAll(l)
			if err != nil || !a.unpacking.opt.unpack.DryRun {
				headers[p.number] = header
				return false, err
			}
			return a.unpack(p, bytes.NewReader(p.endHeader(header)))
		case p.number != "" && name == p.number:
			header := p.endHeader(headers[p.number])
			delete(headers, p.number)
			return a.unpack(p, io.MultiReader(bytes.NewReader(header), l))
		}
	}
	return false, nil
}

// headerName is the section that the part's header comes as.
func (p wantedPart) headerName() string {
	if len(p.section.Part) == 0 {
		return string(p.section.Specifier)
	}
	path := p.number
	if p.section.Specifier == goimap.PartSpecifierHeader { // that of the message which the part is all of
		path = path[:strings.LastIndexByte(path, '.')]
	}
	return path + "." + string(p.section.Specifier)
}

// endHeader makes sure that a header ends. One that did not come, or not before its content, is made of the structure.
func (p wantedPart) endHeader(header []byte) []byte {
	if len(header) == 0 {
		return []byte(p.header)
	}
	return endHeader(header)
}

// endHeader makes sure that a header ends.
func endHeader(header []byte) []byte {
	if bytes.HasSuffix(header, []byte("\r\n\r\n")) || bytes.Equal(header, []byte("\r\n")) {
		return header
	}
	return append(bytes.TrimRight(header, "\r\n"), "\r\n\r\n"...)
}

// unpack unpacks one part.
func (a *attachmentJob) unpack(p wantedPart, r io.Reader) (some bool, err error) {
	a.unpacking.opt.unpack.Number, a.unpacking.about = p.number, p.octets
	m := &stream.Message{Reader: r}
	if a.unpacking.opt.toCommand != "" {
		m.Index = int(a.unpacking.place.UID) // POSTA_MESSAGE
	}
	return a.unpacking.message(a.c.Context, m)
}
