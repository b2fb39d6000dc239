package mimetool

import (
	"errors"
	"fmt"
	"time"
)

// ErrDate is the error of a date that cannot be read.
var ErrDate = errors.New("not a date")

// ParseDate reads the value of a Date, Resent-Date or Received's date (RFC 5322 §3.3 and §4.3): comments, folds, years of
// two digits, zones by name. Also taken are the forms of asctime and ISO 8601, month and day in full, and what programs
// leave out: the day of the week (not compared with the date), seconds, the zone. A zone that is missing or says
// nothing ("-0000", one letter) counts as UTC. The error wraps ErrDate.
func ParseDate(raw string) (time.Time, error) {
	d := dateParser{month: -1, day: -1, year: -1, hour: -1}
	if !d.read(raw) {
		return time.Time{}, fmt.Errorf("%w: %q", ErrDate, shorten(trimBlankString(raw), 80))
	}
	return time.Date(d.year, time.Month(d.month), d.day, d.hour, d.minute, d.second, 0, d.location()), nil
}

// A dateParser gathers the pieces of a date in whatever order they come: each can be told by its form.
type dateParser struct {
	year, month, day     int // -1: not met yet
	hour, minute, second int
	zone                 int // seconds east of UTC
	zoned                bool
	pm, am               bool
}

func (d *dateParser) location() *time.Location {
	if d.zone == 0 {
		return time.UTC
	}
	return time.FixedZone("", d.zone)
}

// maxDate bounds what is looked at: no date is longer, its comments included.
const maxDate = 1000

func (d *dateParser) read(s string) bool {
	if len(s) > maxDate {
		s = s[:maxDate]
	}
	for i := 0; i < len(s); {
		var n int
		switch c := s[i]; {
		case isDigit(c):
			n = d.digits(s[i:])
		case isLetter(c):
			n = d.word(s[i:])
		case c == '(':
			if n = commentEnd(s, i) - i; n <= 0 {
				return d.valid() // a comment that does not end is the last thing
			}
		case (c == '+' || c == '-') && d.hour >= 0 && i+1 < len(s) && isDigit(s[i+1]):
			n = 1 + d.offset(s[i+1:], c == '-')
		default: // blanks, commas, hyphens between
			n = 1
		}
		if n <= 0 {
			return false
		}
		i += n
	}
	return d.valid()
}

// valid tells whether the pieces make a date that exists (RFC 5322 §3.3: leap seconds do).
func (d *dateParser) valid() bool {
	if d.year < 0 || d.month < 1 || d.month > 12 || d.day < 1 {
		return false
	}
	if d.hour < 0 {
		d.hour = 0
	}
	if d.pm && d.hour < 12 {
		d.hour += 12
	} else if d.am && d.hour == 12 {
		d.hour = 0
	}
	last := time.Date(d.year, time.Month(d.month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return d.day <= last && d.hour <= 24 && d.minute <= 59 && d.second <= 60 && d.zone > -100*3600 && d.zone < 100*3600
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
