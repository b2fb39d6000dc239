package main

import (
	"context"
	"fmt"
	"testing"

	"posta/internal/dialer"
	"posta/mxlookup"
	"posta/sendmail"
	"posta/sendmail/direct"
)

// TestStatusOfRoute: what kept a recipient from being sent to, as an exit status; later is 75 whatever it was.
func TestStatusOfRoute(t *testing.T) {
	lookup := func(err error) error { return &mxlookup.Error{Name: "example.org", Err: err} }
	refused := &dialer.Error{Op: "start TLS with", Addr: "mx", Err: dialer.ErrPin, Kind: dialer.TLSRefused}
	for _, c := range []struct {
		err  error
		want int
	}{
		{direct.ErrNullMX, exitUnavailable},
		{direct.ErrLoop, exitUnavailable},
		{direct.ErrDomain, exitDataErr},
		{direct.ErrNoHost, exitTempFail},
		{direct.ErrPolicy, exitTempFail},
		{fmt.Errorf("%w: %w", direct.ErrNoHost, lookup(mxlookup.ErrNoDomain)), exitTempFail},
		{fmt.Errorf("%w: %w", direct.ErrPolicy, refused), exitTempFail},
		{lookup(mxlookup.ErrNoDomain), exitNoHost},
		{lookup(mxlookup.ErrNoMail), exitNoHost},
		{lookup(mxlookup.ErrBadName), exitDataErr},
		{lookup(mxlookup.ErrServFail), exitTempFail},
		{lookup(mxlookup.ErrTimeout), exitTempFail},
		{&sendmail.UnsupportedError{Extension: "SMTPUTF8", Reason: "not offered"}, exitUnavailable},
		{context.Canceled, exitInterrupted},
	} {
		o := direct.Outcome{Recipient: sendmail.Recipient{Address: "a@example.org"}, Err: c.err}
		res, _ := direct.Result([]direct.Outcome{o}, 0)
		if got := statusOf(res.Refused[0].Err); got != c.want {
			t.Errorf("%v: %d, want %d", c.err, got, c.want)
		}
		if later := res.Refused[0].Err.Temporary(); later != (c.want == exitTempFail || c.want == exitInterrupted) {
			t.Errorf("%v: temporary %v", c.err, later)
		}
	}
}
