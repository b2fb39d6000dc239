package direct

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"posta/mxlookup"
	"posta/sendmail"
)

// TestResult: what became of several recipients at several hosts, as one answer.
func TestResult(t *testing.T) {
	to := sendmail.To("a@x", "b@x", "c@y", "d@z", "e@w", "f@v", "g@u")
	refused := &sendmail.Error{Stage: sendmail.StageRCPT, Recipient: "c@y", Code: 550, Enhanced: [3]int{5, 1, 1}, Text: "no"}
	outcomes := []Outcome{
		{Recipient: to[0], Host: "mx.x", Security: DANE, ID: "1", Reply: "250 ok"},
		{Recipient: to[1], Host: "mx.x", Security: DANE, ID: "1", Reply: "250 ok"},
		{Recipient: to[2], Host: "mx.y", Err: &sendmail.RecipientError{Recipient: to[2], Err: refused}},
		{Recipient: to[3], Err: ErrNullMX},
		{Recipient: to[4], Err: &mxlookup.Error{Name: "w", Err: mxlookup.ErrServFail}},
		{Recipient: to[5], Host: "mx.v", Err: fmt.Errorf("%w: %w", ErrPolicy, &sendmail.Error{Stage: sendmail.StageSTARTTLS, Code: 502, Text: "no"})},
		{Recipient: to[6], Host: "mx.u", Err: fmt.Errorf("mx.u: %w", &sendmail.Error{Stage: sendmail.StageGreeting, Code: 554, Text: "no"})},
	}
	res, err := Result(outcomes, 7)
	if err != nil || res.Status != sendmail.Partial || len(res.Accepted) != 2 || res.ID != "1" || res.Size != 7 {
		t.Errorf("%+v, %v", res, err)
	}
	if text, _ := json.Marshal(res.Deliveries); string(text) != `[{"host":"mx.x","security":"dane","id":"1","reply":"250 ok","recipients":["a@x","b@x"]}]` {
		t.Errorf("deliveries %s", text)
	}
	want := []struct {
		line      string
		temporary bool
	}{
		{"mx.y: rcpt <c@y>: 550 5.1.1 no", false},
		{"route <d@z>: " + ErrNullMX.Error(), false},
		{"route <e@w>: w: server failure", true},
		{"route <f@v>: " + ErrPolicy.Error() + ": starttls: 502 no", true},
		{"mx.u: greeting <g@u>: 554 no", false},
	}
	for i, r := range res.Refused {
		if r.Error() != want[i].line || r.Err.Temporary() != want[i].temporary {
			t.Errorf("got %q, temporary %v, want %q", r, r.Err.Temporary(), want[i].line)
		}
	}
	if refused.Host != "" {
		t.Error("the outcome was changed")
	}
}

// TestResultUnsent: where nothing was decided the letter can be sent again as it is.
func TestResultUnsent(t *testing.T) {
	lost := Outcome{Recipient: sendmail.Recipient{Address: "a@x"}, Err: ErrNoHost}
	for _, c := range []struct {
		outcomes []Outcome
		status   sendmail.Status
	}{
		{[]Outcome{lost}, sendmail.Unsent},
		{[]Outcome{lost, {Err: ErrLoop}}, sendmail.Refused},
		{[]Outcome{lost, {Err: &sendmail.Error{Stage: sendmail.StageDataEnd, InDoubt: true}}}, sendmail.Refused},
		{[]Outcome{lost, {Err: &sendmail.Error{Stage: sendmail.StageRCPT, Code: 451}}}, sendmail.Refused},
		{[]Outcome{{Host: "mx.x"}}, sendmail.Accepted},
	} {
		res, err := Result(c.outcomes, 0)
		if res.Status != c.status || errors.Is(err, sendmail.ErrUnsent) != (c.status == sendmail.Unsent) {
			t.Errorf("%+v: %s, %v", c.outcomes, res.Status, err)
		}
	}
}
