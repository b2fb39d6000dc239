package imap

import (
	"encoding/json"
	"errors"

	"posta/internal/dialer"
	"posta/internal/sasl"
)

// Error is what ended a command: the server's NO or BAD, its BYE, or what broke the connection (Err is set, Status
// perhaps not).
type Error struct {
	Command string // "UID FETCH", "greeting"
	Mailbox string // of a command that names one, as the caller gave it
	Status         // the server's; Type is "" when it said nothing
	Err     error
}

// Error is one line: the command, the server's reply or the cause.
func (e *Error) Error() string {
	s := e.Command
	if e.Mailbox != "" {
		s += " " + e.Mailbox
	}
	if e.Type != "" {
		s += ": " + e.Status.String()
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap is the cause, when it was not a reply alone.
func (e *Error) Unwrap() error { return e.Err }

// isPermanent says whether a cause is known not to go away by itself.
func isPermanent(err error) bool {
	for _, known := range []error{
		ErrProtocol, ErrUnsupported, ErrArgument, ErrUnread, sasl.ErrNoMechanism, sasl.ErrInsecure, sasl.ErrCredentials, sasl.ErrServer, sasl.ErrChallenge,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	var letter *LetterError
	var source interface{ Temporary() bool }
	if errors.As(err, &letter) {
		return !errors.As(letter.Err, &source) || !source.Temporary()
	}
	var conn *dialer.Error
	return errors.As(err, &conn) && !conn.Temporary()
}

// MarshalJSON writes the error as an object: command, mailbox, type, code, text, temporary, error.
func (e *Error) MarshalJSON() ([]byte, error) {
	cause := ""
	if e.Err != nil {
		cause = e.Err.Error()
	}
	return json.Marshal(struct {
		Command   string `json:"command"`
		Mailbox   string `json:"mailbox,omitempty"`
		Type      string `json:"type,omitempty"`
		Code      string `json:"code,omitempty"`
		Text      string `json:"text,omitempty"`
		Temporary bool   `json:"temporary"`
		Error     string `json:"error,omitempty"`
	}{e.Command, e.Mailbox, string(e.Type), e.Code, e.Text, e.Temporary(), cause})
}

// LetterError is found in the error of an APPEND whose letter could not be read or is not of its Size, which breaks the
// connection.
type LetterError struct{ Err error }

func (e *LetterError) Error() string { return "the letter: " + e.Err.Error() }

// Unwrap is what its reader said, or io.ErrUnexpectedEOF.
func (e *LetterError) Unwrap() error { return e.Err }

var (
	// ErrUnsupported is found (errors.Is) in the error of a command that the server does not offer. Nothing was sent.
	ErrUnsupported = errors.New("the server does not offer it")
	// ErrArgument is found in the error of a command that cannot be written, such as a flag with a blank. Nothing was sent.
	ErrArgument = errors.New("cannot be said in IMAP")
	// ErrUnread is found in the error of a command that is waited for while a FETCH sent before it has not been read
	// to its end. It is the caller's mistake; the connection goes on.
	ErrUnread = errors.New("an earlier FETCH has not been read")
)
