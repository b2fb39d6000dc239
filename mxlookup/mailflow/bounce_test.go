package mailflow

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// summary is a bounce in the words that a script would look at.
func summary(b Bounce) string {
	kind := "temporary"
	if b.Permanent {
		kind = "permanent"
	}
	return fmt.Sprintf("%s %s %s %s %s %s", b.Form, b.Recipient, b.Action, kind, b.Status, b.MessageID)
}

// report is a bounce as RFC 3464 has it.
func report(status string) string {
	return "From: MAILER-DAEMON@mx.example.org\r\nTo: sender@example.org\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nSorry.\r\n--b\r\n" +
		"Content-Type: message/delivery-status\r\n\r\n" + status + "\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n" +
		"Message-ID: <1@example.org>\r\nSubject: =?utf-8?Q?caf=C3=A9?=\r\nTo: a@example.net\r\n\r\n--b--\r\n"
}

// plain is a bounce in free form.
func plain(head, text string) string {
	return "From: Mail Delivery System <MAILER-DAEMON@mx.example.org>\nTo: sender@example.org\nSubject: failure notice\n" + head + "\n" + text
}

const original = "Return-Path: <sender@example.org>\nReceived: from x by y\nMessage-ID: <1@example.org>\nTo: user@example.net\nSubject: hello\n\nhello\n"

// TestBounces: the machine's form, with what servers make of it, and the common free ones.
func TestBounces(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"RFC 3464": {
			report("Reporting-MTA: dns; mx.example.org\r\n\r\nFinal-Recipient: rfc822; a@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns; mx.example.net\r\nDiagnostic-Code: smtp; 550 5.1.1 no such\r\n user\r\n"),
			"rfc3464 a@example.net failed permanent 5.1.1 <1@example.org>",
		},
		"two recipients, one delayed": {
			report("Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822;a@example.net\r\nAction: failed\r\nStatus: 5.0.0\r\nDiagnostic-Code: smtp; 552 mailbox full\r\n\r\nFinal-Recipient: rfc822;b@example.net\r\nAction: delayed\r\nStatus: 4.4.1\r\n"),
			"rfc3464 a@example.net failed permanent 5.2.2 <1@example.org>|rfc3464 b@example.net delayed temporary 4.4.1 <1@example.org>",
		},
		"no empty line between": {
			report("Reporting-MTA: dns; x\r\nFinal-Recipient: rfc822;a@example.net\r\nAction: failed\r\nStatus: 5.1.2\r\nOriginal-Recipient: rfc822;b\r\nFinal-Recipient: rfc822;b@example.net\r\nAction: failed\r\nStatus: 4.2.2 (full)\r\n"),
			"rfc3464 a@example.net failed permanent 5.1.2 <1@example.org>|rfc3464 b@example.net failed temporary 4.2.2 <1@example.org>",
		},
		"delivered": {
			report("Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822;a@example.net\r\nAction: delivered\r\nStatus: 2.0.0\r\n"),
			"rfc3464 a@example.net delivered temporary 2.0.0 <1@example.org>",
		},
		"original alone": {
			report("Reporting-MTA: dns; x\r\n\r\nOriginal-Recipient: rfc822;a@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\n"),
			"rfc3464 a@example.net failed permanent 5.1.1 <1@example.org>",
		},
		"qmail": {
			plain("", "Hi. This is the qmail-send program at mx.example.org.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<user@example.net>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 <user@example.net>: User unknown\nGiving up on 192.0.2.1.\n\n<two@example.com>:\nSorry, I couldn't find any host named example.com. (#5.1.2)\n\n--- Below this line is a copy of the message.\n\n"+original),
			"qmail user@example.net failed permanent 5.1.1 <1@example.org>|qmail two@example.com failed permanent 5.1.2 <1@example.org>",
		},
		"Exim": {
			plain("X-Failed-Recipients: user@example.net\n", "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  user@example.net\n    SMTP error from remote mail server after RCPT TO:<user@example.net>:\n    host mx.example.net [192.0.2.1]: 552 mailbox is full\n\n------ This is a copy of the message, including all the headers. ------\n\n"+original),
			"exim user@example.net failed permanent 5.2.2 <1@example.org>",
		},
		"Exim, a warning": {
			plain("", "This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered; delivery is delayed.\n\n  user@example.net\n    Delay reason: Connection timed out\n"),
			"exim user@example.net delayed temporary 4.4.1 ",
		},
		"Postfix without the machine's part": {
			plain("", "This is the mail system at host mx.example.org.\n\n<user@example.net>: host mx.example.net[192.0.2.1] said: 450 4.7.1 try again\n    later (in reply to RCPT TO command)\n"),
			"text user@example.net failed temporary 4.7.1 ",
		},
		"Exchange": {
			plain("", "Your message did not reach some or all of the intended recipients.\n\n      Subject:  hello\n      Sent:     1/1/2026 10:00 AM\n\nThe following recipient(s) could not be reached:\n\n      user@example.net on 1/1/2026 10:01 AM\n            The e-mail account does not exist at the organization.\n            <mx.example.net #5.1.1>\n"),
			"exchange user@example.net failed permanent 5.1.1 ",
		},
		"Gmail": {
			plain("X-Failed-Recipients: user@example.net\n", "Delivery to the following recipient failed permanently:\n\n     user@example.net\n\nTechnical details of permanent failure:\nGoogle tried to deliver your message, but it was rejected by the server for the recipient domain example.net by mx.example.net.\n\nThe error that the other server returned was:\n550 5.7.1 blocked\n\n----- Original message -----\n\n"+original),
			"text user@example.net failed permanent 5.7.1 <1@example.org>",
		},
		"sendmail": {
			plain("", "The original message was received at Thu, 1 Jan 2026\n\n   ----- The following addresses had permanent fatal errors -----\n<user@example.net>\n    (reason: 550 Host unknown)\n\n   ----- Transcript of session follows -----\n550 5.1.2 <user@example.net>... Host unknown\n"),
			"sendmail user@example.net failed permanent 5.1.2 ",
		},
	} {
		list, err := ReadBounce(strings.NewReader(c.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, b := range list {
			got = append(got, summary(b))
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, s, c.want)
		}
	}
}

