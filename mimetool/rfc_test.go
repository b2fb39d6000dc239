package mimetool

import (
	"strings"
	"testing"
)

// structure is the numbers and types of the parts of a message.
func structure(t *testing.T, message string) string {
	t.Helper()
	var parts []string
	for p, err := range NewWalker(strings.NewReader(message), Limits{}).Parts() {
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Defects) > 0 {
			t.Errorf("part %s: %v", p.Number, p.Defects)
		}
		parts = append(parts, p.Number+" "+p.Type)
	}
	return strings.Join(parts, ", ")
}

// The examples of the RFCs, shortened where they are only text, are walked without a defect.
func TestExamples(t *testing.T) {
	for _, c := range []struct{ name, message, want string }{
		{"RFC 2049 appendix A", rfc2049A, "TEXT multipart/mixed, 1 text/plain, 2 text/plain, 3 multipart/parallel, 3.1 audio/basic, 3.2 image/jpeg, " +
			"4 text/enriched, 5 message/rfc822, 5.1 text/plain"},
		{"RFC 2046 §5.1.5", rfc2046Digest, "TEXT multipart/mixed, 1 text/plain, 2 multipart/digest, 2.1 message/rfc822, 2.1.1 text/plain, " +
			"2.2 message/rfc822, 2.2.1 text/plain"},
		{"RFC 2046 §5.2.3.7", rfc2046External, "TEXT multipart/alternative, 1 message/external-body, 2 message/external-body"},
		{"RFC 2387 §5.2", rfc2387, "TEXT multipart/related, 1 text/x-okie, 2 image/jpeg, 3 image/jpeg"},
		{"RFC 3462 §1 and 3464 §3", rfc3464, "TEXT multipart/report, 1 text/plain, 2 message/delivery-status, 3 message/rfc822, 3.1 text/plain"},
		{"RFC 1847 §2.1", rfc1847, "TEXT multipart/signed, 1 text/plain, 2 application/pgp-signature"},
		{"RFC 1740 §4", rfc1740, "TEXT multipart/appledouble, 1 application/applefile, 2 image/gif"},
		{"RFC 7578 §4", rfc7578, "TEXT multipart/form-data, 1 text/plain, 2 multipart/mixed, 2.1 text/plain, 2.2 image/gif"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := structure(t, c.message); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

const rfc2049A = `MIME-Version: 1.0
From: Nathaniel Borenstein <nsb@nsb.fv.com>
To: Ned Freed <ned@innosoft.com>
Date: Fri, 07 Oct 1994 16:15:05 -0700 (PDT)
Subject: A multipart example
Content-Type: multipart/mixed;
              boundary=unique-boundary-1

This is the preamble area of a multipart message.

--unique-boundary-1

  ... Some text appears here ...

--unique-boundary-1
Content-type: text/plain; charset=US-ASCII

This could have been part of the previous part, but
illustrates explicit versus implicit typing of body
parts.

--unique-boundary-1
Content-Type: multipart/parallel; boundary=unique-boundary-2

--unique-boundary-2
Content-Type: audio/basic
Content-Transfer-Encoding: base64

  ... base64-encoded 8000 Hz single-channel
      mu-law-format audio data goes here ...

--unique-boundary-2
Content-Type: image/jpeg
Content-Transfer-Encoding: base64

  ... base64-encoded image data goes here ...

--unique-boundary-2--

--unique-boundary-1
Content-type: text/enriched

This is <bold><italic>enriched.</italic></bold>

--unique-boundary-1
Content-Type: message/rfc822

From: (mailbox in US-ASCII)
To: (address in US-ASCII)
Subject: (subject in US-ASCII)
Content-Type: Text/plain; charset=ISO-8859-1
Content-Transfer-Encoding: Quoted-printable

  ... Additional text in ISO-8859-1 goes here ...

--unique-boundary-1--
`

const rfc2046Digest = `From: Moderator-Address
To: Recipient-List
Date: Mon, 22 Mar 1994 13:34:51 +0000
Subject: Internet Digest, volume 42
MIME-Version: 1.0
Content-Type: multipart/mixed;
              boundary="---- main boundary ----"

------ main boundary ----

  ...Introductory text or table of contents...

------ main boundary ----
Content-Type: multipart/digest;
              boundary="---- next message ----"

------ next message ----

From: someone-else
Date: Fri, 26 Mar 1993 11:13:32 +0200
Subject: my opinion

  ...body goes here ...

------ next message ----

From: someone-else-again
Date: Fri, 26 Mar 1993 10:07:13 -0500
Subject: my different opinion

  ... another body goes here ...

------ next message ------

------ main boundary ------
`

const rfc2046External = `From: Whomever
To: Someone
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=42

--42
Content-Type: message/external-body; name="BodyFormats.ps";
              site="thumper.bellcore.com"; mode="image";
              access-type=ANON-FTP; directory="pub";
              expiration="Fri, 14 Jun 1991 19:13:14 -0400 (EDT)"

Content-type: application/postscript
Content-ID: <id42@guppylake.bellcore.com>

--42
Content-Type: message/external-body; access-type=mail-server
              server="listserv@bogus.bitnet";
              expiration="Fri, 14 Jun 1991 19:13:14 -0400 (EDT)"

Content-type: application/postscript
Content-ID: <id42@guppylake.bellcore.com>

get RFC-MIME.DOC

--42--
`

const rfc2387 = `Content-Type: Multipart/Related; boundary=example-2;
        start="<950118.AEBH@XIson.com>"
        type="Text/x-Okie"

--example-2
Content-Type: Text/x-Okie; charset=iso-8859-1;
        declaration="<950118.AEB0@XIson.com>"
Content-ID: <950118.AEBH@XIson.com>
Content-Description: Document

{doc}
--example-2
Content-Type: image/jpeg
Content-ID: <950118.AFDH@XIson.com>
Content-Transfer-Encoding: BASE64
Content-Description: Picture A

[encoded jpeg image]
--example-2
Content-Type: image/jpeg
Content-ID: <950118.AECB@XIson.com>
Content-Transfer-Encoding: BASE64
Content-Description: Picture B

[encoded jpeg image]
--example-2--
`

const rfc3464 = `Date: Thu, 7 Jul 1994 17:16:05 -0400
From: Mail Delivery Subsystem <MAILER-DAEMON@CS.UTK.EDU>
Message-Id: <199407072116.RAA14128@CS.UTK.EDU>
Subject: Returned mail: Cannot send message for 5 days
To: <owner-info-mime@cs.utk.edu>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
      boundary="RAA14128.773615765/CS.UTK.EDU"

--RAA14128.773615765/CS.UTK.EDU

The original message was received at Sat, 2 Jul 1994 17:10:28 -0400
from root@localhost

--RAA14128.773615765/CS.UTK.EDU
content-type: message/delivery-status

Reporting-MTA: dns; cs.utk.edu

Original-Recipient: rfc822;louisl@larry.slip.umd.edu
Final-Recipient: rfc822;louisl@larry.slip.umd.edu
Action: failed
Status: 4.0.0

--RAA14128.773615765/CS.UTK.EDU
content-type: message/rfc822

Subject: original message

goes here

--RAA14128.773615765/CS.UTK.EDU--
`

const rfc1847 = `Content-Type: multipart/signed; protocol="application/pgp-signature";
        micalg="pgp-md5"; boundary="Signed Boundary"

--Signed Boundary
Content-Type: text/plain; charset="us-ascii"

This is some text to be signed.

--Signed Boundary
Content-Type: application/pgp-signature

(signature)

--Signed Boundary--
`

const rfc1740 = `Content-Type: multipart/appledouble; boundary="mac-part"

--mac-part
Content-Type: application/applefile; name="My-new-car"
Content-Transfer-Encoding: base64

AAUWBwACAAA=
--mac-part
Content-Type: image/gif; name="My-new-car"
Content-Transfer-Encoding: base64

R0lGODlh
--mac-part--
`

const rfc7578 = `Content-Type: multipart/form-data; boundary=AaB03x

--AaB03x
content-disposition: form-data; name="field1"

Joe Blow
--AaB03x
content-disposition: form-data; name="pics"
Content-type: multipart/mixed; boundary=BbC04y

--BbC04y
Content-disposition: attachment; filename="file1.txt"
Content-Type: text/plain

contents
--BbC04y
Content-disposition: attachment; filename="file2.gif"
Content-type: image/gif
Content-Transfer-Encoding: binary

contents
--BbC04y--
--AaB03x--
`
