package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"posta/mimetool/stream"
	"posta/sendmail"
)

// read is the first stage: it reads the letters of the stream and plans each. It ends with the stream, or when
// reading shall stop.
func (t *streaming) read(format stream.Format, nul bool) {
	defer close(t.planned)
	in := newInterruptible(t.reading, t.env.stdin)
	for m, err := range stream.Read(in, format, stream.Options{NUL: nul}) {
		var entry *stream.EntryError
		switch {
		case errors.As(err, &entry):
			t.last = entry.Index
			t.done <- unreadable(entry.Index, entry.Name, entry.Err)
			continue
		case err != nil && t.reading.Err() != nil:
			return
		case err != nil:
			t.cut = readError(t.last, err)
			return
		}
		t.last = m.Index
		if !t.plan(m, format) {
			return
		}
	}
}

// readError is an error of the stream itself. Letters before it are sent; the one that it cut is not.
func readError(n int, err error) error {
	status := exitIOErr
	if errors.Is(err, stream.ErrNotMbox) {
		status = exitDataErr
	}
	return fail(status, "read the stream after letter %d: %w", n, err)
}

// unreadable is a letter that is no letter, or a file that cannot be read.
func unreadable(letter int, name string, err error) *consignment {
	var status *statusError
	var file *fs.PathError
	if !errors.As(err, &status) && !errors.As(err, &file) && !isSMTP(err) {
		err = fail(exitDataErr, "%w", err)
	}
	d := &delivery{Letter: letter, Name: name, Accepted: []string{}, Refused: []*sendmail.RecipientError{}}
	return &consignment{delivery: d.conclude(err)}
}

// plan reads one letter and hands it to the next stage, or settles it. It is false when reading shall stop.
func (t *streaming) plan(m *stream.Message, format stream.Format) bool {
	c, err := t.prepare(m, format)
	if err != nil {
		if t.reading.Err() != nil {
			return false
		}
		var broken *brokenStream
		if errors.As(err, &broken) {
			t.last = m.Index - 1
			t.cut = readError(t.last, broken.error)
			return false
		}
		t.done <- unreadable(m.Index, m.Name, err)
		return true
	}
	send, err := t.resume(c)
	if err != nil {
		t.halt(err)
		t.unsent(c, err)
		return false
	}
	if !send {
		t.done <- c
		return true
	}
	if t.pace.wait(t.reading) == nil {
		select {
		case t.planned <- c:
			return true
		case <-t.reading.Done():
		}
	}
	t.unsent(c, sendmail.ErrUnsent)
	return false
}

// brokenStream is a read error within a letter. A stream of files goes on with the next; others end.
type brokenStream struct{ error }

func (b *brokenStream) Unwrap() error { return b.error }

// prepare reads a letter and makes its envelope.
func (t *streaming) prepare(m *stream.Message, format stream.Format) (*consignment, error) {
	r, closeFile, err := t.openMessage(m, format)
	if err != nil {
		return nil, err
	}
	l, err := readLetter(r, sendmail.LetterOptions{MemoryLimit: letterMemory})
	if err != nil {
		closeFile()
		var status *statusError
		var letter *sendmail.LetterError
		if format != stream.Paths && !errors.As(err, &status) && !errors.As(err, &letter) {
			err = &brokenStream{err}
		}
		return nil, err
	}
	c := &consignment{weight: letterWeight + min(l.Size(), letterMemory), close: func() error {
		return firstError(l.Close(), closeFile())
	}}
	own := t.ownEnvelope(m, format)
	if t.committer != nil {
		c.print = fingerprintOf(l, own)
	}
	if c.outgoing, err = t.address(l, own); err != nil {
		c.close()
		return nil, err
	}
	c.delivery = newDelivery(c.outgoing)
	c.delivery.Letter, c.delivery.Name = m.Index, m.Name
	if err := t.memory.Acquire(t.reading, c.weight); err != nil {
		c.close()
		return nil, err
	}
	t.warnOfLines(c.delivery, l)
	return c, nil
}

// openMessage gives the octets of m. A file that stays where it is while the letter is under way is our own.
func (t *streaming) openMessage(m *stream.Message, format stream.Format) (io.Reader, func() error, error) {
	if format != stream.Paths {
		return m, func() error { return nil }, nil
	}
	f, err := os.Open(m.Name)
	if err != nil {
		return nil, nil, err
	}
	if fi, err := f.Stat(); err != nil || fi.IsDir() {
		f.Close()
		return nil, nil, fail(exitNoInput, "%s is no file", m.Name)
	}
	return f, f.Close, nil
}

// ownEnvelope is what the stream says of a letter's envelope. The From_ line of an mbox is of its delivery, not of ours.
func (t *streaming) ownEnvelope(m *stream.Message, format stream.Format) (own envelopeHint) {
	if format != stream.JSONL && format != stream.Tar {
		return own
	}
	own.from, own.nullFrom = m.From, m.NullFrom
	if len(m.To) > 0 {
		own.to = sendmail.To(m.To...)
	}
	return own
}

// which names a letter of a stream at the beginning of a message.
func (d *delivery) which() string {
	switch {
	case d.Letter == 0:
		return ""
	case d.Name != "":
		return fmt.Sprintf("letter %d (%s): ", d.Letter, d.Name)
	}
	return fmt.Sprintf("letter %d: ", d.Letter)
}
