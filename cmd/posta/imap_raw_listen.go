package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
)

// rawEvent is what the server says to a command: that it shall go on, or how it ended.
type rawEvent struct {
	more   bool // "+"
	tag    string
	status imap.Status
}

// listen prints what the server says until the connection ends.
func (d *rawDialogue) listen() {
	r := bufio.NewReaderSize(d.conn, inputBuffer)
	for d.err == nil {
		d.err = d.response(r)
	}
	if errors.Is(d.err, io.EOF) {
		d.err = nil
	}
	close(d.ended)
	d.cancel(errRawEnd)
	close(d.events)
}

// maxRawHead is how much of a response is looked at.
const maxRawHead = 4 << 10

// response prints one response, literals and all, and tells of it if the one who sends waits for it.
func (d *rawDialogue) response(r *bufio.Reader) error {
	var head, tail []byte
	for {
		piece, err := r.ReadSlice('\n')
		d.heard.Add(int64(len(piece)))
		if room := maxRawHead - len(head); room > 0 {
			head = append(head, piece[:min(room, len(piece))]...)
		}
		tail = append(tail, piece...)
		tail = tail[max(0, len(tail)-64):]
		if printErr := d.print(piece); printErr != nil {
			return printErr
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			return err
		}
		size, _, literal := announcedLiteral(bytes.TrimRight(tail, "\r\n"))
		if !literal {
			break
		}
		if err := d.literal(r, size); err != nil {
			return err
		}
		tail = tail[:0]
	}
	if r.Buffered() == 0 {
		if err := d.env.out.Flush(); err != nil {
			return err
		}
	}
	if ev, ok := readRawEvent(string(head)); ok {
		d.events <- ev
	}
	return nil
}

// print prints a line or a part of one; on a terminal it can do nothing but be read.
func (d *rawDialogue) print(piece []byte) error {
	if d.over.Load() {
		return nil
	}
	out := d.env.out
	text, ended := bytes.CutSuffix(piece, []byte("\n"))
	if ended {
		text = bytes.TrimSuffix(text, []byte("\r"))
	}
	if out.tty {
		text = []byte(escapeControl(string(text)))
	}
	if ended {
		text = append(text[:len(text):len(text)], '\n')
	}
	_, err := out.Write(text)
	return err
}

// literal prints a literal: octet for octet, but on a terminal.
func (d *rawDialogue) literal(r *bufio.Reader, size int64) error {
	if !d.env.out.tty {
		n, err := io.CopyN(d.env.out, &hearing{r, d}, size)
		return cutLiteral(n, size, err)
	}
	before := d.heard.Load()
	lines := bufio.NewReaderSize(io.LimitReader(&hearing{r, d}, size), inputBuffer)
	for {
		piece, err := lines.ReadSlice('\n')
		if err := d.print(piece); err != nil {
			return err
		}
		switch {
		case err == io.EOF:
			return cutLiteral(d.heard.Load()-before, size, nil)
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
	}
}

// cutLiteral is err, or that of a connection that ended after n octets of a literal.
func cutLiteral(n, size int64, err error) error {
	if n < size && (err == nil || err == io.EOF) {
		return fail(exitTempFail, "%w in a literal, after %d octets of %d", errRawEnd, n, size)
	}
	return err
}

// hearing counts what is heard.
type hearing struct {
	r io.Reader
	d *rawDialogue
}

func (h *hearing) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	h.d.heard.Add(int64(n))
	return n, err
}

// readRawEvent understands a response that somebody waits for: "+ text", "tag OK [CODE arg] text".
func readRawEvent(line string) (ev rawEvent, ok bool) {
	line = strings.TrimRight(line, "\r\n")
	tag, rest, _ := strings.Cut(line, " ")
	switch tag {
	case "*", "":
		return ev, false
	case "+":
		return rawEvent{more: true}, true
	}
	word, text, _ := strings.Cut(rest, " ")
	ev = rawEvent{tag: tag, status: imap.Status{Type: goimap.StatusResponseType(strings.ToUpper(word)), Text: text}}
	if code, after, found := strings.Cut(strings.TrimPrefix(text, "["), "]"); found && strings.HasPrefix(text, "[") {
		ev.status.Code, ev.status.Arg, _ = strings.Cut(code, " ")
		ev.status.Code, ev.status.Text = strings.ToUpper(ev.status.Code), strings.TrimPrefix(after, " ")
	}
	return ev, true
}
