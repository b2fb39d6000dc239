package main

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"posta/fetch/imap"
	"posta/mimetool/stream"
)

// send sends a message behind others.
func (a *appending) send(w *appended, l *arrival) error {
	if err := l.rewind(); err != nil {
		return err
	}
	w.answer = a.client.Append(a.folder, l.letter)
	a.flight = append(a.flight, w)
	if a.client.Broken() {
		return a.collect()
	}
	return nil
}

// collect waits for the answer to the oldest.
func (a *appending) collect() error {
	w := a.flight[0]
	a.flight = a.flight[1:]
	data, err := w.answer.Wait()
	switch {
	case err == nil:
		return a.took(w, data)
	case !a.client.Broken():
		return a.fail(w, w.wrap(err))
	}
	return a.lost(w, err)
}

// lost is the end of the connection: of w, and of none that is on its way, is it known whether the server has it.
func (a *appending) lost(w *appended, err error) error {
	for _, w := range append([]*appended{w}, a.flight...) {
		w.Event = "unknown"
		if err := a.fail(w, w.wrap(errors.New("it is not known whether the server has it"))); err != nil {
			return err
		}
	}
	a.flight = nil
	return err
}

func (w *appended) wrap(err error) error {
	return ofMessage(&stream.Message{Index: w.Letter, Name: w.Name}, err)
}

// finish waits for what is on its way.
func (a *appending) finish() error {
	for len(a.flight) > 0 {
		if err := a.collect(); err != nil {
			return a.stop(err)
		}
	}
	return nil
}

// took tells of a message that the server has, by UIDVALIDITY and UID where it says these (UIDPLUS).
func (a *appending) took(w *appended, data imap.Appended) error {
	a.done++
	w.Event, w.UIDValidity = "appended", data.UIDValidity
	if len(data.UIDs) > 0 {
		w.UID = data.UIDs[0].Start
	}
	switch {
	case a.c.Bool("json"):
		return a.env.out.JSON(w)
	case w.UID != 0:
		return a.env.out.Line(strconv.FormatUint(uint64(w.UIDValidity), 10), strconv.FormatUint(uint64(w.UID), 10))
	case !a.noUIDs:
		a.noUIDs = true
		a.env.warn("the server does not tell UIDs")
	}
	return nil
}

// fail tells of a message that was not appended. Its error is that of standard output.
func (a *appending) fail(w *appended, err error) error {
	a.failed++
	a.last = err
	a.env.warn("%v", err)
	if !a.c.Bool("json") {
		return nil
	}
	if w.Event == "" {
		w.Event = "failed"
	}
	w.Folder, w.Error = a.folder, err.Error()
	return a.env.out.JSON(w)
}

// would tells what would be appended.
func (a *appending) would(w *appended, l *arrival) error {
	a.done++
	w.Event = "would append"
	for _, f := range l.letter.Flags {
		w.Flags = append(w.Flags, string(f))
	}
	if !l.letter.Time.IsZero() {
		w.Date = l.letter.Time.Format(time.RFC3339)
	}
	if a.c.Bool("json") {
		return a.env.out.JSON(w)
	}
	return a.env.out.Line(w.Event, a.folder, strconv.FormatInt(w.Octets, 10), strings.Join(w.Flags, " "), w.Date, w.Name)
}

// status is that of the command: some done, some not; or why none was.
func (a *appending) status() error {
	switch {
	case a.failed > 0 && a.done > 0:
		return silent(exitPartial)
	case a.failed > 0:
		return silent(statusOf(a.last))
	}
	return nil
}
