package main

import (
	"errors"
	"io/fs"
	"os/exec"
	"syscall"

	"posta/fetch"
	"posta/fetch/imap"
	"posta/fetch/pop3"
	"posta/fetch/store"
	"posta/internal/sasl"
)

// isPOP3 says whether err is a POP3 server's refusal, or a broken dialogue with it; errors of the connection are not.
func isPOP3(err error) bool {
	var e *pop3.Error
	return errors.As(err, &e) && e.Refused() || errors.Is(err, pop3.ErrCut) || errors.Is(err, pop3.ErrProtocol) ||
		errors.Is(err, pop3.ErrOver) || errors.Is(err, pop3.ErrTooMany) ||
		errors.Is(err, pop3.ErrSpool)
}

// statusOfPOP3 is that of an error of isPOP3 (RFC 2449 §8, RFC 3206 §4).
func statusOfPOP3(err error) int {
	var e *pop3.Error
	switch {
	case errors.Is(err, pop3.ErrTooMany):
		return exitUnavailable
	case errors.Is(err, pop3.ErrSpool):
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			return exitCantCreate
		}
		return exitIOErr
	case errors.Is(err, pop3.ErrProtocol):
		return exitProtocol
	case errors.Is(err, pop3.ErrCut), !errors.As(err, &e), !e.Refused(), e.Temporary():
		return exitTempFail
	case e.Code == pop3.CodeAuth:
		return exitNoPerm
	case e.Login && e.Code == "":
		return exitNoPerm
	}
	return exitUnavailable
}

// isIMAP says whether err is an IMAP4 server's refusal, or a broken dialogue with it; errors of the connection are not.
func isIMAP(err error) bool {
	var e *imap.Error
	return errors.As(err, &e) || errors.Is(err, imap.ErrProtocol) || errors.Is(err, fetch.ErrGone) || errors.Is(err, fetch.ErrNoContent) ||
		errors.Is(err, fetch.ErrMany)
}

// statusOfIMAP is that of an error of isIMAP (RFC 5530).
func statusOfIMAP(err error) int {
	var e *imap.Error
	var letter *imap.LetterError
	switch {
	case errors.As(err, &letter): // what its reader said
		return statusOf(letter.Err)
	case errors.Is(err, imap.ErrUnread):
		return exitSoftware
	case errors.Is(err, imap.ErrProtocol), errors.Is(err, sasl.ErrChallenge):
		return exitProtocol
	case errors.Is(err, imap.ErrArgument), errors.Is(err, fetch.ErrMany):
		return exitUsage
	case errors.Is(err, fetch.ErrGone):
		return exitNegative
	case errors.Is(err, sasl.ErrCredentials):
		return exitConfig
	case errors.Is(err, sasl.ErrNoMechanism), errors.Is(err, sasl.ErrInsecure), errors.Is(err, sasl.ErrServer):
		return exitNoPerm
	case errors.As(err, &e) && e.Login():
		return exitNoPerm
	case e != nil && e.Temporary():
		return exitTempFail
	}
	return exitUnavailable
}

// isStore says whether err is about where messages are kept.
func isStore(err error) bool {
	var write *store.WriteError
	return errors.As(err, &write) || errors.Is(err, fetch.ErrBusy) || errors.Is(err, fetch.ErrState) || errors.Is(err, store.ErrSpec) || errors.Is(err, store.ErrLocked)
}

// statusOfStore is that of an error of isStore. A command that was given a message says the status itself.
func statusOfStore(err error) int {
	var command *exec.ExitError
	switch {
	case errors.As(err, &command):
		if status := command.ExitCode(); status >= exitUsage && status <= exitConfig {
			return status
		}
		return exitUnavailable
	case errors.Is(err, fetch.ErrBusy), errors.Is(err, store.ErrLocked):
		return exitTempFail
	case errors.Is(err, fetch.ErrState):
		return exitConfig
	case errors.Is(err, store.ErrOneOnly), errors.Is(err, store.ErrSpec), errors.Is(err, store.ErrFolders):
		return exitUsage
	case errors.Is(err, fs.ErrPermission), errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrExist):
		return exitCantCreate
	}
	for _, name := range []error{syscall.ENOTDIR, syscall.EISDIR, syscall.ELOOP, syscall.ENAMETOOLONG} {
		if errors.Is(err, name) {
			return exitCantCreate
		}
	}
	return exitIOErr
}
