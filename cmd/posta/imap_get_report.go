package main

import (
	"errors"
	"strconv"

	"posta/fetch"
	"posta/fetch/store"
)

// imapEvent is what --json prints about a message with which something was done.
type imapEvent struct {
	Folder string   `json:"folder"`
	UID    uint32   `json:"uid,omitempty"`
	Octets int64    `json:"octets,omitempty"`
	Event  string   `json:"event"` // stored, failed, left, would get, flags, deleted, would change flags, would delete
	Path   string   `json:"path,omitempty"`
	Flags  []string `json:"flags,omitzero"` // with flags: of the file
	Error  string   `json:"error,omitempty"`
}

// report prints what became of a message, where that was asked for.
func (g *imapGet) report(a *fetch.Arrival) error {
	event := &imapEvent{Folder: a.Folder, UID: uint32(a.UID), Octets: a.Size, Event: "stored", Path: a.Path}
	switch {
	case a.Folder == "":
		g.env.warn("%v; going on in %v", a.Err, a.Pause)
		return nil
	case errors.Is(a.Err, fetch.ErrGone):
		g.failed.note(a.Err)
		g.env.warn("%s has no message %d", a.Folder, a.UID)
		event.Event, event.Error = "failed", a.Err.Error()
	case errors.Is(a.Err, fetch.ErrNoContent) && g.opt.part != "":
		g.failed.note(silent(exitNegative))
		g.env.warn("%s has no part %s", a.Name(), g.opt.part)
		event.Event, event.Error = "failed", a.Err.Error()
	case a.Err != nil:
		g.failed.add(g.env, a.Name(), a.Err)
		event.Event, event.Error = "failed", a.Err.Error()
	case a.Left:
		g.env.warn("%s is left on the server: it has more than --max-size octets", a.Name())
		event.Event = "left"
	case a.Change != "":
		return g.reportChange(a, event)
	case g.opt.dryRun:
		g.done++
		if !g.opt.json {
			return g.env.out.Line("would get", a.Folder, strconv.FormatUint(uint64(a.UID), 10))
		}
		event.Event = "would get"
	default:
		g.done++
		if !g.opt.json {
			return g.opt.printPath(g.env, a.Path)
		}
	}
	if g.opt.json {
		return g.env.out.JSON(event)
	}
	return nil
}

// reportChange prints what became of the file of a message that had come before.
func (g *imapGet) reportChange(a *fetch.Arrival, event *imapEvent) error {
	g.done++
	event.Event = string(a.Change)
	if a.Change == fetch.FlagsChanged {
		event.Flags = maildirWords(a.Flags)
	}
	if g.opt.dryRun {
		event.Event = map[fetch.Change]string{fetch.FlagsChanged: "would change flags", fetch.FileRemoved: "would delete"}[a.Change]
	}
	switch {
	case g.opt.json:
		return g.env.out.JSON(event)
	case g.opt.dryRun:
		return g.env.out.Line(event.Event, a.Folder, strconv.FormatUint(uint64(a.UID), 10), a.Path)
	}
	return nil
}

// maildirWords are the flags of a file as posta imap flag has them.
func maildirWords(flags store.Flags) []string {
	words := []string{}
	for i, word := range [...]string{"draft", "flagged", "$forwarded", "answered", "seen", "deleted"} {
		if flags&(1<<i) != 0 {
			words = append(words, word)
		}
	}
	return words
}
