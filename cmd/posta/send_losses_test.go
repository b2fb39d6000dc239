package main

import (
	"errors"
	"testing"
	"time"

	"posta/sendmail"
)

func TestLosses(t *testing.T) {
	var l losses
	for i, want := range []time.Duration{0, 0, shortestRest, 2 * shortestRest, 4 * shortestRest} {
		if got := l.rest(); got != want {
			t.Errorf("after %d losses: a rest of %v, want %v", i, got, want)
		}
		l.row++
	}
	for l.row = 0; !l.tooMany(); l.row++ {
		if l.rest() > longestRest {
			t.Errorf("after %d losses: a rest of %v", l.row, l.rest())
		}
	}
	for _, tc := range []struct {
		err  error
		ends bool // the row
	}{
		{nil, true},
		{&sendmail.Error{Stage: sendmail.StageRCPT, Code: 550}, true},
		{&sendmail.Error{Stage: sendmail.StageMAIL, Code: 421}, false}, // RFC 5321 §3.8
		{&sendmail.Error{Stage: sendmail.StageMAIL, Err: sendmail.ErrUnsent}, false},
		{errors.New("local"), false},
	} {
		l := losses{row: 5}
		if l.outcome(tc.err); (l.row == 0) != tc.ends {
			t.Errorf("%v: the row is %d", tc.err, l.row)
		}
	}
}
