package imap

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"posta/internal/dialer"
	"posta/internal/sasl"
)

// hanging is how long a case may take before it counts as hanging.
const hanging = 20 * time.Second

// dialogue is what a scripted server says (S:) and expects to hear (C:), line by line. The server says nothing before it
// has heard all lines above: what stands together was sent without waiting. "S<" is a line without its end.
type dialogue string

// hello is the begin of most dialogues: a login that needs one turn.
const hello = "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi\nC: p1 AUTHENTICATE PLAIN AHUAcA==\nS: p1 OK [CAPABILITY IMAP4rev1 CAPS] in\n"

// with is hello by a server with these capabilities, and what follows.
func with(caps string, rest string) dialogue {
	return dialogue(strings.Replace(hello, "CAPS", caps, 1) + rest)
}

// turns is how often the client has to wait for the server, the greeting included.
func (d dialogue) turns() int {
	n, last := 0, ""
	for line := range strings.Lines(string(d)) {
		who := line[:1]
		if who == "S" && last != "S" {
			n++
		}
		last = who
	}
	return n
}

// server is a scripted server.
type server struct {
	t    *testing.T
	cut  int // after how many octets it ends the connection; <0: never
	said int
	done chan struct{}
	addr string
}

// serve plays d to one client.
func serve(t *testing.T, d dialogue, cut int) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, cut: cut, done: make(chan struct{}), addr: l.Addr().String()}
	go func() {
		defer close(s.done)
		defer l.Close()
		l.(*net.TCPListener).SetDeadline(time.Now().Add(hanging))
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(hanging))
		s.play(d, conn)
	}()
	return s
}

func (s *server) play(d dialogue, conn net.Conn) {
	in := bufio.NewReader(conn)
	for line := range strings.Lines(string(d)) {
		line = strings.TrimSuffix(line, "\n")
		who, text, _ := strings.Cut(line, " ")
		if who == "C:" {
			got, err := in.ReadString('\n')
			got = strings.TrimRight(got, "\r\n")
			if head, ok := strings.CutSuffix(text, "RESPONSE"); ok && strings.HasPrefix(got, head) { // a nonce is in it
				got = text
			}
			if got != text && s.cut < 0 {
				s.t.Errorf("client said %q, expected %q (%v)", got, text, err)
			}
			if err != nil {
				return
			}
			continue
		}
		if who == "S:" {
			text += "\r\n"
		}
		text = strings.ReplaceAll(strings.ReplaceAll(text, `\r`, "\r"), `\n`, "\n")
		if s.cut >= 0 && s.said+len(text) >= s.cut {
			io.WriteString(conn, text[:s.cut-s.said])
			return
		}
		s.said += len(text)
		io.WriteString(conn, text)
	}
	if rest, _ := in.ReadString('\n'); s.cut < 0 && rest != "" && !strings.HasSuffix(rest, " LOGOUT\r\n") {
		s.t.Errorf("client said %q, expected nothing more", rest)
	}
}

func (s *server) config() Config {
	return Config{
		Dialer: dialer.Config{Address: s.addr, Timeout: hanging / 2},
		Auth:   &sasl.Credentials{Username: "u", Password: "p"},
	}
}

// play dials a server that plays d and runs f with the client.
func play(t *testing.T, d dialogue, f func(c *Client)) {
	t.Helper()
	s := serve(t, d, -1)
	c, err := Dial(context.Background(), s.config())
	if err != nil {
		t.Fatal(err)
	}
	f(c)
	c.Close()
	<-s.done
}

// refusedDial dials a server that plays d and returns the error, which there must be.
func refusedDial(t *testing.T, d dialogue, change func(*Config)) error {
	t.Helper()
	s := serve(t, d, -1)
	cfg := s.config()
	if change != nil {
		change(&cfg)
	}
	c, err := Dial(context.Background(), cfg)
	if err == nil {
		c.Close()
		t.Fatal("it is connected")
	}
	<-s.done
	return err
}
