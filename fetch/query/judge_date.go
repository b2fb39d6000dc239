package query

import (
	"strings"
	"time"
)

// dated is the keys of dates.
func (m *Message) dated(n *Node) Verdict {
	name, sent := strings.CutPrefix(n.Name, "sent")
	at := m.Arrived.In(n.Date.Location())
	if sent {
		at = m.Sent // RFC 9051 §6.4.4: disregarding time and time zone
	}
	switch {
	case m.Header == nil && (sent || m.Arrived.IsZero()):
		return Unknown
	case at.IsZero():
		return No
	}
	// RFC 5032 §3: both take in the very moment.
	switch name {
	case "older":
		return known(true, !at.After(n.Date))
	case "younger":
		return known(true, !at.Before(n.Date))
	}
	days := dayOf(at).Compare(dayOf(n.Date))
	switch name {
	case "since":
		return known(true, days >= 0)
	case "before":
		return known(true, days < 0)
	}
	return known(true, days == 0)
}

// dayOf is a moment without its time and zone.
func dayOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
