package mailflow

import (
	"errors"
	"strings"
	"testing"
)

// from is a letter with these fields and this text.
func from(head, text string) string { return head + "\nTo: sender@example.org\n\n" + text }

// TestBounceForms: free forms as servers write them, each with what stands out in it: who, how bad, and the line that says so.
func TestBounceForms(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"Exchange Online": {
			from("From: postmaster@contoso.test\nSubject: Undeliverable: hello", "Delivery has failed to these recipients or groups:\n\nBob (user@example.net)<mailto:user@example.net>\nThe recipient's mailbox is full.\n\nDiagnostic information for administrators:\n\nGenerating server: x.test\n\nuser@example.net\nRemote Server returned '554 5.2.2 mailbox full; STOREDRV.Deliver.Exception'\n\nOriginal message headers:\n\n"+original),
			"user@example.net permanent 5.2.2 Remote Server returned '554 5.2.2 mailbox full; STOREDRV.Deliver.Exception'",
		},
		"Exchange 2003": {
			from("From: System Administrator <postmaster@example.net>\nSubject: Undeliverable: hello", "Your message\n\n  To:      user@example.net\n  Subject: hello\n\ndid not reach the following recipient(s):\n\nuser@example.net on Thu, 1 Jan 2026 10:00:05 +0100\n    The recipient name is not recognized\n"),
			"user@example.net permanent 5.1.1 on Thu, 1 Jan 2026 10:00:05 +0100 The recipient name is not recognized",
		},
		"Domino": {
			from("From: Mail Router <postmaster@example.net>\nSubject: DELIVERY FAILURE", "Your message\n\n  Subject: hello\n\nwas not delivered to:\n\n  user@example.net\n\nbecause:\n\n  User user (user@example.net) not listed in Domino Directory\n"),
			"user@example.net permanent 5.1.1 User user (user@example.net) not listed in Domino Directory",
		},
		"Gmail, a delay": {
			from("From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nSubject: Delivery Status Notification (Delay)", "** Delivery incomplete **\n\nThere was a temporary problem delivering your message to user@example.net. Gmail will retry for 47 more hours.\n\nThe response was:\nThe recipient server did not accept our requests to connect.\n"),
			"user@example.net delayed 4.4.1 . Gmail will retry for 47 more hours.",
		},
		"Yahoo": {
			from("From: MAILER-DAEMON@yahoo.com\nSubject: Failure Notice", "Sorry, we were unable to deliver your message to the following address.\n\n<user@example.net>:\n554: delivery error: dd This user doesn't have an account (user@example.net) [-9]\n\n--- Below this line is a copy of the message.\n\n"+original),
			"user@example.net permanent 5.1.1 554: delivery error: dd This user doesn't have an account (user@example.net) [-9]",
		},
		"Courier": {
			from("From: \"Courier mail server at mx.example.org\" <postmaster@mx.example.org>\nSubject: NOTICE: mail delivery status.", "                           UNDELIVERABLE MAIL\n\nYour message to the following recipients cannot be delivered:\n\n<user@example.net>:\n    mx.example.net [192.0.2.1]:\n<<< RCPT TO:<user@example.net>\n>>> 550 User unknown.\n"),
			"user@example.net permanent 5.1.1 mx.example.net [192.0.2.1]: <<< RCPT TO:<user@example.net> >>> 550 User unknown.",
		},
		"Exim, two without an empty line": {
			from("From: Mailer-Daemon@mx.example.org\nSubject: Mail delivery failed\nX-Failed-Recipients: one@example.net,\n  two@example.com", "This message was created automatically by mail delivery software.\n\nThe following address(es) failed:\n\n  one@example.net\n    host mx.example.net [192.0.2.1]\n    550 5.1.1 <one@example.net>... User unknown\n  two@example.com\n    Unrouteable address\n"),
			"one@example.net permanent 5.1.1 host mx.example.net [192.0.2.1] 550 5.1.1 <one@example.net>... User unknown|two@example.com permanent 5.1.1 Unrouteable address",
		},
		"qmail, four": {
			from("From: MAILER-DAEMON@mx.example.org\nSubject: failure notice", "Hi. This is the qmail-send program at mx.example.org.\n\n<user@example.net>:\nConnected to 192.0.2.1 but sender was rejected.\nRemote host said: 554 5.7.1 blocked using zen.example\n\n<full@example.net>:\nThe users mailfolder is over the allowed quota (size). (#5.2.2)\n\n<gone@example.net>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n<old@example.net>:\nI'm not going to try again; this message has been in the queue too long.\n\n--- Below this line is a copy of the message.\n\n"+original),
			"user@example.net permanent 5.7.1 Connected to 192.0.2.1 but sender was rejected. Remote host said: 554 5.7.1 blocked using zen.example|full@example.net permanent 5.2.2 The users mailfolder is over the allowed quota (size). (#5.2.2)|gone@example.net permanent 5.1.1 Sorry, no mailbox here by that name. (#5.1.1)|old@example.net temporary 4.4.7 I'm not going to try again; this message has been in the queue too long.",
		},
		"sendmail, two": {
			from("From: MAILER-DAEMON@mx.example.org\nSubject: Returned mail: see transcript for details", "   ----- The following addresses had permanent fatal errors -----\n<user@example.net>\n    (reason: 550 5.1.1 <user@example.net>... User unknown)\n<two@example.com>\n    (reason: 553 that domain isn't in my list (#5.7.1))\n\n   ----- Transcript of session follows -----\n>>> DATA\n"),
			"user@example.net permanent 5.1.1 (reason: 550 5.1.1 <user@example.net>... User unknown)|two@example.com permanent 5.7.1 (reason: 553 that domain isn't in my list (#5.7.1))",
		},
		"sendmail, a warning": {
			from("From: MAILER-DAEMON@mx.example.org\nSubject: Warning: could not send message for past 4 hours", "    **      THIS IS A WARNING MESSAGE ONLY      **\n\n   ----- Transcript of session follows -----\n<user@example.net>... Deferred: Connection timed out with mx.example.net.\nWill keep trying until message is 5 days old\n"),
			"user@example.net delayed 4.4.1 ... Deferred: Connection timed out with mx.example.net. Will keep trying until message is 5 days old",
		},
		"Postfix, expanded and not found": {
			from("From: MAILER-DAEMON@mx.example.org\nSubject: Undelivered Mail Returned to Sender", "This is the mail system at host mx.example.org.\n\n<user@example.net> (expanded from <alias@example.org>): host\n    mx.example.net[192.0.2.1] said: 550 5.1.1 no such account\n\n<two@example.com>: Host or domain name not found. Name service error for\n    name=example.com type=A: Host not found\n"),
			"user@example.net permanent 5.1.1 (expanded from <alias@example.org>): host mx.example.net[192.0.2.1] said: 550 5.1.1 no such account|two@example.com permanent 5.1.2 Host or domain name not found. Name service error for name=example.com type=A: Host not found",
		},
		"Postfix, a delay": {
			from("From: MAILER-DAEMON@mx.example.org\nSubject: Delayed Mail (still being retried)", "# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #\n\n<user@example.net>: connect to mx.example.net[192.0.2.1]:25: Connection\n    timed out\n"),
			"user@example.net delayed 4.4.1 connect to mx.example.net[192.0.2.1]:25: Connection timed out",
		},
		"a letter to nobody, attached": {
			from("From: no-reply@phone.test\nReturn-Path: <>\nSubject: Mail\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b", "--b\n\nCould not be delivered to: <user@example.net>\nAs their mailbox is full.\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <1@example.org>\nFrom: sender@example.org\n\nhello\n--b--\n"),
			"user@example.net permanent 5.2.2 As their mailbox is full.",
		},
		"in German": {
			from("From: MAILER-DAEMON@mx.example.org\nSubject: =?utf-8?Q?Unzustellbar=3A_hello?=", "Fehler bei der Nachrichtenzustellung an:\n\nuser@example.net\nRemote Server returned '550 5.1.1 unbekannt'\n"),
			"user@example.net permanent 5.1.1 Remote Server returned '550 5.1.1 unbekannt'",
		},
		"no reason at all": {
			from("From: MAILER-DAEMON@amazonses.test\nSubject: Delivery Status Notification (Failure)", "An error occurred while trying to deliver the mail to the following recipients:\nuser@example.net\n"),
			"user@example.net failed  ",
		},
		"a quoted local part, what stands after the words": {
			report("Final-Recipient: rfc822; \"john doe\"@example.net\r\nAction: failed (unknown)\r\nStatus: 5.7.30 (x)\r\nDiagnostic-Code: X-Postfix; TLS is required\r\n"),
			"\"john doe\"@example.net permanent 5.7.30 TLS is required",
		},
		"RFC 6533": {
			strings.Replace(report("Final-Recipient: utf-8; jürgen@bücher.example\r\nAction: failed\r\nStatus: 5.6.7\r\n"), "message/delivery-status", "message/global-delivery-status", 1),
			"jürgen@bücher.example permanent 5.6.7 ",
		},
	} {
		list, err := ReadBounce(strings.NewReader(c.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, b := range list {
			kind := b.Action
			if b.Permanent {
				kind = "permanent"
			} else if b.Action == "failed" && b.Status != "" {
				kind = "temporary"
			}
			got = append(got, strings.Join([]string{b.Recipient, kind, b.Status, b.Line}, " "))
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, s, c.want)
		}
	}
}

// TestOtherReports: what looks like a bounce from afar, and would have a living address taken off a list.
func TestOtherReports(t *testing.T) {
	for name, text := range map[string]string{
		"a letter was read (RFC 8098)": from("From: user@example.net\nSubject: Read: hello\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b", "--b\n\nYour message was read.\n--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; user@example.net\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n"),
		"a complaint (RFC 5965)":       from("From: abuse@isp.example\nReturn-Path: <>\nSubject: complaint\nContent-Type: multipart/report; report-type=feedback-report; boundary=b", "--b\n\nThis is an abuse report for user@example.net, spam blocked.\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: user@example.net\n--b--\n"),
		"a holiday (RFC 3834)":         from("From: user@example.net\nReturn-Path: <>\nAuto-Submitted: auto-replied\nSubject: Automatic reply", "I no longer work here. Write to\nnew@example.net\ninstead; calls fail.\n"),
		"a password":                   from("From: no-reply@shop.test\nSubject: Your password", "If this could not be you, ask\nhelp@shop.test\nor the error stays.\n"),
	} {
		if list, err := ReadBounce(strings.NewReader(text)); !errors.Is(err, ErrNoBounce) {
			t.Errorf("%s: %+v, %v", name, list, err)
		}
	}
}
