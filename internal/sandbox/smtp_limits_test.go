package sandbox

import (
	"fmt"
	"strings"
	"testing"
)

// TestEnvelope: what MAIL and RCPT say is kept as the client wrote it.
func TestEnvelope(t *testing.T) {
	sb := start(t, Options{})
	c := dialRaw(t, sb.SMTPAddr())
	c.want("220")
	c.say("EHLO client.example", "250 ")
	c.say(`MAIL FROM:<"a b>"@x.example> SIZE=3 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=id+3D1 AUTH=<>`, "250")
	c.say("RCPT TO:<Bob@Example.ORG> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;bob+2Bx@example.org", "250")
	c.say("RCPT TO:<jürgen@bücher.example>", "250")
	c.say("RCPT TO:<postmaster>", "250")
	c.say("RCPT TO:<@relay.example:eve@x.example>", "250")
	c.say("DATA", "354")
	c.say("x\r\n.", "250")
	m := wait(t, sb, Match{}, 1)[0]
	if m.From != `"a b>"@x.example` || fmt.Sprint(m.To) != "[Bob@Example.ORG jürgen@bücher.example postmaster eve@x.example]" {
		t.Errorf("addresses %q %q", m.From, m.To)
	}
	if o := m.Mail; o == nil || o.Size != 3 || o.Body != "8BITMIME" || !o.UTF8 || o.Return != "HDRS" || o.EnvelopeID != "id=1" || o.Auth == nil || *o.Auth != "" {
		t.Errorf("MAIL %+v", m.Mail)
	}
	if r := m.Rcpt[0]; fmt.Sprint(r.Notify) != "[SUCCESS DELAY]" || r.Original != "rfc822;bob+x@example.org" {
		t.Errorf("RCPT %+v", r)
	}
	if m.Session.Protocol != "UTF8SMTP" || m.Session.Helo != "client.example" || m.Session.TLS != "" {
		t.Errorf("session %+v", m.Session)
	}
}

// TestLimits: size and recipients are bounded where that is asked for, and the dialogue goes on.
func TestLimits(t *testing.T) {
	sb := start(t, Options{MaxSize: 10, MaxRecipients: 2, Without: []string{"AUTH"}})
	c := dialRaw(t, sb.SMTPAddr())
	c.want("220")
	if reply := c.say("EHLO me", "250 "); !strings.Contains(reply, "SIZE 10\r\n") || strings.Contains(reply, "AUTH") {
		t.Errorf("keywords: %s", reply)
	}
	c.say("AUTH PLAIN AGFubgBwdw==", "502")
	c.say("MAIL FROM:<a@x> SIZE=11", "552")
	for _, content := range []struct{ data, want string }{{"0123456789x\r\n", "552"}, {"01234567\r\n", "250"}} {
		c.say("MAIL FROM:<a@x>", "250")
		c.say("RCPT TO:<b@x>", "250")
		c.say("DATA", "354")
		c.say(content.data+".", content.want)
	}
	c.say("MAIL FROM:<a@x>", "250")
	c.say("RCPT TO:<b@x>", "250")
	c.say("RCPT TO:<c@x>", "250")
	c.say("RCPT TO:<d@x>", "452")
	c.say("BDAT 11 LAST\r\n01234567890", "552")
	c.say(strings.Repeat("x", 3*maxLine), "500")
	c.say("NOOP", "250")
	c.say("QUIT", "221")
	if found := settled(sb); len(found) != 1 || mustBytes(t, found[0]) != "01234567\r\n" {
		t.Errorf("%d letters", len(found))
	}
}

// TestLMTP: a reply for each recipient, and the letter for those who are not refused (RFC 2033 §4.2).
func TestLMTP(t *testing.T) {
	sb := start(t, Options{})
	for _, f := range []Fault{
		{Stage: "end", Match: "full@*", Reply: "452 4.2.2 full"},
		{Stage: "end", Match: "odd@*", Reply: "550 gone"},
	} {
		if err := sb.Fail(f); err != nil {
			t.Fatal(err)
		}
	}
	for _, transfer := range []struct{ command, want string }{
		{"DATA\r\nx\r\n.", "354"}, {"BDAT 3 LAST\r\nx\r\n", ""},
	} {
		c := dialRaw(t, sb.LMTPAddr())
		c.want("220")
		c.say("EHLO me", "500")
		if reply := c.say("LHLO me", "250 "); strings.Contains(reply, "STARTTLS") {
			t.Errorf("keywords: %s", reply)
		}
		c.write("MAIL FROM:<>\r\nRCPT TO:<ann@x>\r\nRCPT TO:<full@x>\r\nRCPT TO:<\"odd\"@x>\r\nRCPT TO:<odd@x>\r\n")
		for range 5 {
			c.want("250")
		}
		if strings.HasPrefix(transfer.command, "BDAT") {
			c.write(transfer.command)
		} else {
			c.write(transfer.command + "\r\n")
			c.want("354")
		}
		c.want("250 2.0.0 <ann@x>")
		c.want("452 4.2.2 <full@x> full")
		c.want("250 2.0.0 <odd@x>")
		c.want("550 <odd@x> gone")
		c.say("QUIT", "221")
	}
	for _, m := range wait(t, sb, Match{}, 2) {
		if fmt.Sprint(m.To) != `[ann@x "odd"@x]` || m.Session.Protocol != "LMTP" || mustBytes(t, m) != "x\r\n" {
			t.Errorf("%+v", m)
		}
	}
}

// TestMaildir: letters go to new by way of tmp, octet for octet; a refused one leaves nothing.
func TestMaildir(t *testing.T) {
	dir := t.TempDir() + "/box"
	sb := start(t, Options{Dir: dir})
	for i := range 3 {
		if i == 2 {
			if err := sb.Fail(Fault{Stage: "end", Reply: "451 no"}); err != nil {
				t.Fatal(err)
			}
		}
		if err := sendMail(sb, "bob@x", strings.Repeat("line\r\n", i+1)); (err != nil) != (i == 2) {
			t.Fatal(err)
		}
	}
	letters := wait(t, sb, Match{}, 2)
	if err := sb.Reset(); err != nil {
		t.Error(err)
	}
	for sub, want := range map[string]int{"tmp": 0, "new": 2, "cur": 0} {
		if n := countFiles(t, dir+"/"+sub); n != want {
			t.Errorf("%s: %d files, want %d", sub, n, want)
		}
	}
	for i, m := range letters {
		if got := mustBytes(t, m); got != strings.Repeat("line\r\n", i+1) || !strings.HasPrefix(m.Path, dir+"/new/") {
			t.Errorf("letter %d at %s: %q", i, m.Path, got)
		}
	}
}
