package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"posta/sendmail"
)

// asked is what -o asks of the server: extensions of SMTP by the names of their parameters.
type asked struct {
	sendmail.Envelope                  // without addresses
	notify            []smtp.DSNNotify // of every recipient
}

func readAsked(options []string) (a asked, err error) {
	for _, text := range options {
		name, value, _ := strings.Cut(text, "=")
		if err := a.read(strings.ToLower(name), value); err != nil {
			return a, usageError("-o %s: %w", text, err)
		}
	}
	return a, nil
}

// envelope is the envelope for a letter.
func (a *asked) envelope(from string, to []sendmail.Recipient) *sendmail.Envelope {
	env := a.Envelope
	env.From, env.To = from, to
	for i := range env.To {
		env.To[i].Options.Notify = a.notify
	}
	return &env
}

func (a *asked) read(name, value string) (err error) {
	switch name {
	case "notify": // RFC 3461 §4.1
		a.notify, err = parseNotify(value)
	case "ret": // RFC 3461 §4.3
		a.Options.Return = smtp.DSNReturn(strings.ToUpper(value))
		if r := a.Options.Return; r != smtp.DSNReturnFull && r != smtp.DSNReturnHeaders {
			err = fmt.Errorf("it is full or hdrs")
		}
	case "envid": // RFC 3461 §4.4
		a.Options.EnvelopeID = value
		if value == "" || len(value) > 100 || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
			err = fmt.Errorf("it is 1 to 100 characters of ASCII")
		}
	case "requiretls": // RFC 8689
		a.Options.RequireTLS = true
		err = noValue(value)
	case "smtputf8": // RFC 6531
		a.Options.UTF8 = true
		err = noValue(value)
	case "hold": // RFC 4865
		err = parseHold(&a.Envelope, value)
	case "by": // RFC 2852
		a.DeliverBy, err = parseDeliverBy(value)
	case "priority": // RFC 6710
		var n int
		if n, err = strconv.Atoi(value); err != nil || n < -9 || n > 9 {
			err = fmt.Errorf("it is from -9 to 9")
		}
		a.Priority = &n
	default:
		err = fmt.Errorf("there are notify, ret, envid, requiretls, smtputf8, hold, by and priority")
	}
	return err
}

func noValue(value string) error {
	if value != "" {
		return fmt.Errorf("it takes no value")
	}
	return nil
}

func parseNotify(value string) (n []smtp.DSNNotify, err error) {
	for word := range strings.SplitSeq(strings.ToUpper(value), ",") {
		switch w := smtp.DSNNotify(word); w {
		case smtp.DSNNotifyNever, smtp.DSNNotifyDelayed, smtp.DSNNotifyFailure, smtp.DSNNotifySuccess:
			n = append(n, w)
		default:
			return nil, fmt.Errorf("it is never, or some of success,failure,delay")
		}
	}
	if len(n) > 1 && slices.Contains(n, smtp.DSNNotifyNever) {
		return nil, fmt.Errorf("never excludes the others")
	}
	return n, nil
}

// parseHold reads for how long, or until when, the server shall keep the letter back.
func parseHold(env *sendmail.Envelope, value string) error {
	if d, err := time.ParseDuration(value); err == nil && d >= time.Second {
		env.HoldFor = d
		return nil
	}
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return fmt.Errorf("it is a time such as 2h or 2026-12-24T08:00:00Z")
	}
	env.HoldUntil = t
	return nil
}

// parseDeliverBy reads "30m", "30m,notify" or "30m,return".
func parseDeliverBy(value string) (*smtp.DeliverByOptions, error) {
	by := &smtp.DeliverByOptions{Mode: smtp.DeliverByReturn}
	limit, mode, _ := strings.Cut(value, ",")
	switch mode {
	case "", "return":
	case "notify":
		by.Mode = smtp.DeliverByNotify
	default:
		return nil, fmt.Errorf("after the comma stands notify or return")
	}
	d, err := time.ParseDuration(limit)
	if err != nil || d < time.Second {
		return nil, fmt.Errorf("it is a time such as 30m or 30m,notify")
	}
	by.Time = d
	return by, nil
}
