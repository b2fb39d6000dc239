package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"posta/fetch/imap"
	"posta/internal/dialer"
	"posta/internal/sasl"
)

// TestStatusOfIMAP are the refusals of RFC 9051 §7.1, RFC 5530 and of the great providers, with the status of each. Those
// that speak of the login say so differently when they answer another command.
func TestStatusOfIMAP(t *testing.T) {
	for _, x := range []struct {
		reply        string
		login, later int // as an answer to AUTHENTICATE, to UID FETCH; 0: the same
	}{
		{"NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)", exitNoPerm, 0},
		{"NO [AUTHORIZATIONFAILED] not as bob", exitNoPerm, 0},
		{"NO [EXPIRED] the password has expired", exitNoPerm, 0},
		{"NO [PRIVACYREQUIRED] not without TLS", exitNoPerm, 0},
		{"NO [CONTACTADMIN] the account is locked", exitNoPerm, exitUnavailable},
		{"NO [ALERT] Application-specific password required: https://support.example/accounts (Failure)", exitNoPerm, exitUnavailable},
		{"NO [ALERT] Please log in via your web browser", exitNoPerm, exitUnavailable},
		{"NO [WEBALERT https://accounts.example/] Web login required", exitNoPerm, 0},
		{"NO LOGIN failed", exitNoPerm, exitUnavailable},
		{"BAD Invalid SASL argument", exitNoPerm, exitUnavailable},
		{"NO SELECT Unsafe Login. Please contact kefu@example for help", exitNoPerm, 0},

		{"NO [UNAVAILABLE] Temporary authentication failure", exitTempFail, 0},
		{"NO [LIMIT] Maximum number of connections from user+IP exceeded", exitTempFail, 0},
		{"NO [LIMIT] LOGIN Rate limit hit", exitTempFail, 0},
		{"NO [THROTTLED] slow down", exitTempFail, 0},
		{"NO [INUSE] Mailbox is locked", exitTempFail, 0},
		{"NO [OVERQUOTA] Account exceeded command or bandwidth limits", exitTempFail, 0},
		{"NO [SERVERBUG] Internal error occurred", exitTempFail, 0},
		{"NO [EXPUNGEISSUED] somebody deletes there", exitTempFail, 0},
		{"NO [SYS/TEMP] come back", exitTempFail, 0},
		{"NO [ALERT] Too many simultaneous connections. (Failure)", exitTempFail, 0},
		{"NO [ALERT] Account exceeded command or bandwidth limits. (Failure)", exitTempFail, 0},
		{"NO Over quota", exitTempFail, 0},
		{"NO [ALERT] You exceeded your mail quota.", exitTempFail, 0},
		{"NO Server Unavailable. 21", exitTempFail, 0},
		{"NO mailbox is locked by another session", exitTempFail, 0},
		{"BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds", exitTempFail, 0},
		{"BAD User is authenticated but not connected.", exitTempFail, 0},
		{"BAD Server Unavailable. 15", exitTempFail, 0},
		{"BYE Connection closed", exitTempFail, 0},
		{"BYE [UNAVAILABLE] Temporary System Error", exitTempFail, 0},
		{"BYE [ALERT] Fatal error: max atom size too small", exitTempFail, 0},
		{"OK [MESSAGELIMIT 1000 23221] FETCH completed with 1000 partial results", exitTempFail, 0},

		{"NO [NOPERM] not yours", exitNoPerm, exitUnavailable},
		{"NO [NONEXISTENT] no such mailbox", exitNoPerm, exitUnavailable},
		{"NO [TRYCREATE] no such mailbox", exitNoPerm, exitUnavailable},
		{"NO [ALREADYEXISTS] it is there", exitNoPerm, exitUnavailable},
		{"NO [CANNOT] an invalid name", exitNoPerm, exitUnavailable},
		{"NO [TOOBIG] too large", exitNoPerm, exitUnavailable},
		{"NO [BADCHARSET (US-ASCII)] no", exitNoPerm, exitUnavailable},
		{"NO [CORRUPTION] ask the administrator", exitNoPerm, exitUnavailable},
		{"NO [CLIENTBUG] you", exitNoPerm, exitUnavailable},
		{"NO [PARSE] a message cannot be parsed", exitNoPerm, exitUnavailable},
		{"NO [UNKNOWN-CTE] a part cannot be decoded", exitNoPerm, exitUnavailable},
		{"NO [HASCHILDREN] it has children", exitNoPerm, exitUnavailable},
		{"NO [SYS/PERM] for good", exitNoPerm, exitUnavailable},
		{"BAD Too many arguments", exitNoPerm, exitUnavailable},
		{"BAD Command Error. 12", exitNoPerm, exitUnavailable},
	} {
		if x.later == 0 {
			x.later = x.login
		}
		for command, want := range map[string]int{"AUTHENTICATE PLAIN": x.login, "UID FETCH": x.later} {
			err := &imap.Error{Command: command, Status: status(x.reply)}
			if got := statusOf(fmt.Errorf("INBOX: %w", err)); got != want {
				t.Errorf("%s: %s: %d, want %d", command, x.reply, got, want)
			}
		}
	}
}

// status reads a reply.
func status(reply string) imap.Status {
	kind, text, _ := strings.Cut(reply, " ")
	s := imap.Status{Type: goimap.StatusResponseType(kind), Text: text}
	if inner, rest, ok := strings.Cut(strings.TrimPrefix(text, "["), "]"); ok && strings.HasPrefix(text, "[") {
		s.Code, s.Arg, _ = strings.Cut(inner, " ")
		s.Text = strings.TrimSpace(rest)
	}
	return s
}

