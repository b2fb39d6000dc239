package imap

import (
	"slices"
	"strings"
	"time"

	goimap "github.com/emersion/go-imap/v2"
)

// temporaryCodes are those of RFC 5530 and of the great providers that go away by themselves.
var temporaryCodes = []string{
	"UNAVAILABLE", "INUSE", "LIMIT", "THROTTLED", "OVERQUOTA", "SERVERBUG", "SYS/TEMP", "INPROGRESS", "EXPUNGEISSUED", "MESSAGELIMIT",
}

// permanentCodes do not.
var permanentCodes = []string{
	"AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "PRIVACYREQUIRED", "NOPERM", "CANNOT", "NONEXISTENT",
	"ALREADYEXISTS", "TRYCREATE", "TOOBIG", "BADCHARSET", "BADEVENT", "BADCOMPARATOR", "CLIENTBUG", "PARSE", "UNKNOWN-CTE",
	"HASCHILDREN", "CORRUPTION", "SYS/PERM", "CONTACTADMIN", "WEBALERT", "NOTSAVED", "USEATTR",
}

// Temporary says whether the same may succeed later: a lost connection, BYE, a refusal whose code or, where servers
// give none, whose text says so (throttling, too many connections). Other refusals, a refused login and a broken protocol
// are for good.
func (e *Error) Temporary() bool {
	switch {
	case e.Type == goimap.StatusResponseTypeBad:
		return says(e.Text, busy()) // Exchange says so with BAD
	case slices.Contains(temporaryCodes, e.Code):
		return true
	case slices.Contains(permanentCodes, e.Code):
		return false
	case e.Type == goimap.StatusResponseTypeBye:
		return true
	case e.Type == goimap.StatusResponseTypeNo:
		return says(e.Text, busy()) || says(e.Text, later())
	}
	return !isPermanent(e.Err)
}

// busy are the words of servers that have too much to do for this client.
func busy() []string {
	return []string{
		"throttl", "too many simultaneous", "too many concurrent", "too many connections", "too many sessions", "too many logins",
		"too many login", "too many requests", "too many commands", "too many users", "too many clients", "too many open", "too many failed",
		"too frequent", "rate limit", "rate exceeded", "command or bandwidth", "maximum number of connections", "server unavailable",
		"not connected", "try again", "temporar",
	}
}

// later are those of what goes away by itself.
func later() []string {
	return []string{
		"unavailable", "timeout", "timed out", "in use", "locked", "over quota", "quota exceeded", "exceeded quota", "exceeded your mail quota",
		"system busy", "server busy",
	}
}

func says(text string, signs []string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(signs, func(sign string) bool { return strings.Contains(text, sign) })
}

// Login says whether the server refused the login: name, password, token or the manner of it. A login that may succeed
// later is Temporary instead.
func (e *Error) Login() bool {
	switch e.Code {
	case "AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "PRIVACYREQUIRED", "WEBALERT":
		return true
	}
	refused := e.Type == goimap.StatusResponseTypeNo || e.Type == goimap.StatusResponseTypeBad
	if !refused || e.Temporary() {
		return false
	}
	// Coremail lets anybody in, and then opens no mailbox: "Unsafe Login".
	return strings.HasPrefix(e.Command, "AUTHENTICATE") || e.Command == "LOGIN" || says(e.Text, []string{"unsafe login"})
}

// Throttled says whether the server asks for fewer commands or connections.
func (e *Error) Throttled() bool {
	return e.Code == "THROTTLED" || e.Code == "LIMIT" || e.Temporary() && says(e.Text, []string{
		"throttl", "too many", "too frequent", "rate limit", "rate exceeded", "command or bandwidth", "maximum number of connections",
	})
}

// Backoff is how long the server asks to be left alone, as Exchange does ("Suggested Backoff Time: 92415 milliseconds"); 0:
// it does not say.
func (e *Error) Backoff() time.Duration {
	_, text, _ := strings.Cut(strings.ToLower(e.Text), "backoff time: ")
	digits, unit, _ := strings.Cut(text, " ")
	n, ok := number([]byte(digits))
	if !ok || !strings.HasPrefix(unit, "millisecond") {
		return 0
	}
	return time.Duration(min(n, uint64(time.Hour/time.Millisecond))) * time.Millisecond
}
