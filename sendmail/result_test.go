package sendmail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"posta/internal/dialer"
	"posta/internal/sasl"
)

func TestQueueID(t *testing.T) {
	for text, want := range map[string]string{
		"Ok: queued as 4XyZ1234":                 "4XyZ1234",
		"OK: queued as <abc>.":                   "abc",
		"OK id=1tAbCd-000001-2x":                 "1tAbCd-000001-2x",
		"ok 1700000000 qp 1234":                  "1234",
		"4AB1cd23 Message accepted for delivery": "4AB1cd23",
		"2.0.0 ok":                               "",
		"queued as":                              "",
		"":                                       "",
	} {
		if got := queueID(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestConclude: what one error says for many recipients.
func TestConclude(t *testing.T) {
	never := &Error{Stage: StageRCPT, Code: 550}
	later := &Error{Stage: StageRCPT, Code: 450}
	doubt := &Error{Stage: StageBDAT, Err: io.EOF, InDoubt: true}
	gone := unsent(StageMAIL, io.EOF)
	for _, test := range []struct {
		accepted int
		refused  []*Error
		status   Status
		err      error
	}{
		{1, nil, Accepted, nil},
		{1, []*Error{never}, Partial, nil},
		{0, []*Error{never}, Refused, never},
		{0, []*Error{never, later}, Refused, later},
		{0, []*Error{later, doubt}, InDoubt, doubt},
		{1, []*Error{doubt}, InDoubt, doubt},
		{0, []*Error{gone}, Unsent, gone},
		{0, []*Error{never, gone}, Refused, gone},
		{1, []*Error{gone}, Partial, gone},
	} {
		r := &Result{Accepted: make([]Recipient, test.accepted)}
		for _, e := range test.refused {
			r.Refused = append(r.Refused, &RecipientError{Err: e})
		}
		if err := r.conclude(); r.Status != test.status || !errors.Is(err, test.err) && err != test.err {
			t.Errorf("%d, %v: %s, %v", test.accepted, test.refused, r.Status, err)
		}
	}
}

func TestTemporary(t *testing.T) {
	for _, test := range []struct {
		err       *Error
		temporary bool
	}{
		{&Error{Code: 450}, true},
		{&Error{Code: 550}, false},
		{&Error{Err: io.ErrUnexpectedEOF}, true},
		{&Error{Err: context.Canceled}, true},
		{protocolError(StageMAIL, "x"), false},
		{&Error{Err: ErrProtocol, InDoubt: true}, true},
		{&Error{Stage: StageAUTH, Err: sasl.ErrNoMechanism}, false},
		{&Error{Stage: StageLetter, Err: ErrLetterChanged}, false},
		{&Error{Err: &UnsupportedError{"DSN", "x"}}, false},
		{&Error{Err: fmt.Errorf("x: %w", &Error{Code: 550})}, false},
		{&Error{Err: fmt.Errorf("x: %w", &Error{Code: 450})}, true},
		{unsent(StageMAIL, io.EOF), true},
		{&Error{Err: &dialer.Error{Kind: dialer.Network, Err: io.EOF}}, true},
		{&Error{Err: &dialer.Error{Kind: dialer.TLSRefused, Err: &Error{Code: 454}}}, false},
		{&Error{Err: &dialer.Error{Kind: dialer.Protocol, Err: io.EOF}, InDoubt: true}, true},
	} {
		if got := test.err.Temporary(); got != test.temporary || IsPermanent(test.err) == got {
			t.Errorf("%v: temporary %v", test.err, got)
		}
	}
}

func TestResultJSON(t *testing.T) {
	r := &Result{
		Status: Partial, ID: "Q1", Size: 10, Deliveries: []Delivery{{ID: "Q1", Reply: "250 2.0.0 ok", Recipients: []string{"a@b"}}},
		Refused: []*RecipientError{{To("c@d")[0], &Error{Stage: StageRCPT, Code: 550, Enhanced: [3]int{5, 1, 1}, Text: "no\nuser"}}},
		Times:   Times{{StageMAIL, 1500 * time.Microsecond}, {StageBDAT, time.Second}},
	}
	got, err := json.Marshal(r)
	want := `{"status":"partial","id":"Q1","deliveries":[{"id":"Q1","reply":"250 2.0.0 ok","recipients":["a@b"]}],` +
		`"refused":[{"stage":"rcpt","recipient":"c@d","code":550,"enhanced":"5.1.1","text":"no\nuser","temporary":false}],` +
		`"size":10,"times":{"bdat":1,"mail":0.0015}}`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
	if s := r.Refused[0].Error(); s != "<c@d>: rcpt: 550 5.1.1 no user" {
		t.Error(s)
	}
}
