package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"syscall"

	"posta/internal/account"
	"posta/internal/dialer"
	"posta/internal/sandbox"
	"posta/internal/sasl"
	"posta/mimetool"
	"posta/mimetool/stream"
	"posta/mxlookup"
	"posta/sendmail"
	"posta/sendmail/direct"
)

// Exit statuses. Those from 64 are those of sysexits.h, so that a script can branch on 75 against 69.
const (
	exitOK          = 0   // all done
	exitNegative    = 1   // a negative answer: nothing matched, damage found
	exitPartial     = 3   // some done, some not
	exitUsage       = 64  // wrong flags or arguments
	exitDataErr     = 65  // a bad message
	exitNoInput     = 66  // an input file is missing or cannot be opened
	exitNoUser      = 67  // no such user
	exitNoHost      = 68  // no such host
	exitUnavailable = 69  // refused for good
	exitSoftware    = 70  // a bug
	exitCantCreate  = 73  // an output file cannot be made
	exitIOErr       = 74  // a read or a write failed
	exitTempFail    = 75  // try again later
	exitProtocol    = 76  // the peer broke the protocol
	exitNoPerm      = 77  // authentication or TLS refused
	exitConfig      = 78  // the configuration is wrong
	exitInterrupted = 130 // what was done stays done
)

// statusError is an error whose exit status the command itself decided. A nil err is silent: all is said already.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

func (e *statusError) Unwrap() error { return e.err }

// fail is an error with its exit status.
func fail(status int, format string, args ...any) error {
	return &statusError{status, fmt.Errorf(format, args...)}
}

// silent ends the command with a status for which everything is said already.
func silent(status int) error {
	if status == exitOK {
		return nil
	}
	return &statusError{status: status}
}

// isSilent says whether err is a status for which everything was said, if it could be written.
func isSilent(err error) bool {
	var s *statusError
	return errors.As(err, &s) && s.err == nil
}

// statusOf is the one place where an error becomes an exit status.
func statusOf(err error) int {
	var status *statusError
	var conn *dialer.Error
	var config *account.Error
	var url *account.URLError
	var noSandbox *sandbox.UnreachableError
	var notAsked *sandbox.AskError
	var lookup *mxlookup.Error
	var route *direct.Error
	var input inputError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &status):
		return status.status
	case errors.As(err, &input), errors.Is(err, stream.ErrOpen):
		return exitNoInput
	case errors.As(err, &noSandbox):
		return exitTempFail
	case errors.As(err, &notAsked):
		return exitUsage
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &config), errors.As(err, &url):
		return exitConfig
	case errors.As(err, &route):
		return statusOfRoute(route)
	case isSMTP(err):
		return statusOfSMTP(err)
	case errors.As(err, &conn): // before bad messages: a connection too can end before its time
		return statusOfConn(conn.Kind)
	case isPOP3(err):
		return statusOfPOP3(err)
	case isIMAP(err):
		return statusOfIMAP(err)
	case isStore(err):
		return statusOfStore(err)
	case isBadMessage(err):
		return exitDataErr
	case errors.Is(err, sasl.ErrNoMechanism), errors.Is(err, sasl.ErrInsecure), errors.Is(err, sasl.ErrServer):
		return exitNoPerm
	case errors.Is(err, sasl.ErrChallenge):
		return exitProtocol
	case errors.Is(err, sasl.ErrCredentials):
		return exitConfig
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return exitTempFail
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EIO), errors.Is(err, syscall.EPIPE):
		return exitIOErr
	case errors.As(err, &lookup):
		return statusOfLookup(err)
	case errors.Is(err, fs.ErrNotExist):
		return exitNoInput
	case errors.Is(err, fs.ErrPermission):
		return exitCantCreate
	}
	return exitIOErr
}

// isSMTP says whether err is a server's refusal or an error of package sendmail, and not of the connection or the login.
func isSMTP(err error) bool {
	var reply *sendmail.Error
	var address *sendmail.AddressError
	var letter *sendmail.LetterError
	var missing *sendmail.UnsupportedError
	var envelope *sendmail.EnvelopeError
	return errors.As(err, &reply) && (reply.Code != 0 || reply.InDoubt) || errors.Is(err, sendmail.ErrProtocol) ||
		errors.As(err, &address) || errors.As(err, &letter) || errors.As(err, &missing) || errors.As(err, &envelope)
}

