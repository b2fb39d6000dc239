package sendmail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"posta/internal/dialer"
	"posta/internal/sasl"
)

const plainLetter = "From: a@example.org\nTo: b@example.net\nSubject: x\n\nhello\n.dot\n"

// overWire is plainLetter as it arrives.
const overWire = "From: a@example.org\r\nTo: b@example.net\r\nSubject: x\r\n\r\nhello\r\n.dot\r\n"

func without(names ...string) []string {
	return slices.DeleteFunc(slices.Clone(everything), func(s string) bool {
		return slices.Contains(names, strings.Fields(s)[0])
	})
}

// TestRoundTrips counts how often the client waits for the server.
func TestRoundTrips(t *testing.T) {
	config, pool := certificate(t)
	for _, test := range []struct {
		name  string
		s     *server
		turns int
		to    int
		verbs string
	}{
		{"CHUNKING", &server{}, 2, 1, "EHLO MAIL RCPT BDAT QUIT"},
		{"CHUNKING, two recipients", &server{}, 3, 2, "EHLO MAIL RCPT RCPT BDAT QUIT"},
		{"PIPELINING alone", &server{ext: without("CHUNKING")}, 3, 2, "EHLO MAIL RCPT RCPT DATA QUIT"},
		{"neither", &server{ext: without("CHUNKING", "PIPELINING")}, 6, 1, "EHLO MAIL RCPT DATA QUIT"},
		{"STARTTLS and AUTH", &server{tls: config, auth: "PLAIN LOGIN"}, 6, 1, "EHLO STARTTLS EHLO AUTH MAIL RCPT BDAT QUIT"},
		{"STARTTLS and AUTH, PIPELINING alone", &server{ext: without("CHUNKING"), tls: config, auth: "PLAIN"}, 7, 1, "EHLO STARTTLS EHLO AUTH MAIL RCPT DATA QUIT"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := test.s.start(t)
			quit := make(chan bool, 1)
			s.on = func(line string) string {
				if line == "QUIT" {
					quit <- true
				}
				return ""
			}
			c := s.client(t, func(cfg *Config) {
				cfg.Dialer.RootCAs = pool
				if s.tls != nil {
					cfg.Dialer.Security = dialer.StartTLS
					cfg.Auth = &sasl.Credentials{Username: "u", Password: "secret"}
				}
			})
			to := []string{"b@example.net", "c@example.net"}[:test.to]
			res, err := c.SendAndQuit(context.Background(), &Envelope{From: "a@example.org", To: To(to...)}, letter(t, plainLetter))
			if err != nil {
				t.Fatal(err)
			}
			if res.Status != Accepted || res.ID != "Q1" {
				t.Errorf("result %+v", res)
			}
			c.Close()
			<-quit
			s.stop() // what came after QUIT counts too
			if got := s.verbs(); got != test.verbs {
				t.Errorf("commands %s", got)
			}
			if s.seen().turns != test.turns {
				t.Errorf("%d turns, want %d", s.seen().turns, test.turns)
			}
			if len(s.seen().letters) != 1 || s.seen().letters[0].body != overWire || !slices.Equal(s.seen().letters[0].to, to) {
				t.Errorf("caught %+v", s.seen().letters)
			}
		})
	}
}

