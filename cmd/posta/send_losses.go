package main

import (
	"errors"
	"time"

	"posta/sendmail"
)

const (
	maxLosses    = 30
	shortestRest = 50 * time.Millisecond
	longestRest  = 10 * time.Second
)

// losses counts connections that a server lost one after the other without an answer to any letter. It may need a
// rest, or never come to itself: then a long stream is not tried letter by letter.
type losses struct{ row int }

// outcome takes the outcome of a letter in: an answer, be it a refusal, ends the row.
func (l *losses) outcome(err error) {
	var e *sendmail.Error
	if err == nil || errors.As(err, &e) && e.Code != 0 && e.Code != 421 {
		l.row = 0
	}
}

// rest is how long to wait before the next connection. One that is lost by chance is made anew at once.
func (l *losses) rest() time.Duration {
	if l.row < 2 {
		return 0
	}
	return min(shortestRest<<(l.row-2), longestRest)
}

func (l *losses) tooMany() bool { return l.row >= maxLosses }
