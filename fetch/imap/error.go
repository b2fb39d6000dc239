package imap

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	goimap "github.com/emersion/go-imap/v2"

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

// temporaryCodes are those of RFC 5530 and of the great providers that go away by themselves.
var temporaryCodes = []string{"UNAVAILABLE", "INUSE", "LIMIT", "THROTTLED", "OVERQUOTA", "SERVERBUG", "SYS/TEMP", "INPROGRESS"}

// permanentCodes do not.
var permanentCodes = []string{
	"AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "PRIVACYREQUIRED", "NOPERM", "CANNOT", "NONEXISTENT",
	"ALREADYEXISTS", "TRYCREATE", "TOOBIG", "BADCHARSET", "BADEVENT", "CLIENTBUG", "PARSE", "UNKNOWN-CTE", "HASCHILDREN",
	"CORRUPTION", "EXPUNGEISSUED", "SYS/PERM", "CONTACTADMIN",
}

// Temporary says whether the same may succeed later: a lost connection, BYE, a NO whose code or, where servers
// give none, whose text says so (throttling, too many connections). BAD, a refused login and a broken protocol are for
// good.
func (e *Error) Temporary() bool {
	switch {
	case e.Type == goimap.StatusResponseTypeBad:
		return false
	case slices.Contains(temporaryCodes, e.Code):
		return true
	case slices.Contains(permanentCodes, e.Code):
		return false
	case e.Type == goimap.StatusResponseTypeBye:
		return true
	case e.Type == goimap.StatusResponseTypeNo:
		return soundsTemporary(e.Text)
	}
	return !isPermanent(e.Err)
}

// soundsTemporary knows how servers without response codes word it.
func soundsTemporary(text string) bool {
	text = strings.ToLower(text)
	for _, sign := range []string{"too many", "throttl", "rate limit", "try again", "temporar", "exceeded command or bandwidth", "unavailable", "timeout", "timed out", "in use", "locked", "over quota", "quota exceeded", "exceeded quota"} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

// Login says whether the server refused the login: name, password, token or the manner of it. A login that may succeed
// later is Temporary instead.
func (e *Error) Login() bool {
	switch e.Code {
	case "AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "PRIVACYREQUIRED":
		return true
	}
	return (e.Type == goimap.StatusResponseTypeNo || e.Type == goimap.StatusResponseTypeBad) && !e.Temporary() &&
		(strings.HasPrefix(e.Command, "AUTHENTICATE") || e.Command == "LOGIN")
}

// Throttled says whether the server asks for fewer commands or connections.
func (e *Error) Throttled() bool {
	text := strings.ToLower(e.Text)
	return e.Code == "THROTTLED" || e.Code == "LIMIT" || strings.Contains(text, "throttl") ||
		strings.Contains(text, "too many") || strings.Contains(text, "rate limit") || strings.Contains(text, "command or bandwidth limits")
}

// isPermanent says whether a cause is known not to go away by itself.
func isPermanent(err error) bool {
	for _, known := range []error{
		ErrProtocol, ErrUnsupported, ErrArgument, ErrUnread, sasl.ErrNoMechanism, sasl.ErrInsecure, sasl.ErrCredentials, sasl.ErrServer, sasl.ErrChallenge,
	} {
		if errors.Is(err, known) {
			return true
		}
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

var (
	// ErrUnsupported is found (errors.Is) in the error of a command that the server does not offer. Nothing was sent.
	ErrUnsupported = errors.New("the server does not offer it")
	// ErrArgument is found in the error of a command that cannot be written, such as a flag with a blank. Nothing was sent.
	ErrArgument = errors.New("cannot be said in IMAP")
	// ErrUnread is found in the error of a command that is waited for while a FETCH sent before it has not been read
	// to its end. It is the caller's mistake; the connection goes on.
	ErrUnread = errors.New("an earlier FETCH has not been read")
)