// TestBounceDetails: the remote line whole, the servers, the subject decoded, the status in words.
func TestBounceDetails(t *testing.T) {
	list, err := ReadBounce(strings.NewReader(report("Reporting-MTA: dns; mx.example.org\r\n\r\nOriginal-Recipient: rfc822; alias@example.net\r\nFinal-Recipient: rfc822; a@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns; mx.example.net\r\nDiagnostic-Code: smtp; 550 5.1.1 no such\r\n user\r\n")))
	want := Bounce{
		Recipient: "a@example.net", Original: "alias@example.net", Action: "failed", Status: "5.1.1", Words: "no such mailbox", Permanent: true,
		Line: "550 5.1.1 no such user", Remote: "mx.example.net", Reporter: "mx.example.org", MessageID: "<1@example.org>", Subject: "café", Form: "rfc3464",
	}
	if err != nil || len(list) != 1 || list[0] != want {
		t.Errorf("got %+v, %v\nwant %+v", list, err, want)
	}
}

// TestNoBounce: letters of people, and of servers about other things.
func TestNoBounce(t *testing.T) {
	for _, text := range []string{
		"", "hello", original,
		"From: a@example.org\nTo: b@example.org\nSubject: hello\n\n<c@example.org> said: 550 5.1.1 no such user\n",
		"From: postmaster@example.org\nTo: b@example.org\nSubject: maintenance tonight\n\nAsk help@example.net\n",
	} {
		if list, err := ReadBounce(strings.NewReader(text)); !errors.Is(err, ErrNoBounce) {
			t.Errorf("%.40q: %+v, %v", text, list, err)
		}
	}
}

// TestStatusOfLine: codes before words, words before the reply's code.
func TestStatusOfLine(t *testing.T) {
	for line, want := range map[string]string{
		"550 5.1.1 <x>: user unknown": "5.1.1",
		"550 user unknown":            "5.1.1",
		"452 mailbox full":            "4.2.2",
		"554 no":                      "5.0.0",
		"451 local problem":           "4.3.0",
		"host 1.2.3.4 said: 550-5.7.26 unauthenticated": "5.7.26",
		"(#5.4.6)": "5.4.6",
		"connect to 192.0.2.1: Connection timed out": "4.4.1",
		"10.4.2.1 went away":                         "",
		"fine":                                       "",
		"":                                           "",
	} {
		if got := statusOfLine(line); got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
}

// FuzzBounce: no letter breaks the reader, and what it finds can be shown on one line each.
func FuzzBounce(f *testing.F) {
	f.Add(report("Final-Recipient: rfc822;a@example.net\r\nStatus: 5.1.1\r\n"))
	f.Add(plain("X-Failed-Recipients: a@b\n", "<user@example.net>:\n550 no\n"+original))
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ReadBounce(strings.NewReader(text))
		if err == nil && len(list) == 0 {
			t.Error("neither a bounce nor an error")
		}
		for _, b := range list {
			if b.Recipient == "" || b.Action == "" || strings.ContainsAny(b.Line, "\r\n") {
				t.Errorf("%+v", b)
			}
		}
	})
}

// TestBounceBounds: a letter cannot have more read out of it than an honest bounce has, neither recipients nor lines.
func TestBounceBounds(t *testing.T) {
	var text, status, parts strings.Builder
	for i := range 40_000 {
		fmt.Fprintf(&text, "a%d@b.example\n", i)
		fmt.Fprintf(&status, "Final-Recipient: rfc822; a%d@b.example\r\nStatus: 5.1.1\r\n\r\n", i)
	}
	long := "Final-Recipient: rfc822; a@b.example\r\nDiagnostic-Code: smtp; 550 " + strings.Repeat("x", 100_000) + "\r\n"
	for range 50 {
		parts.WriteString(long + "\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n")
	}
	for name, c := range map[string]struct {
		text string
		most int
	}{
		"addresses in a text": {plain("", text.String()), maxTextRecipients},
		"groups of a status":  {report(status.String()), maxBounceRecipients},
		"parts of a status":   {report(parts.String()), maxBounceStatus/100_000 + 1},
	} {
		list, err := ReadBounce(strings.NewReader(c.text))
		if err != nil || len(list) > c.most {
			t.Errorf("%s: %d recipients, want at most %d; %v", name, len(list), c.most, err)
		}
		for _, b := range list {
			if len(b.Line) > maxBounceLine {
				t.Errorf("%s: a line of %d octets", name, len(b.Line))
			}
		}
	}
}
