package sendmail

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
)

// check says what no server could take.
func (env *Envelope) check() error {
	switch {
	case len(env.To) == 0:
		return &EnvelopeError{"no recipients"}
	case env.HoldFor != 0 && !env.HoldUntil.IsZero():
		return &EnvelopeError{"HOLDFOR and HOLDUNTIL exclude each other"}
	case env.HoldFor < 0 || env.HoldFor%time.Second != 0:
		return &EnvelopeError{"HOLDFOR is whole seconds"}
	case env.Priority != nil && (*env.Priority < -9 || *env.Priority > 9):
		return &EnvelopeError{"MT-PRIORITY is from -9 to 9"}
	case len(env.Options.EnvelopeID) > 100 || !printableASCII(env.Options.EnvelopeID): // RFC 3461 §4.4
		return &EnvelopeError{"ENVID is at most 100 printable ASCII characters"}
	case env.Options.Auth != nil && !printableASCII(*env.Options.Auth):
		return &EnvelopeError{"the AUTH identity is not printable ASCII"}
	}
	return nil
}

// mailCommand is MAIL with the parameters that the letter and the envelope need (RFC 5321 §4.1.1.2). utf8 says that
// recipients need SMTPUTF8.
func (c *Client) mailCommand(env *Envelope, l *Letter, utf8 bool) (string, error) {
	from, fromUTF8, err := wireAddress(env.From, c.ext)
	if err != nil {
		return "", err
	}
	b := make([]byte, 0, 128)
	b = append(b, "MAIL FROM:<"+from+">"...)
	if c.ext.size { // RFC 1870 §6
		if limit := c.ext.MaxSize(); limit > 0 && l.Size() > limit {
			return "", &UnsupportedError{"SIZE", fmt.Sprintf("the letter has %d octets, the server takes %d", l.Size(), limit)}
		}
		b = strconv.AppendInt(append(b, " SIZE="...), l.Size(), 10)
	}
	body, err := c.bodyType(env.Options.Body, l)
	if err != nil {
		return "", err
	}
	if body != "" {
		b = append(append(b, " BODY="...), body...)
	}
	switch {
	case c.ext.utf8 && (utf8 || fromUTF8 || env.Options.UTF8 || l.UTF8Header()):
		b = append(b, " SMTPUTF8"...)
	case env.Options.UTF8:
		return "", &UnsupportedError{"SMTPUTF8", "the server does not offer it"}
	}
	for _, param := range []func(*Envelope) (string, error){c.dsnParams, c.authParam, c.requireTLS, c.hold, c.deliverBy, c.priority} {
		s, err := param(env)
		if err != nil {
			return "", err
		}
		b = append(b, s...)
	}
	return string(b), nil
}

// bodyType is the value of BODY, "" where nothing need be said (RFC 6152, RFC 3030 §3). An 8-bit letter goes to a server
// without 8BITMIME as it is, since nearly all such servers pass it on.
func (c *Client) bodyType(want smtp.BodyType, l *Letter) (smtp.BodyType, error) {
	switch {
	case l.Binary():
		return smtp.BodyBinaryMIME, nil // Letter.check has seen to it that it is offered
	case want == smtp.BodyBinaryMIME && !(c.ext.binary && c.ext.chunking):
		return "", &UnsupportedError{"BINARYMIME", "the server does not offer it with CHUNKING"}
	case want == smtp.Body8BitMIME && !c.ext.eightBit:
		return "", &UnsupportedError{"8BITMIME", "the server does not offer it"}
	case want == smtp.Body7Bit && l.EightBit():
		return "", &LetterError{"it is 8-bit, and is to be sent as 7-bit"}
	case want == smtp.Body7Bit && !c.ext.eightBit:
		return "", nil
	case want != "":
		return want, nil
	case l.EightBit() && c.ext.eightBit:
		return smtp.Body8BitMIME, nil
	}
	return "", nil
}