// statusOfSMTP is that of an error of isSMTP.
func statusOfSMTP(err error) int {
	var reply *sendmail.Error
	var missing *sendmail.UnsupportedError
	switch {
	case errors.As(err, &reply) && reply.InDoubt:
		return exitTempFail
	case reply != nil && reply.Code != 0:
		return statusOfReply(reply)
	case errors.Is(err, sendmail.ErrProtocol):
		return exitProtocol
	case errors.As(err, &missing):
		return exitUnavailable
	}
	return exitDataErr // a letter, an address or an envelope that cannot go out
}

// statusOfReply is that of a refusal: 4yz is later, 5yz never. RFC 4954 §6: 530, 534, 535 and 538 are about the login.
func statusOfReply(e *sendmail.Error) int {
	switch {
	case e.Code/100 == 4:
		return exitTempFail
	case e.Code == 530, e.Code == 534, e.Code == 535, e.Code == 538, e.Stage == sendmail.StageAUTH:
		return exitNoPerm
	}
	return exitUnavailable
}

// noSuchUser says whether a server refused a recipient since there is none of that name (RFC 3463 §3.2).
func noSuchUser(e *sendmail.Error) bool {
	return e.Stage == sendmail.StageRCPT && e.Code == 550 && (e.Enhanced == [3]int{5, 1, 1} || e.Enhanced == [3]int{})
}

// isBadMessage says whether err is about what a message, or a stream of them, is made of.
func isBadMessage(err error) bool {
	var limit *mimetool.LimitError
	var draft *mimetool.DraftError
	if errors.As(err, &limit) || errors.As(err, &draft) {
		return true
	}
	for _, bad := range []error{
		stream.ErrMalformed, mimetool.ErrNoFragment, mimetool.ErrNot7bit, io.ErrUnexpectedEOF,
	} {
		if errors.Is(err, bad) {
			return true
		}
	}
	return false
}

// statusOfConn is that of a connection that could not be made or kept.
func statusOfConn(kind dialer.Kind) int {
	switch kind {
	case dialer.NoHost:
		return exitNoHost
	case dialer.TLSRefused:
		return exitNoPerm
	case dialer.Protocol:
		return exitProtocol
	case dialer.BadConfig:
		return exitConfig
	}
	return exitTempFail
}

// report says err on standard error, where it says anything, and returns its exit status. An error that came of the
// user's interruption has the status of that.
func (e *env) report(ctx context.Context, err error) int {
	if err == nil {
		return exitOK
	}
	var status *statusError
	switch {
	case err == context.Canceled:
		e.warn("interrupted")
	case !errors.As(err, &status) || status.err != nil:
		e.warn("%v", err)
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return exitInterrupted
	}
	return statusOf(err)
}

// bug reports a panic.
func (e *env) bug(p any) int {
	e.warn("this is a bug: %v", p)
	e.stderr.Write(debug.Stack())
	return exitSoftware
}

// statusOfLookup is that of a question to name servers: that a domain does not exist or takes no mail is an answer too.
func statusOfLookup(err error) int {
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errNullMX), errors.Is(err, mxlookup.ErrNoDomain), errors.Is(err, mxlookup.ErrNoMail),
		errors.Is(err, mxlookup.ErrNoRecord):
		return exitNegative
	case errors.Is(err, mxlookup.ErrBadName):
		return exitUsage
	case errors.Is(err, mxlookup.ErrMalformed):
		return exitProtocol
	}
	return exitTempFail
}

// statusOfRoute is that of a recipient for whom no host took, or refused, the letter.
func statusOfRoute(e *direct.Error) int {
	switch {
	case !e.Permanent():
		return exitTempFail
	case errors.Is(e, mxlookup.ErrNoDomain), errors.Is(e, mxlookup.ErrNoMail), errors.Is(e, mxlookup.ErrNoRecord):
		return exitNoHost
	case errors.Is(e, direct.ErrDomain), errors.Is(e, mxlookup.ErrBadName):
		return exitDataErr // an address, as any other that cannot be sent to
	case errors.Is(e, direct.ErrNullMX), errors.Is(e, direct.ErrLoop):
		return exitUnavailable
	}
	return statusOf(e.Err)
}
