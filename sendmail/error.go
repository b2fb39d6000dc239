package sendmail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"posta/internal/dialer"
	"posta/internal/sasl"
)

// The stages of a session, as Error.Stage, Result and the times name them.
const (
	StageGreeting = "greeting"
	StageEHLO     = "ehlo"
	StageSTARTTLS = "starttls"
	StageAUTH     = "auth"
	StageLetter   = "letter" // reading or checking the letter here
	StageMAIL     = "mail"
	StageRCPT     = "rcpt"
	StageDATA     = "data"     // DATA, up to its 354
	StageDataEnd  = "data-end" // the reply to the final dot
	StageBDAT     = "bdat"
	StageRSET     = "rset"
	StageQUIT     = "quit"
)

// ErrProtocol is found (errors.Is) in an Error whose cause is that the server broke the protocol.
var ErrProtocol = errors.New("the server broke the protocol")

// ErrUnsent is found (errors.Is) in the error of a letter that was surely not delivered because the connection ended
// before its turn: it can be sent again as it is.
var ErrUnsent = errors.New("not sent")

// Error is what ended a step of the session: the server's refusal (Code is set) or what broke the connection (Err is
// set).
type Error struct {
	Stage     string
	Host      string // whose reply it is, where there were several to ask; see package direct
	Recipient string // of a refused RCPT, or of an LMTP reply
	Code      int    // 0 when the server said nothing
	Enhanced  [3]int // RFC 3463, zero when the server gave none
	Text      string // the server's text whole, its lines joined by "\n", without the codes
	InDoubt   bool   // the letter was sent whole, its reply never came
	Err       error
}

// Error is one line: the host, the stage, the recipient, the server's reply or the cause.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Host != "" {
		b.WriteString(e.Host + ": ")
	}
	b.WriteString(e.Stage)
	if e.Recipient != "" {
		b.WriteString(" <" + e.Recipient + ">")
	}
	if e.Code != 0 {
		b.WriteString(": " + e.Reply())
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	if e.InDoubt {
		b.WriteString(": the letter may or may not have been delivered")
	}
	return b.String()
}

// Reply is the server's reply as one line, "550 5.1.1 no such user"; "" when there was none.
func (e *Error) Reply() string {
	if e.Code == 0 {
		return ""
	}
	return (&Reply{Code: e.Code, Enhanced: e.Enhanced, Text: e.Text}).String()
}

// Unwrap is the cause, when it was not a reply.
func (e *Error) Unwrap() error { return e.Err }

// Temporary says whether the same may succeed later: a 4yz reply, a lost connection, an outcome in doubt. What the
// package checks before sending, a letter that cannot be read, and a broken protocol are for good.
func (e *Error) Temporary() bool {
	switch {
	case e.InDoubt, e.Code/100 == 4:
		return true
	case e.Code != 0, e.Stage == StageLetter:
		return false
	}
	return !IsPermanent(e.Err)
}

// IsPermanent says whether err is known not to go away by itself: an address, envelope or letter that cannot be sent,
// an extension that the server lacks, a login or TLS that failed, a broken protocol, a 5yz reply. An error with a method
// Permanent says so itself. Other errors are of the network.
func IsPermanent(err error) bool {
	var own interface{ Permanent() bool }
	if errors.As(err, &own) {
		return own.Permanent()
	}
	var reply *Error
	var conn *dialer.Error
	isConn := errors.As(err, &conn)
	switch {
	case isConn && conn.Kind == dialer.TLSRefused: // whatever the server said to STARTTLS
		return true
	case errors.As(err, &reply):
		return !reply.Temporary()
	case isConn && !errors.Is(err, context.Canceled):
		return !conn.Temporary()
	}
	for _, login := range []error{sasl.ErrNoMechanism, sasl.ErrInsecure, sasl.ErrCredentials, sasl.ErrServer, sasl.ErrChallenge} {
		if errors.Is(err, login) {
			return true
		}
	}
	var address *AddressError
	var letter *LetterError
	var missing *UnsupportedError
	var envelope *EnvelopeError
	return errors.As(err, &address) || errors.As(err, &letter) || errors.As(err, &missing) || errors.As(err, &envelope) ||
		errors.Is(err, ErrProtocol)
}

// MarshalJSON writes the error as an object: stage, host, recipient, code, enhanced ("5.1.1"), text, temporary, inDoubt,
// error.
func (e *Error) MarshalJSON() ([]byte, error) {
	cause := ""
	if e.Err != nil {
		cause = e.Err.Error()
	}
	return json.Marshal(struct {
		Stage     string `json:"stage"`
		Host      string `json:"host,omitempty"`
		Recipient string `json:"recipient,omitempty"`
		Code      int    `json:"code,omitempty"`
		Enhanced  string `json:"enhanced,omitempty"`
		Text      string `json:"text,omitempty"`
		Temporary bool   `json:"temporary"`
		InDoubt   bool   `json:"inDoubt,omitempty"`
		Error     string `json:"error,omitempty"`
	}{e.Stage, e.Host, e.Recipient, e.Code, enhancedString(e.Enhanced), e.Text, e.Temporary(), e.InDoubt, cause})
}

// refusal is a reply as an error.
func refusal(stage string, r *Reply) *Error {
	return &Error{Stage: stage, Code: r.Code, Enhanced: r.Enhanced, Text: r.Text}
}

// protocolError says what of the protocol was broken.
func protocolError(stage, format string, args ...any) *Error {
	return &Error{Stage: stage, Err: fmt.Errorf("%w: "+format, append([]any{ErrProtocol}, args...)...)}
}

// AddressError is an envelope address that cannot be put into MAIL or RCPT. Nothing was sent.
type AddressError struct {
	Address string
	Reason  string
}

func (e *AddressError) Error() string { return fmt.Sprintf("address %q: %s", e.Address, e.Reason) }

// EnvelopeError is an envelope that no server could take, such as one without recipients. Nothing was sent.
type EnvelopeError struct{ Reason string }

func (e *EnvelopeError) Error() string { return "envelope: " + e.Reason }

// LetterError is a letter that cannot be sent as it is: a bare CR, a NUL, a header without end, a field that would
// break the header. Nothing was sent.
type LetterError struct{ Reason string }

func (e *LetterError) Error() string { return "letter: " + e.Reason }

// UnsupportedError is something asked for that this server does not offer, or not so much of it. Nothing was sent.
type UnsupportedError struct {
	Extension string // the EHLO keyword: "SMTPUTF8", "SIZE"…
	Reason    string
}

func (e *UnsupportedError) Error() string { return e.Extension + ": " + e.Reason }
