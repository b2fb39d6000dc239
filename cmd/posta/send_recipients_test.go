package main

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"posta/mimetool"
	"posta/sendmail"
)

func addressesOf(r *recipients) string {
	var all []string
	for _, to := range r.envelope() {
		all = append(all, to.Address)
	}
	return strings.Join(all, " ")
}

func TestRecipients(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"bob@example.org", "bob@example.org"},
		{"root", "root"},
		{"Bob <bob@example.org>", "bob@example.org"},
		{`"Bob, B." <bob@example.org> (his), carl@example.org`, "bob@example.org carl@example.org"},
		{"friends: bob@example.org, carl@example.org;", "bob@example.org carl@example.org"}, // RFC 5322 §3.4
		{"undisclosed-recipients:;", ""},
		{"bob@example.org, bob@EXAMPLE.org, Bob@example.org", "bob@example.org Bob@example.org"}, // RFC 5321 §2.4
		{`"odd one"@example.org`, `"odd one"@example.org`},
		{"bücher@bücher.example", "bücher@bücher.example"},                                     // RFC 6531
		{"mailto:bob@example.org", "bob@example.org"},                                          // RFC 6068 §2
		{"MAILTO:bob%2Bx@example.org,carl@example.org", "bob+x@example.org carl@example.org"},  // RFC 6068 §5
		{"mailto:?to=bob@example.org&cc=carl@example.org", "bob@example.org carl@example.org"}, // RFC 6068 §2
		{"mailto:%22not%40me%22@example.org", `"not@me"@example.org`},                          // RFC 6068 §6.2
		{"mailto:bob@example.org?bcc=Carl%20%3Ccarl@example.org%3E", "bob@example.org carl@example.org"},
	} {
		r := &recipients{}
		if err := r.add(&r.to, c.text, &mailto{}); err != nil {
			t.Errorf("%s: %v", c.text, err)
		} else if got := addressesOf(r); got != c.want {
			t.Errorf("%s: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestRecipientsRefused(t *testing.T) {
	for _, text := range []string{
		"", " ", "bob@", "@example.org", "bob@example.org\r\nRCPT TO:<eve@example.org>", "bob@example.org>", "<bob@example.org", "a b@example.org",
		"bob@example.org\x00", "bob@exa mple.org", "mailto:bob@example.org?from=x@y", "mailto:bob%0A@example.org", "mailto:%zz@example.org",
		"mailto:bob@example.org?attach=/etc/passwd", "mailto:bob@example.org?subject=a%0D%0ABcc:eve@example.org", "bob@-example.org",
	} {
		r := &recipients{}
		if err := r.add(&r.to, text, &mailto{}); err == nil {
			t.Errorf("%q: got %q", text, addressesOf(r))
		}
	}
}

func TestMailtoFields(t *testing.T) {
	r, m := &recipients{}, &mailto{}
	if err := r.add(&r.to, "mailto:a@b.example?subject=caf%C3%A9+x&body=one%0D%0Atwo&in-reply-to=%3C1@b.example%3E", m); err != nil {
		t.Fatal(err)
	}
	want := []mimetool.DraftField{{Name: "subject", Value: "café+x"}, {Name: "in-reply-to", Value: "<1@b.example>"}}
	if !slices.Equal(m.fields, want) || !slices.Equal(m.body, []string{"one\r\ntwo"}) {
		t.Errorf("got %q, %q", m.fields, m.body)
	}
}

func TestHeaderRecipients(t *testing.T) {
	for _, c := range []struct{ header, want string }{
		{"To: a@x, b@x\nCc: c@x\nBcc: d@x\n", "a@x b@x c@x d@x"},
		{"to: a@x\nTO: b@x\nBcc:\n", "a@x b@x"},
		{"To: =?utf-8?q?=C3=84?= <a@x>,\n\tb@x\n", "a@x b@x"},
		{"To: undisclosed-recipients:;\n", ""},
		{"Subject: x\n", ""},
		{"Resent-To: r@x\nResent-Bcc: s@x\nReceived: y\nResent-To: old@x\nTo: a@x\n", "r@x s@x"}, // RFC 5322 §3.6.6
		{"Resent-From: r@x\nReceived: y\nTo: a@x\n", "a@x"},
	} {
		r, err := headerRecipients(mimetool.ParseHeader([]byte(c.header)))
		if err != nil {
			t.Errorf("%q: %v", c.header, err)
		} else if got := addressesOf(r); got != c.want {
			t.Errorf("%q: got %q, want %q", c.header, got, c.want)
		}
	}
}

// FuzzRecipients: whatever is given, an address that comes out can stand in RCPT, and no field has a line end.
func FuzzRecipients(f *testing.F) {
	for _, s := range []string{
		"Bob <bob@example.org>, g: a@b.c;", "mailto:a%2C@b?cc=c@d&subject=x%20y&body=%0D%0A", "\"a\\\"b\"@c (d(e))", "@a,@b:c@d", "mailto:?to=mailto:a@b",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, m := &recipients{}, &mailto{}
		if r.add(&r.to, text, m) != nil {
			return
		}
		for _, to := range r.envelope() {
			if err := sendmail.CheckAddress(to.Address); err != nil || to.Address == "" {
				t.Errorf("%q: %q: %v", text, to.Address, err)
			}
		}
		for _, field := range m.fields {
			if strings.ContainsFunc(field.Name+field.Value, unicode.IsControl) {
				t.Errorf("%q: field %q", text, field)
			}
		}
	})
}

func TestAttachmentArgument(t *testing.T) {
	for text, want := range map[string][2]string{
		"report.pdf":                       {"report.pdf", ""},
		"report:application/pdf":           {"report", "application/pdf"},
		"a:b.txt":                          {"a:b.txt", ""},
		"page:text/html; charset=utf-8":    {"page", "text/html; charset=utf-8"},
		"-:job.log":                        {"-:job.log", ""},
		"-:job.log:text/plain":             {"-:job.log", "text/plain"},
		"dir/file:image/svg+xml":           {"dir/file", "image/svg+xml"},
		"https://example.org/not a type/x": {"https://example.org/not a type/x", ""},
	} {
		if path, mediaType := cutType(text); path != want[0] || mediaType != want[1] {
			t.Errorf("%s: got %q, %q", text, path, mediaType)
		}
	}
}

func TestAsked(t *testing.T) {
	a, err := readAsked([]string{"notify=failure,delay", "ret=hdrs", "envid=x y", "requiretls", "hold=2h", "by=30m,notify", "priority=-3"})
	if err != nil {
		t.Fatal(err)
	}
	env := a.envelope("a@b", sendmail.To("c@d"))
	if len(env.To[0].Options.Notify) != 2 || env.Options.Return != "HDRS" || env.Options.EnvelopeID != "x y" || !env.Options.RequireTLS ||
		env.HoldFor.Hours() != 2 || env.DeliverBy.Mode != "N" || *env.Priority != -3 {
		t.Errorf("got %+v", env)
	}
	for _, o := range []string{
		"", "x=1", "notify=", "notify=never,failure", "notify=maybe", "ret=some", "envid=", "envid=\x01", "requiretls=1", "hold=0s", "hold=soon",
		"by=1", "by=30m,whatever", "priority=10", "priority=high",
	} {
		if _, err := readAsked([]string{o}); statusOf(err) != exitUsage {
			t.Errorf("-o %q: got %v", o, err)
		}
	}
}

func TestRate(t *testing.T) {
	for text, want := range map[string]string{"20/s": "20/1s", "20": "20/1s", "0.5/m": "0.5/1m0s", "5000/h": "5000/1h0m0s"} {
		var r sendRate
		if err := r.Set(text); err != nil || r.String() != want {
			t.Errorf("%s: got %s, %v", text, r.String(), err)
		}
	}
	for _, text := range []string{"", "0", "-1/s", "x/s", "1/d", "1/", "nan", "inf/s"} {
		var r sendRate
		if err := r.Set(text); err == nil && text != "1/" {
			t.Errorf("%q: got %s", text, r.String())
		}
	}
}
