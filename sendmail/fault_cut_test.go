package sendmail_test

import (
	"errors"
	"fmt"
	"testing"

	"posta/internal/dialer"
	"posta/sendmail"
)

// Wherever the connection is cut, the client ends, knows what it knows and says no more. The dialogue of a mode is
// run once whole, for its length, then cut after each octet.
func TestCutAfterEveryOctet(t *testing.T) {
	atOnce(t, modes, func(t *testing.T, m mode) {
		whole := m.server()
		if a := m.try(t, whole, nil); a.err != nil || len(whole.delivered) != 1 {
			t.Fatalf("without a cut: %v, %d letters\n%s", a.err, len(whole.delivered), a.log)
		}
		step := 1
		if m.tls != dialer.Plain {
			step = 7 // records are cut alike
		}
		for n := -1; n < whole.octets; n += step {
			for _, reset := range []bool{false, true} {
				m.cutAt(t, cut{written: n, reset: reset})
			}
		}
		for n := 1; n < whole.received; n += step {
			m.cutAt(t, cut{read: n})
		}
	})
}

func (m mode) cutAt(t *testing.T, c cut) {
	t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
		f := m.server()
		f.cut = c
		a := m.try(t, f, nil)
		honest(t, f, a, faultLetter)
		if a.err == nil {
			return
		}
		var conn *dialer.Error
		var e *sendmail.Error
		switch {
		case a.dialed && !a.broken:
			t.Errorf("a lost connection is said to be fine: %v", a.err)
		case errors.As(a.err, &e) && !e.Temporary():
			t.Errorf("a lost connection is said to be for good: %v", a.err)
		case !errors.As(a.err, &conn):
			t.Errorf("not an error of the connection: %v", a.err)
		case conn.Kind != dialer.Network:
			t.Errorf("kind %v: %v", conn.Kind, a.err)
		}
	})
}