// TestStatusOfIMAPCause are the causes that are not a server's reply.
func TestStatusOfIMAPCause(t *testing.T) {
	for _, x := range []struct {
		cause error
		want  int
	}{
		{io.ErrUnexpectedEOF, exitTempFail},
		{&dialer.Error{Kind: dialer.Network, Err: io.ErrUnexpectedEOF}, exitTempFail},
		{&dialer.Error{Kind: dialer.Network, Err: os.ErrDeadlineExceeded}, exitTempFail},
		{&dialer.Error{Kind: dialer.TLSRefused, Err: errors.New("PREAUTH")}, exitNoPerm},
		{&dialer.Error{Kind: dialer.Protocol, Err: dialer.ErrInjected}, exitProtocol},
		{imap.ErrProtocol, exitProtocol},
		{sasl.ErrChallenge, exitProtocol},
		{imap.ErrUnsupported, exitUnavailable},
		{imap.ErrArgument, exitUsage},
		{imap.ErrUnread, exitSoftware},
		{sasl.ErrNoMechanism, exitNoPerm},
		{sasl.ErrInsecure, exitNoPerm},
		{sasl.ErrServer, exitNoPerm},
		{sasl.ErrCredentials, exitConfig},
		{&imap.LetterError{Err: io.ErrUnexpectedEOF}, exitDataErr},
		{&imap.LetterError{Err: os.ErrClosed}, exitIOErr},
		{&imap.LetterError{Err: &imap.Error{Err: io.ErrUnexpectedEOF}}, exitTempFail},
	} {
		if got := statusOf(fmt.Errorf("INBOX: %w", &imap.Error{Command: "APPEND", Err: x.cause})); got != x.want {
			t.Errorf("%v: %d, want %d", x.cause, got, x.want)
		}
	}
}

// TestStatusOfBrokenFetch: whatever reading a message that is not whole yields, in whichever way it is read, is for later; what
// cannot be understood is the server's fault.
func TestStatusOfBrokenFetch(t *testing.T) {
	for _, x := range []struct {
		name, says string
		stays      bool
		want       int
	}{
		{"cut in the literal", "* 1 FETCH (UID 1 BODY[] {10}\r\nhello", false, exitTempFail},
		{"cut before the literal", "* 1 FETCH (UID 1 BODY[] {10}\r\n", false, exitTempFail},
		{"cut in its announcement", "* 1 FETCH (UID 1 BODY[] {10", false, exitTempFail},
		{"cut behind it", "* 1 FETCH (UID 1 BODY[] {5}\r\nhello", false, exitTempFail},
		{"cut behind the message", "* 1 FETCH (UID 1 BODY[] {5}\r\nhello)\r\n", false, exitTempFail},
		{"silent in the literal", "* 1 FETCH (UID 1 BODY[] {10}\r\nhello", true, exitTempFail},
		{"silent behind it", "* 1 FETCH (UID 1 BODY[] {5}\r\nhello", true, exitTempFail},
		{"BYE", "* BYE [UNAVAILABLE] down\r\n", false, exitTempFail},
		{"garbage", "* 1 FETCH (UID 1 BODY[] {-1}\r\nhello", true, exitProtocol},
		{"garbage behind the literal", "* 1 FETCH (UID 1 BODY[] {5}\r\nhello\r\n", true, exitProtocol},
		{"no list", "* 1 FETCH hello\r\n", true, exitProtocol},
		{"no protocol", "HTTP/1.1 400 Bad Request\r\n", true, exitProtocol},
	} {
		for way, read := range map[string]func(*imap.Literal) error{
			"Read":    func(l *imap.Literal) error { _, err := io.ReadAll(struct{ io.Reader }{l}); return err },
			"WriteTo": func(l *imap.Literal) error { _, err := io.Copy(io.Discard, l); return err },
			"skipped": func(*imap.Literal) error { return nil },
		} {
			t.Run(x.name+"/"+way, func(t *testing.T) {
				t.Parallel()
				timeout := 20 * time.Second
				if x.stays && x.want == exitTempFail {
					timeout = 300 * time.Millisecond // it is waited for
				}
				err := brokenFetch(t, x.says, x.stays, timeout, read)
				if got := statusOf(err); got != x.want {
					t.Errorf("%d, want %d: %v", got, x.want, err)
				}
			})
		}
	}
}

// brokenFetch is what a FETCH from a server that says this ends with.
func brokenFetch(t *testing.T, says string, stays bool, timeout time.Duration, read func(*imap.Literal) error) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	over := make(chan struct{})
	defer close(over)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		io.WriteString(conn, "* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n")
		conn.Read(make([]byte, 1000))
		io.WriteString(conn, says)
		if stays {
			<-over
		}
	}()
	c, err := imap.Dial(context.Background(), imap.Config{Dialer: dialer.Config{Address: l.Addr().String(), Timeout: timeout}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	f := c.Fetch(goimap.UIDSetNum(1), imap.FetchOptions{FetchOptions: goimap.FetchOptions{BodySection: []*goimap.FetchItemBodySection{{}}}})
	for m, err := range f.Messages() {
		if err != nil {
			return err
		}
		for {
			literal, err := m.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
			if err := read(literal); err != nil {
				return err
			}
		}
	}
	return errors.New("it is whole")
}
