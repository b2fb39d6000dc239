package sandbox

import (
	"bufio"
	"crypto/tls"
	"io"
	"strings"
	"testing"
	"time"
)

// turn is one turn of a dialogue: what the client writes, and how the lines begin that come back.
type turn struct {
	write string
	want  []string
}

var (
	hello    = turn{"EHLO me\r\n", []string{"250-Hello", "250-PIPELINING", "250-8BITMIME", "250-ENH", "250-CHUNKING", "250-AUTH", "250-SMTPUTF8", "250-BINARY", "250-DSN", "250-SIZE", "250-RRVS", "250-DELIVERBY", "250-MT", "250 STARTTLS"}}
	greeting = turn{"", []string{"220 mx.sandbox.test"}}
	envelope = turn{"MAIL FROM:<ann@x>\r\nRCPT TO:<bob@x>\r\n", []string{"250 2.0.0 Roger", "250 2.0.0 I'll"}}
	data     = turn{"DATA\r\n", []string{"354"}}
	letter   = turn{"Subject: x\r\n\r\n.\r\n", []string{"250 2.0.0 OK"}}
	bye      = turn{"QUIT\r\n", []string{"221"}}
)

// TestFaults: what is scripted for a stage happens there, to whom it is meant for, and no letter is kept by half.
func TestFaults(t *testing.T) {
	for _, tc := range []struct {
		name  string
		fault Fault
		turns []turn // an end of the connection is expected after the last
		kept  int
	}{
		{"nothing", Fault{Stage: "rcpt", Match: "other@*", Drop: true}, []turn{greeting, hello, envelope, data, letter, bye}, 1},
		{"421 for a greeting", Fault{Stage: "connect", Reply: "421 4.3.2 busy"}, []turn{{"", []string{"421 4.3.2 busy"}}}, 0},
		{"554 for a greeting", Fault{Stage: "connect", Reply: "554 no"}, []turn{{"", []string{"554 no"}}, {"EHLO me\r\n", []string{"503"}}, bye}, 0},
		{"another greeting", Fault{Stage: "connect", Reply: "220-slow\r\n220 host"}, []turn{{"", []string{"220-slow", "220 host"}}, hello, bye}, 0},
		{"connect and drop", Fault{Stage: "connect", Drop: true}, nil, 0},
		{"no TLS", Fault{Stage: "starttls", Reply: "454 4.7.0 no"}, []turn{greeting, hello, {"STARTTLS\r\n", []string{"454"}}, envelope, data, letter, bye}, 1},
		{"no EHLO", Fault{Stage: "ehlo", Match: "me", Reply: "502 what?", Times: 1}, []turn{greeting, {"EHLO me\r\n", []string{"502"}}, {"HELO me\r\n", []string{"250"}}, envelope, bye}, 0},
		{"fewer keywords", Fault{Stage: "ehlo", Without: []string{"starttls", "CHUNKING"}}, []turn{
			greeting,
			{"EHLO me\r\n", []string{"250-Hello", "250-PIPELINING", "250-8BITMIME", "250-ENH", "250-AUTH", "250-SMTPUTF8", "250-BINARY", "250-DSN", "250-SIZE", "250-RRVS", "250-DELIVERBY", "250 MT"}},
			{"STARTTLS\r\n", []string{"502"}},
			envelope,
			{"BDAT 4\r\nQUITNOOP\r\n", []string{"502", "250"}},
			bye,
		}, 0},
		{"AUTH fails", Fault{Stage: "auth", Match: "ann", Reply: "535 5.7.8 no"}, []turn{greeting, hello, {"AUTH PLAIN AGFubgBwdw==\r\n", []string{"535 5.7.8 no"}}, {"AUTH PLAIN AGJvYgBwdw==\r\n", []string{"235"}}, bye}, 0},
		{"AUTH later", Fault{Stage: "auth", Reply: "454 4.7.0 later", Times: 1}, []turn{greeting, hello, {"AUTH LOGIN\r\n", []string{"334 VXNlcm5hbWU6"}}, {"YW5u\r\n", []string{"334 UGFzc3dvcmQ6"}}, {"cHc=\r\n", []string{"454"}}, bye}, 0},
		{"sender", Fault{Stage: "mail", Match: "ann", Reply: "550 5.7.1 no"}, []turn{greeting, hello, {envelope.write, []string{"550 5.7.1 no", "502"}}, bye}, 0},
		{"recipient once", Fault{Stage: "rcpt", Match: "bob@*", Reply: "451 4.7.1 grey", Times: 1}, []turn{greeting, hello, {envelope.write + "RCPT TO:<bob@x>\r\n", []string{"250", "451 4.7.1 grey", "250"}}, data, letter, bye}, 1},
		{"local part alone", Fault{Stage: "rcpt", Match: "root", Reply: "550 no"}, []turn{greeting, hello, {"MAIL FROM:<>\r\nRCPT TO:<root>\r\nRCPT TO:<cron>\r\n", []string{"250", "550", "250"}}, data, letter, bye}, 1},
		{"garbage", Fault{Stage: "mail", Reply: "what?\x00\xff\r\n"}, []turn{greeting, hello, {"MAIL FROM:<a@x>\r\n", []string{"what?\x00\xff"}}, bye}, 0},
		{"DATA refused", Fault{Stage: "data", Match: "bob@x", Reply: "451 4.3.0 no"}, []turn{greeting, hello, envelope, {"DATA\r\n", []string{"451"}}, {"RSET\r\n", []string{"250"}}, bye}, 0},
		{"421 for DATA", Fault{Stage: "data", Reply: "421 4.3.0 bye"}, []turn{greeting, hello, envelope, {"DATA\r\n", []string{"421"}}}, 0},
		{"BDAT refused, and what follows", Fault{Stage: "data", Reply: "451 4.3.0 no", Times: 1}, []turn{
			greeting, hello, envelope, {"BDAT 5\r\nQUIT\nBDAT 4 LAST\r\nQUIT", []string{"451", "502"}}, bye,
		}, 0},
		{"drop in the letter", Fault{Stage: "body", Drop: true}, []turn{greeting, hello, envelope, data}, 0},
		{"cut in the letter", Fault{Stage: "body", CutAfter: 12}, []turn{greeting, hello, envelope, data, {letter.write, nil}}, 0},
		{"cut after the letter", Fault{Stage: "body", CutAfter: 15}, []turn{greeting, hello, envelope, data, letter, bye}, 1},
		{"cut in a chunk", Fault{Stage: "body", CutAfter: 5}, []turn{greeting, hello, envelope, {"BDAT 6 LAST\r\n012345", nil}}, 0},
		{"refused at the end", Fault{Stage: "end", Reply: "552 5.2.2 full"}, []turn{greeting, hello, envelope, data, {letter.write, []string{"552"}}, bye}, 0},
		{"refused at the last chunk", Fault{Stage: "end", Reply: "452 4.2.2 full"}, []turn{greeting, hello, envelope, {"BDAT 2 LAST\r\n\r\n", []string{"452"}}, bye}, 0},
		{"another 250", Fault{Stage: "end", Reply: "250 2.0.0 queued as ABC"}, []turn{greeting, hello, envelope, data, {letter.write, []string{"250 2.0.0 queued as ABC"}}, bye}, 1},
		{"drop after the letter", Fault{Stage: "end", Drop: true}, []turn{greeting, hello, envelope, data, {letter.write, nil}}, 1},
		{"drop at QUIT", Fault{Stage: "quit", Drop: true}, []turn{greeting, hello, {"QUIT\r\n", nil}}, 0},
		{"drip", Fault{Stage: "quit", Drip: Duration(time.Microsecond)}, []turn{greeting, hello, bye}, 0},
		{"drip in the letter", Fault{Stage: "body", Drip: Duration(time.Microsecond)}, []turn{greeting, hello, envelope, data, letter, bye}, 1},
		{"delay", Fault{Stage: "mail", Delay: Duration(time.Millisecond)}, []turn{greeting, hello, envelope, data, letter, bye}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sb := start(t, Options{})
			if err := sb.Fail(tc.fault); err != nil {
				t.Fatal(err)
			}
			c := dialRaw(t, sb.SMTPAddr())
			for _, turn := range tc.turns {
				c.write(turn.write)
				for _, want := range turn.want {
					c.want(want)
				}
			}
			if rest := c.end(); rest != "" {
				t.Errorf("more than expected: %q", rest)
			}
			if found := settled(sb); len(found) != tc.kept {
				t.Errorf("%d letters were kept, want %d", len(found), tc.kept)
			}
		})
	}
}

