package mimetool

import (
	"io"
	"strings"
	"testing"
)

// More examples of the RFCs, as they stand there.
func TestMoreExamples(t *testing.T) {
	const report = "TEXT multipart/report, 1 text/plain, 2 message/delivery-status"
	for _, c := range []struct{ name, message, want string }{
		{"RFC 2046 §5.1.4", rfc2046Alternative, "TEXT multipart/alternative, 1 text/plain, 2 text/enriched, 3 application/x-whatever"},
		{"RFC 2387 §5.1", rfc2387FixedRecord, "TEXT multipart/related, 1 application/x-fixedrecord, 2 application/octet-stream"},
		{"RFC 3464 appendix E, several recipients", rfc3464Recipients, report + ", 3 message/rfc822, 3.1 text/plain"},
		{"RFC 3464 appendix E, from a gateway", rfc3464Gateway, report},
		{"RFC 3464 appendix E, delayed", rfc3464Delayed, report},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := structure(t, c.message); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// RFC 2387 §5.1: the records in its octet stream are a song, cut as its first part says.
func TestFixedRecord(t *testing.T) {
	w := NewWalker(strings.NewReader(rfc2387FixedRecord), Limits{})
	for p, err := range w.Parts() {
		if err != nil {
			t.Fatal(err)
		}
		if p.Number != "2" {
			continue
		}
		b, err := io.ReadAll(p.Decoded())
		if err != nil || !strings.HasPrefix(string(b), "Old MacDonald had a farm\nE I E I O\n") || len(b) != 25+10+34+10+25+21+26+10 {
			t.Errorf("%d octets, %q, %v", len(b), b, err)
		}
		if id := p.ContentID(); id != "950120.aaCB@XIson.com" {
			t.Errorf("Content-ID %q", id)
		}
	}
}

// The messages of RFC 5322 appendix A that are not obsolete have no defect.
func TestAppendixA(t *testing.T) {
	for _, c := range []struct{ name, message string }{
		{"A.1.1", "From: John Doe <jdoe@machine.example>\nTo: Mary Smith <mary@example.net>\nSubject: Saying Hello\n" +
			"Date: Fri, 21 Nov 1997 09:55:06 -0600\nMessage-ID: <1234@local.machine.example>\n\n" +
			"This is a message just to say hello.\nSo, \"Hello\".\n"},
		{"A.1.1, Sender", "From: John Doe <jdoe@machine.example>\nSender: Michael Jones <mjones@machine.example>\nTo: Mary Smith <mary@example.net>\n" +
			"Subject: Saying Hello\nDate: Fri, 21 Nov 1997 09:55:06 -0600\nMessage-ID: <1234@local.machine.example>\n\nThis is a message just to say hello.\n"},
		{"A.1.2", "From: \"Joe Q. Public\" <john.q.public@example.com>\nTo: Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>\n" +
			"Cc: <boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>\nDate: Tue, 1 Jul 2003 10:52:37 +0200\n" +
			"Message-ID: <5678.21-Nov-1997@example.com>\n\nHi everyone.\n"},
		{"A.1.3", "From: Pete <pete@silly.example>\nTo: A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;\n" +
			"Cc: Undisclosed recipients:;\nDate: Thu, 13 Feb 1969 23:32:54 -0330\nMessage-ID: <testabcd.1234@silly.example>\n\nTesting.\n"},
		{"A.2", "From: \"Mary Smith: Personal Account\" <smith@home.example>\nTo: John Doe <jdoe@machine.example>\nSubject: Re: Saying Hello\n" +
			"Date: Fri, 21 Nov 1997 11:00:00 -0600\nMessage-ID: <abcd.1234@local.machine.test>\nIn-Reply-To: <3456@example.net>\n" +
			"References: <1234@local.machine.example> <3456@example.net>\n\nThis is a reply to your reply.\n"},
		{"A.3", "Resent-From: Mary Smith <mary@example.net>\nResent-To: Jane Brown <j-brown@other.example>\nResent-Date: Mon, 24 Nov 1997 14:22:01 -0800\n" +
			"Resent-Message-ID: <78910@example.net>\nFrom: John Doe <jdoe@machine.example>\nTo: Mary Smith <mary@example.net>\nSubject: Saying Hello\n" +
			"Date: Fri, 21 Nov 1997 09:55:06 -0600\nMessage-ID: <1234@local.machine.example>\n\nThis is a message just to say hello.\n"},
		{"A.4", "Received: from x.y.test\n  by example.net\n  via TCP\n  with ESMTP\n  id ABC12345\n  for <mary@example.net>;  21 Nov 1997 10:05:43 -0600\n" +
			"Received: from node.example by x.y.test; 21 Nov 1997 10:01:22 -0600\nFrom: John Doe <jdoe@node.example>\nTo: Mary Smith <mary@example.net>\n" +
			"Subject: Saying Hello\nDate: Fri, 21 Nov 1997 09:55:06 -0600\nMessage-ID: <1234@local.node.example>\n\nThis is a message just to say hello.\n"},
		{"A.5", "From: Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>\nTo:A Group(Some people)\n     :Chris Jones <c@(Chris's host.)public.example>,\n" +
			"         joe@example.org,\n  John <jdoe@one.test> (my dear friend); (the end of the group)\n" +
			"Cc:(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;\nDate: Thu,\n      13\n        Feb\n          1969\n      23:32\n" +
			"               -0330 (Newfoundland Time)\nMessage-ID:              <testabcd.1234@silly.test>\n\nTesting.\n"},
	} {
		for d, err := range Lint(strings.NewReader(c.message), Limits{}) {
			t.Errorf("%s: %v %v", c.name, d, err)
		}
	}
}

const rfc2046Alternative = `From: Nathaniel Borenstein <nsb@bellcore.com>
To: Ned Freed <ned@innosoft.com>
Date: Mon, 22 Mar 1993 09:41:09 -0800 (PST)
Subject: Formatted text mail
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=boundary42

--boundary42
Content-Type: text/plain; charset=us-ascii

  ... plain text version of message goes here ...

--boundary42
Content-Type: text/enriched

  ... RFC 1896 text/enriched version of same message
      goes here ...

--boundary42
Content-Type: application/x-whatever

  ... fanciest version of same message goes here ...

--boundary42--
`

const rfc2387FixedRecord = `Content-Type: Multipart/Related; boundary=example-1
        start="<950120.aaCC@XIson.com>";
        type="Application/X-FixedRecord"
        start-info="-o ps"

--example-1
Content-Type: Application/X-FixedRecord
Content-ID: <950120.aaCC@XIson.com>

25
10
34
10
25
21
26
10
--example-1
Content-Type: Application/octet-stream
Content-Description: The fixed length records
Content-Transfer-Encoding: base64
Content-ID: <950120.aaCB@XIson.com>

T2xkIE1hY0RvbmFsZCBoYWQgYSBmYXJtCkUgSS
BFIEkgTwpBbmQgb24gaGlzIGZhcm0gaGUgaGFk
IHNvbWUgZHVja3MKRSBJIEUgSSBPCldpdGggYS
BxdWFjayBxdWFjayBoZXJlLAphIHF1YWNrIHF1
YWNrIHRoZXJlLApldmVyeSB3aGVyZSBhIHF1YW
NrIHF1YWNrCkUgSSBFIEkgTwo=

--example-1--
`

const rfc3464Recipients = `Date: Fri, 8 Jul 1994 09:21:47 -0400
From: Mail Delivery Subsystem <MAILER-DAEMON@CS.UTK.EDU>
Subject: Returned mail: User unknown
To: <owner-ups-mib@CS.UTK.EDU>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
      boundary="JAA13167.773673707/CS.UTK.EDU"

--JAA13167.773673707/CS.UTK.EDU
content-type: text/plain; charset=us-ascii

   ----- The following addresses had delivery problems -----
<arathib@vnet.ibm.com>  (unrecoverable error)
<wsnell@sdcc13.ucsd.edu>  (unrecoverable error)

--JAA13167.773673707/CS.UTK.EDU
content-type: message/delivery-status

Reporting-MTA: dns; cs.utk.edu

Original-Recipient: rfc822;arathib@vnet.ibm.com
Final-Recipient: rfc822;arathib@vnet.ibm.com
Action: failed
Status: 5.0.0 (permanent failure)
Diagnostic-Code: smtp; 550 'arathib@vnet.IBM.COM' is not a
 registered gateway user
Remote-MTA: dns; vnet.ibm.com

Original-Recipient: rfc822;johnh@hpnjld.njd.hp.com
Final-Recipient: rfc822;johnh@hpnjld.njd.hp.com
Action: delayed
Status: 4.0.0 (hpnjld.njd.jp.com: host name lookup failure)

Original-Recipient: rfc822;wsnell@sdcc13.ucsd.edu
Final-Recipient: rfc822;wsnell@sdcc13.ucsd.edu
Action: failed
Status: 5.0.0
Diagnostic-Code: smtp; 550 user unknown
Remote-MTA: dns; sdcc13.ucsd.edu

--JAA13167.773673707/CS.UTK.EDU
content-type: message/rfc822

Subject: original message

goes here
--JAA13167.773673707/CS.UTK.EDU--
`

const rfc3464Gateway = `Disclose-recipients: prohibited
Date: Fri, 08 Jul 1994 09:21:25 -0400 (EDT)
From: Message Router Submission Agent <AMMGR@corp.timeplex.com>
Subject: Status of: Re: Battery current sense
To: owner-ups-mib@CS.UTK.EDU
Message-id: <01HEGJ0WNBY28Y95LN@mr.timeplex.com>
MIME-version: 1.0
content-type: multipart/report; report-type=delivery-status;
      boundary="[;84229080704991.122306.SYS30]"

--[;84229080704991.122306.SYS30]
content-type: text/plain

Invalid address - nair_s
%DIR-E-NODIRMTCH, No matching Directory Entry

--[;84229080704991.122306.SYS30]
content-type: message/delivery-status

Reporting-MTA: mailbus; SYS30

Final-Recipient: unknown; nair_s
Action: failed
Status: 5.0.0 (unknown permanent failure)

--[;84229080704991.122306.SYS30]--
`

const rfc3464Delayed = `From: <postmaster@nsfnet-relay.ac.uk>
Message-Id: <199407092338.TAA23293@CS.UTK.EDU>
Received: from nsfnet-relay.ac.uk by sun2.nsfnet-relay.ac.uk
      id <g.12954-0@sun2.nsfnet-relay.ac.uk>;
      Sun, 10 Jul 1994 00:36:51 +0100
To: owner-info-mime@cs.utk.edu
Date: Sun, 10 Jul 1994 00:36:51 +0100
Subject: WARNING: message delayed at "nsfnet-relay.ac.uk"
MIME-Version: 1.0
content-type: multipart/report; report-type=delivery-status; boundary=foobar

--foobar
content-type: text/plain

The following message has not been delivered to the intended recipient:

thomas@de-montfort.ac.uk

despite repeated delivery attempts over the past 24 hours.
--foobar
content-type: message/delivery-status

Reporting-MTA: dns; sun2.nsfnet-relay.ac.uk

Final-Recipient: rfc822;thomas@de-montfort.ac.uk
Status: 4.0.0 (unknown temporary failure)
Action: delayed

--foobar--
`
