package imap

import (
	"errors"
	"io"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
)

// TestBackoff is how servers word how long they want to be left alone.
func TestBackoff(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"Request is throttled. Suggested Backoff Time: 92415 milliseconds":                92415 * time.Millisecond,
		"Request is throttled. Suggested Backoff Time: 99999999999999999999 milliseconds": 0,
		"Request is throttled. Suggested Backoff Time: 9999999999999999999 milliseconds":  time.Hour,
		"Request is throttled. Suggested Backoff Time: soon":                              0,
		"Too many connections": 0,
	} {
		e := &Error{Command: "SELECT", Status: Status{Type: goimap.StatusResponseTypeBad, Text: text}}
		if got := e.Backoff(); got != want || !e.Throttled() || !e.Temporary() && want > 0 {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

// TestErrorText is what an error says, in one line, and as JSON.
func TestErrorText(t *testing.T) {
	e := &Error{Command: "UID FETCH", Mailbox: "a b", Status: Status{Type: goimap.StatusResponseTypeNo, Code: "INUSE", Text: "locked"}}
	cut := &Error{Command: "APPEND", Err: &LetterError{io.ErrUnexpectedEOF}}
	for err, want := range map[*Error][2]string{
		e:   {"UID FETCH a b: NO [INUSE] locked", `{"command":"UID FETCH","mailbox":"a b","type":"NO","code":"INUSE","text":"locked","temporary":true}`},
		cut: {"APPEND: the letter: unexpected EOF", `{"command":"APPEND","temporary":false,"error":"the letter: unexpected EOF"}`},
	} {
		got, _ := err.MarshalJSON()
		if err.Error() != want[0] || string(got) != want[1] {
			t.Errorf("%s %s", err, got)
		}
	}
	if !errors.Is(cut, io.ErrUnexpectedEOF) {
		t.Error("the cause is lost")
	}
}