// settled ends the sandbox, so that nothing is on its way any more, and returns what it had caught.
func settled(sb *Sandbox) []*Message {
	sb.Close()
	letters, _ := sb.store.snapshot()
	return letters
}

// TestStall: nothing more comes, at whatever stage; the connection stays until one side ends it.
func TestStall(t *testing.T) {
	for stage, turns := range map[string][]turn{
		"connect": {},
		"ehlo":    {greeting, {"EHLO me\r\n", nil}},
		"rcpt":    {greeting, hello, {envelope.write, []string{"250"}}},
		"body":    {greeting, hello, envelope, data, {"Subject: x\r\n", nil}},
		"end":     {greeting, hello, envelope, data, {letter.write, nil}},
	} {
		sb := start(t, Options{})
		if err := sb.Fail(Fault{Stage: stage, Stall: true}); err != nil {
			t.Fatal(err)
		}
		c := dialRaw(t, sb.SMTPAddr())
		for _, turn := range turns {
			c.write(turn.write)
			for _, want := range turn.want {
				c.want(want)
			}
		}
		c.nc.SetReadDeadline(time.Now().Add(30 * time.Millisecond))
		if line, err := c.r.ReadString('\n'); err == nil || line != "" || err == io.EOF {
			t.Errorf("stalled at %s, but read %q, %v", stage, line, err)
		}
		sb.Close()
	}
}

