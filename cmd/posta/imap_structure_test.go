package main

import (
	"slices"
	"strings"
	"testing"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"

	"posta/mimetool"
)

const nestedLetter = `Subject: nested
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=a

--a
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain

x
--b
Content-Type: text/html

x
--b--
--a
Content-Type: message/rfc822

Subject: with parts
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=c

--c

x
--c
Content-Type: message/rfc822; name=m.eml

Subject: alone
Content-Type: application/pdf; name="a \"b\".pdf"

x
--c--
--a
Content-Type: image/png
Content-Disposition: attachment; filename*0*=utf-8''%C3%A4; filename*1=b.png
Content-ID: <1@x>
Content-Transfer-Encoding: base64

eA==
--a--
`

// TestStructureNumbers: parts have the numbers that a walk through the message gives them (RFC 9051 §6.4.5), and what is
// made of the structure tells the same of them.
func TestStructureNumbers(t *testing.T) {
	for _, letter := range []string{nestedLetter, "Subject: x\n\nx\n", "Content-Type: message/rfc822\n\n" + nestedLetter} {
		letter = strings.ReplaceAll(letter, "\n", "\r\n")
		var got, want []string
		walkStructure(imapserver.ExtractBodyStructure(strings.NewReader(letter)), func(p imapPart) bool {
			a := &attachmentJob{unpacking: &unpacking{opt: &mimeUnpackOptions{}}}
			e := a.entry(p)
			got = append(got, strings.Join([]string{p.number, e.Type, e.Name, e.Disposition, e.ContentID}, " "))
			return true
		})
		for p, err := range mimetool.NewWalker(strings.NewReader(letter), mimetool.Limits{}).Parts() {
			if err != nil {
				t.Fatal(err)
			}
			if !p.IsMultipart() {
				disposition, _ := p.Disposition()
				want = append(want, strings.Join([]string{p.Number, p.Type, p.Name(), disposition, p.ContentID()}, " "))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%.60q has\n%s\nwant\n%s", letter, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// TestPartOf: numbers of multiparts are there too, and those of nothing are not.
func TestPartOf(t *testing.T) {
	bs := imapserver.ExtractBodyStructure(strings.NewReader(strings.ReplaceAll(nestedLetter, "\n", "\r\n")))
	for number, want := range map[string]string{
		"1": "", "1.1": "text/plain", "1.2": "text/html", "2": "message/rfc822", "2.2": "message/rfc822", "2.2.1": "application/pdf", "3": "image/png",
	} {
		p, ok := partOf(bs, number)
		mediaType := "" // of a multipart
		if p.BodyStructureSinglePart != nil {
			mediaType = p.mediaType()
		}
		if !ok || mediaType != want {
			t.Errorf("part %s is %v %q, want %q", number, ok, mediaType, want)
		}
	}
	for _, number := range []string{"4", "1.3", "2.3", "2.2.2", "3.1", "33", "1.1.1"} {
		if _, ok := partOf(bs, number); ok {
			t.Errorf("there is a part %s", number)
		}
	}
}

// TestStructureHeader: what a server says of a part cannot make a field of its own.
func TestStructureHeader(t *testing.T) {
	p := imapPart{number: "1", BodyStructureSinglePart: &goimap.BodyStructureSinglePart{
		Type: "text", Subtype: "plain\r\nX: y", Params: map[string]string{"name": "a\r\nX: y\"\\b", "x\nY*": "z\r\n\r\nbody"}, Encoding: "7bit\r\n\r\nbody",
	}}
	header := mimetool.ParseHeader(p.header())
	if len(header) != 2 || header.Has("X") || header.Has("Y") {
		t.Errorf("%q has %d fields", p.header(), len(header))
	}
	if text := string(p.header()); strings.Count(text, "\r\n\r\n") != 1 || !strings.HasSuffix(text, "\r\n\r\n") {
		t.Errorf("%q", text)
	}
}
