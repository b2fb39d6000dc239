package mimetool

import (
	"bytes"
	"net/mail"
	"strings"
	"testing"
	"time"
)

func draftString(t *testing.T, d *Draft) string {
	t.Helper()
	var b bytes.Buffer
	n, err := d.WriteTo(&b)
	if err != nil {
		t.Fatal(err)
	}
	if n != int64(b.Len()) {
		t.Errorf("WriteTo says %d octets, wrote %d", n, b.Len())
	}
	return b.String()
}

func TestDraftWhole(t *testing.T) {
	d := &Draft{
		From:    []mail.Address{{Name: "Jürgen Müller", Address: "j@example.org"}},
		To:      []mail.Address{{Name: "Bob", Address: "bob@example.net"}, {Name: "Doe, John", Address: "john@example.net"}},
		Subject: "Grüße aus Wien",
		Date:    time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Fields:  []DraftField{{"X-Note", "plain"}},
		Text:    strings.NewReader("Grüße,\nJ\n"),
		HTML:    strings.NewReader("<p>Gr&uuml;&szlig;e</p>\n"),
		Attachments: []Attachment{
			BytesAttachment("Übersicht.csv", []byte("a,b\n1,2\n")),
			{Name: "logo.png", ContentID: "logo@x", Disposition: "inline", Open: BytesAttachment("", []byte("\x89PNG\r\n\x1a\n")).Open},
		},
		Boundary: "B",
		LineEnd:  "\n",
	}
	const want = `From: =?utf-8?q?J=C3=BCrgen_M=C3=BCller?= <j@example.org>
To: Bob <bob@example.net>, "Doe, John" <john@example.net>
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= aus Wien
Date: Fri, 2 Jan 2026 03:04:05 +0000
X-Note: plain
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=B

--B
Content-Type: multipart/alternative; boundary=1.B

`
	got := draftString(t, d)
	if !strings.HasPrefix(got, want) {
		t.Errorf("got:\n%s\nwant at the beginning:\n%s", got, want)
	}
}
