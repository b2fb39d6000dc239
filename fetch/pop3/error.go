package pop3

import (
	"errors"
	"io"
	"strings"
)

var (
	// ErrProtocol: the server does not speak POP3.
	ErrProtocol = errors.New("the server broke the protocol")
	// ErrCut: the connection ended within a letter or a reply.
	ErrCut = errors.New("the server closed the connection too early")
	// ErrOver: the session has ended already.
	ErrOver = errors.New("the session is over")
)

// Response codes (RFC 2449 §8, RFC 3206 §4, RFC 6856 §5).
const (
	CodeInUse      = "IN-USE"      // another session has the mailbox
	CodeLoginDelay = "LOGIN-DELAY" // too soon after the last login
	CodeSysTemp    = "SYS/TEMP"    // later
	CodeSysPerm    = "SYS/PERM"    // not before somebody mends it
	CodeAuth       = "AUTH"        // the credentials
	CodeUTF8       = "UTF8"        // the letter, or the user, needs UTF8
)

// Error is a refusal of the server, -ERR, or what broke the dialogue at a command.
type Error struct {
	Command string // without its secrets: "RETR 7"; "greeting"
	Code    string // response code, in capitals; "" none
	Text    string // what the server said, without -ERR
	Login   bool   // it was about logging in
	Err     error  // nil: a refusal of the server's without more
}

func (e *Error) Error() string {
	switch {
	case e.Err == nil && e.Text == "":
		return e.Command + " was refused"
	case e.Err == nil:
		return e.Command + ": " + e.Text
	case e.Text != "":
		return e.Command + ": " + e.Text + " (" + e.Err.Error() + ")"
	}
	return e.Command + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Refused says whether the server said -ERR; the session goes on then, as far as it let it.
func (e *Error) Refused() bool { return e.Text != "" || e.Err == nil }

// Temporary says whether the same may work later, as far as the server told.
func (e *Error) Temporary() bool {
	switch e.Code {
	case CodeInUse, CodeLoginDelay, CodeSysTemp:
		return true
	}
	return errors.Is(e.Err, ErrCut)
}

// refusal makes an Error of what follows -ERR.
func refusal(command, text string) *Error {
	e := &Error{Command: command, Text: text}
	if rest, ok := strings.CutPrefix(text, "["); ok {
		if code, _, ok := strings.Cut(rest, "]"); ok && isCode(code) {
			e.Code = strings.ToUpper(code)
		}
	}
	return e
}

// isCode is RFC 2449 §8's resp-code, as far as it is of use.
func isCode(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// cut is err, or what the end of the connection means here.
func cut(err error) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrCut
	}
	return err
}
