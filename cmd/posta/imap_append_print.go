package main

import (
	"strconv"
	"strings"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
)

// appended is a message that is on its way, or what came of it; --json prints it.
type appended struct {
	Event       string     `json:"event"` // appended, failed, unknown, would append
	Letter      int        `json:"letter"`
	Name        string     `json:"name,omitempty"`
	Folder      string     `json:"folder"`
	Octets      int64      `json:"octets,omitempty"`
	UIDValidity uint32     `json:"uidvalidity,omitempty"`
	UID         goimap.UID `json:"uid,omitempty"`
	Flags       []string   `json:"flags,omitempty"`
	Date        string     `json:"date,omitempty"`
	Error       string     `json:"error,omitempty"`
}

// took tells of messages that the server has, by UIDVALIDITY and UID where it says these (RFC 4315 §3: in their order).
func (a *appending) took(g *appendGroup, data imap.Appended) error {
	a.begun = true
	a.losses.progress()
	var uids []goimap.UID
	for _, r := range data.UIDs {
		for uid := r.Start; uid <= r.Stop && len(uids) <= len(g.messages); uid++ {
			uids = append(uids, uid)
		}
	}
	if len(uids) != len(g.messages) {
		uids = make([]goimap.UID, len(g.messages))
	}
	if err := a.place.after(g, data.UIDValidity, uids); err != nil {
		return err
	}
	for i, w := range g.messages {
		if err := a.has(w, data.UIDValidity, uids[i]); err != nil {
			return err
		}
	}
	return a.env.out.Flush()
}

// has tells of a message that the server has.
func (a *appending) has(w *appended, validity uint32, uid goimap.UID) error {
	a.done++
	a.shown.step()
	w.Event, w.Folder, w.UIDValidity, w.UID = "appended", a.folder, validity, uid
	return a.print(w)
}

func (a *appending) print(w *appended) error {
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
	a.shown.clear()
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
	w.Event, w.Folder = "would append", a.folder
	w.Flags = flagWords(l.letter.Flags)
	if !l.letter.Time.IsZero() {
		w.Date = l.letter.Time.Format(time.RFC3339)
	}
	if a.c.Bool("json") {
		return a.env.out.JSON(w)
	}
	return a.env.out.Line(w.Event, a.folder, strconv.FormatInt(w.Octets, 10), strings.Join(w.Flags, ","), w.Date, w.Name)
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