func (c *Client) dsnParams(env *Envelope) (string, error) {
	if env.Options.Return == "" && env.Options.EnvelopeID == "" {
		return "", nil
	}
	if !c.ext.dsn {
		return "", &UnsupportedError{"DSN", "the server does not offer it"}
	}
	s := ""
	switch env.Options.Return {
	case smtp.DSNReturnFull, smtp.DSNReturnHeaders:
		s = " RET=" + string(env.Options.Return)
	case "":
	default:
		return "", &EnvelopeError{"RET is FULL or HDRS"}
	}
	if id := env.Options.EnvelopeID; id != "" {
		s += " ENVID=" + xtext(id)
	}
	return s, nil
}

// authParam is RFC 4954 §5.
func (c *Client) authParam(env *Envelope) (string, error) {
	switch id := env.Options.Auth; {
	case id == nil:
		return "", nil
	case !c.ext.Has("AUTH"):
		return "", &UnsupportedError{"AUTH", "the server does not offer it"}
	case *id == "":
		return " AUTH=<>", nil
	default:
		return " AUTH=" + xtext(*id), nil
	}
}

// requireTLS is RFC 8689 §2: only under TLS, and only where it is offered.
func (c *Client) requireTLS(env *Envelope) (string, error) {
	switch {
	case !env.Options.RequireTLS:
		return "", nil
	case !c.conn.Secure():
		return "", &UnsupportedError{"REQUIRETLS", "the connection is not TLS"}
	case !c.ext.requireTLS:
		return "", &UnsupportedError{"REQUIRETLS", "the server does not offer it"}
	}
	return " REQUIRETLS", nil
}

// hold is RFC 4865 §4.
func (c *Client) hold(env *Envelope) (string, error) {
	if env.HoldFor == 0 && env.HoldUntil.IsZero() {
		return "", nil
	}
	interval, until := c.ext.FutureRelease()
	switch {
	case !c.ext.Has("FUTURERELEASE"):
		return "", &UnsupportedError{"FUTURERELEASE", "the server does not offer it"}
	case env.HoldFor > interval && interval > 0:
		return "", &UnsupportedError{"FUTURERELEASE", "the server holds letters for " + interval.String() + " at most"}
	case !until.IsZero() && env.HoldUntil.After(until):
		return "", &UnsupportedError{"FUTURERELEASE", "the server holds letters until " + until.Format(time.RFC3339) + " at most"}
	case env.HoldFor > 0:
		return fmt.Sprintf(" HOLDFOR=%d", env.HoldFor/time.Second), nil
	}
	return " HOLDUNTIL=" + env.HoldUntil.UTC().Format(time.RFC3339), nil
}

// deliverBy is RFC 2852 §4.
func (c *Client) deliverBy(env *Envelope) (string, error) {
	by := env.DeliverBy
	switch {
	case by == nil:
		return "", nil
	case !c.ext.Has("DELIVERBY"):
		return "", &UnsupportedError{"DELIVERBY", "the server does not offer it"}
	case by.Mode != smtp.DeliverByNotify && by.Mode != smtp.DeliverByReturn:
		return "", &EnvelopeError{"the mode of DELIVERBY is N or R"}
	case by.Mode == smtp.DeliverByReturn && by.Time < max(c.ext.DeliverByMin(), time.Second):
		return "", &UnsupportedError{"DELIVERBY", "the server delivers within " + c.ext.DeliverByMin().String() + " at the soonest"}
	}
	s := fmt.Sprintf(" BY=%d;%s", by.Time/time.Second, by.Mode)
	if by.Trace {
		s += "T"
	}
	return s, nil
}

// priority is RFC 6710 §4.
func (c *Client) priority(env *Envelope) (string, error) {
	switch {
	case env.Priority == nil:
		return "", nil
	case !c.ext.Has("MT-PRIORITY"):
		return "", &UnsupportedError{"MT-PRIORITY", "the server does not offer it"}
	}
	return " MT-PRIORITY=" + strconv.Itoa(*env.Priority), nil
}

// xtext is RFC 3461 §4.
func xtext(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c > ' ' && c < 0x7f && c != '+' && c != '=' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "+%02X", c)
		}
	}
	return b.String()
}

func printableASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}
