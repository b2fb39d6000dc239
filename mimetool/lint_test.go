package mimetool

import (
	"strings"
	"testing"
)

const lintHead = "From: a@example.org\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\nMIME-Version: 1.0\r\n"

func TestLint(t *testing.T) {
	for _, c := range []struct{ message, want string }{
		{lintHead + "\r\nx\r\n", ""},
		{"Subject: x\r\n\r\nx", "field-missing@From field-missing@Date"},
		{lintHead + "Subject: a\r\nSubject: b\r\n\r\nx", "field-duplicate@Subject"},
		{lintHead + "Subject : a\r\n\r\nx", "field-blank-before-colon@Subject"},
		{"From: a@example.org\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\nContent-Type: text/plain\r\n\r\nx", "field-missing@MIME-Version"},
		{"From: a@example.org\r\nDate: yesterday\r\n\r\nx", "date-syntax@Date"},
		{lintHead + "Message-ID: none\r\n\r\nx", "msg-id-syntax@Message-ID"},
		{lintHead + "Subject: caf\xe9\r\n\r\nx", "header-8bit@Subject"},
		{lintHead + "Subject: café\r\n\r\nx", ""}, // RFC 6532
		{lintHead + "\r\n" + strings.Repeat("x", 999) + "\r\n", "line-too-long@1"},
		{lintHead + "\r\n" + strings.Repeat("x", 998) + "\r\n", ""},
		{lintHead + "\r\nx\ry\r\n", "bare-cr@1"},
		{lintHead + "\r\nx\ny\r\n", "line-ends-mixed@1"},
		{lintHead + "\r\nx\x00y\r\n", "nul@1"},
		{lintHead + "\r\ncaf\xc3\xa9\r\n", "8bit-unlabelled@1"},
		{lintHead + "Content-Transfer-Encoding: 8bit\r\n\r\ncaf\xc3\xa9\r\n", ""},
		{lintHead + "Content-Transfer-Encoding: base64\r\n\r\nQ!Q==\r\n", "base64-junk@1"},
		{lintHead + "Content-Transfer-Encoding: quoted-printable\r\n\r\na=zz \r\n", "qp-bad-escape@1 qp-trailing-blank@1"},
		{lintHead + "Content-Transfer-Encoding: base65\r\n\r\nx\r\n", "encoding-unknown@1"},
		{lintHead + "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nx\r\n", "boundary-unclosed@TEXT"},
		{lintHead + "Content-Type: multipart/mixed; boundary=a\r\nContent-Transfer-Encoding: base64\r\n\r\n--a\r\n\r\nx\r\n--a--\r\n", "multipart-encoded@TEXT"},
		{lintHead + "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a--\r\n", "multipart-empty@TEXT"},
		{lintHead + "Content-Type: multipart/mixed; boundary=\"a*\"\r\n\r\n--a*\r\n\r\nx\r\n--a*--\r\n", "boundary-syntax@TEXT"},
		{lintHead + "Content-Type: message/rfc822\r\n\r\nFrom: a@example.org\r\nSubject: x\r\n\r\nx\r\n", "field-missing@1.1 Date"},
		{lintHead + "no field\r\n\r\nx\r\n", "header-separator-missing@1"},
		{lintHead + "From\r\n : <b@example.org>\r\nSubject: x\r\n\r\nx\r\n", "field-blank-before-colon@From field-duplicate@From"},
		{lintHead + "From\r\n x\r\n\r\nx\r\n", "header-separator-missing@1"},
	} {
		var got []string
		for d, err := range Lint(strings.NewReader(c.message), Limits{}) {
			if err != nil {
				t.Error(err)
			}
			if d.Ref == "" || d.Where == "" {
				t.Errorf("%+v says no rule or no place", d)
			}
			got = append(got, d.Name+"@"+d.Where)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%.80q:\ngot  %s\nwant %s", strings.TrimPrefix(c.message, lintHead), s, c.want)
		}
	}
}

func FuzzLint(f *testing.F) {
	for _, c := range walkCases {
		f.Add([]byte(c.message))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for d, err := range Lint(strings.NewReader(string(b)), Limits{}) {
			if err == nil && (d.Offset < -1 || d.Offset > int64(len(b))) {
				t.Errorf("%v", d)
			}
		}
	})
}