// TestRefusedRecipients: some refused, the rest delivered (RFC 5321 §3.3).
func TestRefusedRecipients(t *testing.T) {
	for _, ext := range [][]string{everything, without("CHUNKING"), without("CHUNKING", "PIPELINING"), without("PIPELINING")} {
		s := (&server{ext: ext, on: func(line string) string {
			if strings.HasPrefix(line, "RCPT TO:<bad") {
				return "550-5.1.1 no such\n550 5.1.1 user"
			}
			return ""
		}}).start(t)
		c := s.client(t, nil)
		send := func(all bool, to ...string) (*Result, error) {
			return c.Send(context.Background(), &Envelope{From: "a@b", To: To(to...), AllOrNothing: all}, letter(t, plainLetter))
		}
		res, err := send(false, "good@x", "bad1@x", "fine@x", "bad2@x")
		if err != nil || res.Status != Partial || len(res.Accepted) != 2 || len(res.Refused) != 2 {
			t.Fatalf("%v %+v", err, res)
		}
		if e := res.Refused[0].Err; e.Code != 550 || e.Enhanced != [3]int{5, 1, 1} || e.Text != "no such\nuser" || e.Recipient != "bad1@x" {
			t.Errorf("%+v", e)
		}
		// All refused: nobody gets anything, and the next letter is not in the old transaction.
		var e *Error
		if res, err = send(false, "bad@x"); !errors.As(err, &e) || e.Stage != StageRCPT || e.Temporary() || res.Status != Refused {
			t.Errorf("%v %+v", err, res)
		}
		if res, err = send(true, "good@x", "bad@x"); err == nil || res.Status != Refused || len(res.Accepted) != 0 || len(res.Refused) != 2 {
			t.Errorf("all or nothing: %v %+v", err, res)
		}
		if _, err = send(true, "good@x"); err != nil {
			t.Error(err)
		}
		if len(s.seen().wrong) > 0 || len(s.seen().letters) != 2 || !slices.Equal(s.seen().letters[1].to, []string{"good@x"}) {
			t.Errorf("%v: wrong %q, letters %+v", ext, s.seen().wrong, s.seen().letters)
		}
	}
}

// TestLoneDot: RFC 2920 §3.1, a server that begins DATA although it refused all.
func TestLoneDot(t *testing.T) {
	end := false
	s := (&server{ext: without("CHUNKING"), on: func(line string) string {
		switch {
		case strings.HasPrefix(line, "RCPT TO:<bad"):
			return "450 later"
		case line == "DATA" && !end:
			end = true
			return "354 go"
		case line == ".":
			return "554 5.5.1 nobody"
		}
		return ""
	}}).start(t)
	c := s.client(t, nil)
	_, err := c.Send(context.Background(), &Envelope{To: To("bad@x", "bad2@x")}, letter(t, plainLetter))
	var e *Error
	if !errors.As(err, &e) || e.Code != 450 || !e.Temporary() {
		t.Error(err)
	}
	if got := s.verbs(); got != "EHLO MAIL RCPT RCPT DATA ." {
		t.Error(got)
	}
	if c.Broken() {
		t.Error("the connection is lost")
	}
}

// TestMailRefusedRcptAccepted: a lone dot would deliver an empty letter here.
func TestMailRefusedRcptAccepted(t *testing.T) {
	s := (&server{ext: without("CHUNKING"), on: func(line string) string {
		switch line[:4] {
		case "MAIL":
			return "550 no"
		case "RCPT":
			return "250 yes"
		case "DATA":
			return "354 go"
		}
		return ""
	}}).start(t)
	c := s.client(t, nil)
	_, err := c.Send(context.Background(), &Envelope{To: To("b@x")}, letter(t, plainLetter))
	var e *Error
	if !errors.As(err, &e) || e.Code != 550 || e.Stage != StageMAIL {
		t.Error(err)
	}
	if !c.Broken() || strings.Contains(s.verbs(), " .") {
		t.Errorf("broken %v, %s", c.Broken(), s.verbs())
	}
}

// TestTooManyRecipients: RFC 5321 §4.5.3.1.10, the rest goes in further transactions.
func TestTooManyRecipients(t *testing.T) {
	for _, ext := range [][]string{everything, without("CHUNKING"), without("CHUNKING", "PIPELINING")} {
		s := &server{ext: ext}
		n := 0
		s.on = func(line string) string {
			switch line[:4] {
			case "MAIL":
				n = 0
			case "RCPT":
				if n++; n > 100 {
					return "452 4.5.3 too many recipients"
				}
			}
			return ""
		}
		s.start(t)
		var to []string
		for i := range 250 {
			to = append(to, fmt.Sprintf("u%d@x", i))
		}
		c := s.client(t, nil)
		res, err := c.SendAndQuit(context.Background(), &Envelope{From: "a@b", To: To(to...)}, letter(t, plainLetter))
		if err != nil || res.Status != Accepted || len(res.Accepted) != 250 || len(res.Deliveries) != 3 {
			t.Fatalf("%v %+v", err, res)
		}
		var got []string
		for _, l := range s.seen().letters {
			got = append(got, l.to...)
		}
		if len(s.seen().letters) != 3 || !slices.Equal(got, to) || len(s.seen().wrong) > 0 {
			t.Errorf("%d letters, wrong %q", len(s.seen().letters), s.seen().wrong)
		}
		c = s.client(t, nil)
		if res, err = c.Send(context.Background(), &Envelope{From: "a@b", To: To(to...), AllOrNothing: true}, letter(t, plainLetter)); err == nil || len(res.Accepted) != 0 {
			t.Errorf("all or nothing: %v", err)
		}
	}
}