// TestTLSFaults: a handshake that is cut or never comes, on both ports.
func TestTLSFaults(t *testing.T) {
	for _, fault := range []Fault{{Stage: "tls", Drop: true}, {Stage: "tls", Stall: true}} {
		sb := start(t, Options{})
		if err := sb.Fail(fault); err != nil {
			t.Fatal(err)
		}
		for _, addr := range []string{sb.SMTPAddr(), sb.SMTPSAddr()} {
			c := dialRaw(t, addr)
			if addr == sb.SMTPAddr() {
				c.want("220")
				c.say("STARTTLS", "220")
			}
			c.nc.SetDeadline(time.Now().Add(50 * time.Millisecond))
			if err := tls.Client(c.nc, clientTLS(t, sb)).Handshake(); err == nil {
				t.Errorf("%+v: a handshake", fault)
			}
		}
	}
}

// TestSTARTTLSForgets: what came before the handshake, or behind the command, is not believed (RFC 3207 §4.2).
func TestSTARTTLSForgets(t *testing.T) {
	sb := start(t, Options{})
	c := dialRaw(t, sb.SMTPAddr())
	c.want("220")
	c.say("EHLO me", "250 ")
	c.say("MAIL FROM:<ann@x>", "250")
	c.write("STARTTLS\r\nRCPT TO:<eve@x>\r\n")
	c.want("220")
	conn := tls.Client(c.nc, clientTLS(t, sb))
	s := &rawClient{t, conn, nil}
	if err := conn.Handshake(); err != nil {
		t.Fatal(err)
	}
	s.r = bufio.NewReader(conn)
	s.say("RCPT TO:<bob@x>", "502")
	if reply := s.say("EHLO me", "250 "); strings.Contains(reply, "STARTTLS") || !strings.Contains(reply, "REQUIRETLS") {
		t.Errorf("keywords under TLS: %s", reply)
	}
	s.say("RCPT TO:<bob@x>", "502")
	s.say("STARTTLS", "502")
	s.say("QUIT", "221")
}
