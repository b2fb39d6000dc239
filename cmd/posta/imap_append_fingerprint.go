package main

import (
	"bytes"
	"crypto/sha256"
	"io"
	"strconv"

	"posta/fetch/imap"
	"posta/mimetool"
)

// letterPrint is what a message is known again by: its header as it stands and its size.
type letterPrint struct {
	sum [sha256.Size]byte
	id  string // its Message-ID, which it has even where a server changes messages; "": it has none
}

// maxPrinted is how much of a header counts.
const maxPrinted = 64 << 10

func newLetterPrint(text []byte, size int64) (p letterPrint) {
	header, _, _ := bytes.Cut(text, []byte("\r\n\r\n"))
	if bytes.HasPrefix(text, []byte("\r\n")) { // it has no fields
		header = nil
	}
	header = bytes.TrimRight(header, "\r\n")
	p.sum = sha256.Sum256(append(strconv.AppendInt(nil, size, 10), header...))
	if ids := mimetool.MessageIDs(mimetool.ParseHeader(header).Get("Message-ID")); len(ids) > 0 {
		p.id = ids[0]
	}
	return p
}

// print reads the print of a letter that was sent.
func (g *appendGroup) print(i int) (p letterPrint, err error) {
	body := g.letters[i].Body.(rewinder)
	if err := body.rewind(); err != nil {
		return p, err
	}
	text := make([]byte, min(maxPrinted, g.letters[i].Size))
	if _, err := io.ReadFull(body, text); err != nil {
		return p, err
	}
	return newLetterPrint(text, g.letters[i].Size), nil
}

// readPrint reads that of a message; nil: it is told of unasked.
func readPrint(m *imap.Message) (*letterPrint, error) {
	var header []byte
	for {
		section, err := m.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			header = make([]byte, min(section.Size, maxPrinted))
			_, err = io.ReadFull(section, header)
		}
		if err != nil {
			return nil, err
		}
	}
	if header == nil {
		return nil, nil
	}
	print := newLetterPrint(header, m.Size)
	return &print, nil
}
