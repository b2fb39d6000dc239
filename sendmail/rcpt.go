package sendmail

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
)

// rcptCommand is RCPT with its parameters (RFC 5321 §4.1.1.3), and whether it needs SMTPUTF8.
func (c *Client) rcptCommand(r *Recipient) (line string, utf8 bool, err error) {
	to, utf8, err := wireAddress(r.Address, c.ext)
	switch {
	case err != nil:
		return "", false, err
	case to == "":
		return "", false, &AddressError{"", "a recipient cannot be empty"}
	}
	line = "RCPT TO:<" + to + ">"
	if plainRecipient(&r.Options) {
		return line, utf8, nil
	}
	dsn, err := c.notifyParams(&r.Options)
	if err != nil {
		return "", false, err
	}
	line += dsn
	if since := r.Options.RequireRecipientValidSince; !since.IsZero() { // RFC 7293 §3.1
		if !c.ext.Has("RRVS") {
			return "", false, &UnsupportedError{"RRVS", "the server does not offer it"}
		}
		line += " RRVS=" + since.UTC().Format(time.RFC3339)
	}
	if r.Options.DeliverBy != nil || r.Options.MTPriority != nil {
		return "", false, &EnvelopeError{"DELIVERBY and MT-PRIORITY are the envelope's, not a recipient's"}
	}
	return line, utf8, nil
}

func plainRecipient(o *smtp.RcptOptions) bool {
	return len(o.Notify) == 0 && o.OriginalRecipient == "" && o.RequireRecipientValidSince.IsZero() &&
		o.DeliverBy == nil && o.MTPriority == nil
}

// notifyParams is RFC 3461 §4.1 and §4.2.
func (c *Client) notifyParams(o *smtp.RcptOptions) (string, error) {
	if len(o.Notify) == 0 && o.OriginalRecipient == "" {
		return "", nil
	}
	if !c.ext.dsn {
		return "", &UnsupportedError{"DSN", "the server does not offer it"}
	}
	s := ""
	for i, n := range o.Notify {
		known := []smtp.DSNNotify{smtp.DSNNotifyNever, smtp.DSNNotifyDelayed, smtp.DSNNotifyFailure, smtp.DSNNotifySuccess}
		if !slices.Contains(known, n) || n == smtp.DSNNotifyNever && len(o.Notify) > 1 {
			return "", &EnvelopeError{"NOTIFY is NEVER, or of DELAY, FAILURE and SUCCESS"}
		}
		if i == 0 {
			s = " NOTIFY="
		} else {
			s += ","
		}
		s += string(n)
	}
	if o.OriginalRecipient == "" {
		return s, nil
	}
	orcpt, err := originalRecipient(o)
	return s + orcpt, err
}

// originalRecipient is ORCPT: xtext after "rfc822", the form of RFC 6533 §3 after "utf-8".
func originalRecipient(o *smtp.RcptOptions) (string, error) {
	kind := o.OriginalRecipientType
	if kind == "" {
		kind = smtp.DSNAddressTypeRFC822
		if !ascii(o.OriginalRecipient) {
			kind = smtp.DSNAddressTypeUTF8
		}
	}
	switch kind {
	case smtp.DSNAddressTypeUTF8:
		var b strings.Builder
		for _, r := range o.OriginalRecipient {
			if r > ' ' && r < 0x7f && r != '\\' && r != '+' && r != '=' {
				b.WriteRune(r)
			} else {
				fmt.Fprintf(&b, `\x{%X}`, r)
			}
		}
		return " ORCPT=utf-8;" + b.String(), nil
	case smtp.DSNAddressTypeRFC822:
		if !printableASCII(o.OriginalRecipient) {
			return "", &AddressError{o.OriginalRecipient, "ORCPT of type rfc822 is printable ASCII"}
		}
		return " ORCPT=rfc822;" + xtext(o.OriginalRecipient), nil
	}
	return "", &EnvelopeError{"ORCPT's type is RFC822 or UTF-8"}
}
