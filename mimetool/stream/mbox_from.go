package stream

import (
	"bytes"
	"strings"
	"time"
)

// fromDates are the forms in which the date of a From_ line is found; asctime's is RFC 4155's.
var fromDates = [...]string{
	"Mon Jan _2 15:04:05 2006",
	"Mon Jan _2 15:04:05 -0700 2006",
	"Mon Jan _2 15:04:05 2006 -0700",
	"Mon Jan _2 15:04:05 MST 2006",
	"Mon Jan _2 15:04 2006",
	"Mon Jan _2 15:04 MST 2006",
	"Mon, _2 Jan 2006 15:04:05 -0700",
	"Mon, _2 Jan 2006 15:04:05 MST",
}

// isFromLine says whether line begins as a From_ line does.
func isFromLine(line []byte) bool { return bytes.HasPrefix(line, []byte("From ")) }

// parseFromLine takes a From_ line apart. A sender of "-" is none, "MAILER-DAEMON" and "<>" the null sender.
func parseFromLine(line []byte) (sender string, null bool, date time.Time) {
	s := strings.TrimSpace(string(line[len("From "):]))
	sender, rest := cutSender(s)
	date, _ = parseFromDate(rest)
	if date.IsZero() {
		if d, ok := parseFromDate(s); ok { // no sender at all
			return "", false, d
		}
	}
	switch sender {
	case "-":
		return "", false, date
	case "MAILER-DAEMON", "<>":
		return "", true, date
	}
	return strings.Trim(sender, "<>"), false, date
}

// cutSender cuts the address, whose local part may be a quoted string with blanks in it, from what follows.
func cutSender(s string) (sender, rest string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ' ' && !quoted:
			return s[:i], strings.TrimSpace(s[i:])
		}
	}
	if sender, rest, ok := strings.Cut(s, " "); quoted && ok {
		return sender, strings.TrimSpace(rest)
	}
	return s, ""
}

// parseFromDate reads the date. "remote from HOST", which UUCP adds, is cut off.
func parseFromDate(s string) (time.Time, bool) {
	if i := strings.Index(s, " remote from "); i >= 0 {
		s = s[:i]
	}
	if len(s) > 64 {
		return time.Time{}, false
	}
	for _, layout := range fromDates {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// isDatedFromLine says whether line is a From_ line with a date, which is one wherever it stands.
func isDatedFromLine(line []byte) bool {
	if !isFromLine(line) || len(line) > fromLineMax {
		return false
	}
	_, _, date := parseFromLine(line)
	return !date.IsZero()
}