// TestManyRecipients: replies are read while commands are written, else both ends would wait.
func TestManyRecipients(t *testing.T) {
	s := (&server{}).start(t)
	var to []string
	for i := range 20000 {
		to = append(to, fmt.Sprintf("recipient-number-%d@example.org", i))
	}
	res, err := s.client(t, nil).Send(context.Background(), &Envelope{From: "a@b", To: To(to...)}, letter(t, plainLetter))
	if err != nil || len(res.Accepted) != len(to) || !slices.Equal(s.seen().letters[0].to, to) {
		t.Fatal(err, len(res.Accepted))
	}
}

// TestLMTP: RFC 2033 §4.2, a reply for each recipient that was accepted.
func TestLMTP(t *testing.T) {
	s := (&server{
		lmtp: true, ext: without(),
		on: func(line string) string {
			if strings.Contains(line, "bad") {
				return "550 5.1.1 no"
			}
			return ""
		},
		onData: func(*caught) string { return "250 2.0.0 one\n552 5.2.2 full\n450 4.2.0 later" },
	}).start(t)
	c := s.client(t, nil)
	res, err := c.Send(context.Background(), &Envelope{From: "a@b", To: To("one@x", "bad@x", "two@x", "three@x")}, letter(t, plainLetter))
	if err != nil || res.Status != Partial || len(res.Accepted) != 1 || len(res.Refused) != 3 {
		t.Fatalf("%v %+v", err, res)
	}
	if e := res.Refused[2].Err; e.Recipient != "three@x" || e.Code != 450 || e.Stage != StageDataEnd {
		t.Error(e)
	}
	if err := c.Noop(context.Background()); err != nil {
		t.Error(err)
	}
}

// TestInDoubt: the connection ends between the letter and its reply.
func TestInDoubt(t *testing.T) {
	for _, ext := range [][]string{everything, without("CHUNKING")} {
		s := (&server{ext: ext, onData: func(*caught) string { return "-" }}).start(t)
		c := s.client(t, nil)
		res, err := c.Send(context.Background(), &Envelope{From: "a@b", To: To("b@x")}, letter(t, plainLetter))
		var e *Error
		if !errors.As(err, &e) || !e.InDoubt || !e.Temporary() || res.Status != InDoubt || !c.Broken() {
			t.Errorf("%v %+v", err, res)
		}
		if !strings.Contains(err.Error(), "may or may not have been delivered") {
			t.Error(err)
		}
	}
}

// TestServiceClosing: 421 can answer anything (RFC 5321 §3.8), and then nothing was taken.
func TestServiceClosing(t *testing.T) {
	for _, stage := range []string{"MAIL", "RCPT", "DATA"} {
		s := (&server{ext: without("CHUNKING"), on: func(line string) string {
			if strings.HasPrefix(line, stage) {
				return "421 4.3.2 shutting down"
			}
			return ""
		}}).start(t)
		res, err := s.client(t, nil).Send(context.Background(), &Envelope{From: "a@b", To: To("b@x")}, letter(t, plainLetter))
		var e *Error
		if !errors.As(err, &e) || e.Code != 421 || !errors.Is(err, ErrUnsent) || res.Status != Unsent || !e.Temporary() {
			t.Errorf("%s: %v %+v", stage, err, res)
		}
	}
}
