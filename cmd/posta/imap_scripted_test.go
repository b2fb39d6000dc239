package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// imapPlay is what a scripted server says (S:) and expects to hear (C:), line by line; "..." at the end of what
// is expected is anything, "CUT" ends the connection,
// "WAIT" answers IDLE and NOOP until the client goes. It begins after a login that play adds.
type imapPlay struct {
	caps string
	text string
	cut  int // after how many octets of its own the server ends the connection, whatever is to come; 0: it does not
}

// login is the begin of all dialogues.
func (p imapPlay) login() string {
	return "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi\nC: p1 AUTHENTICATE PLAIN AHUAcA==\nS: p1 OK [CAPABILITY IMAP4rev1 " + p.caps + "] in\n"
}

// says is how many octets the server says.
func (p imapPlay) says() (n int) {
	for line := range strings.Lines(p.login() + p.text) {
		if text, ok := strings.CutPrefix(line, "S: "); ok {
			n += len(text) + len("\r")
		}
	}
	return n
}

// playIMAP starts a server that plays one dialogue to each connection, in their order, and tells its address. Then nobody is there.
func playIMAP(t *testing.T, plays ...imapPlay) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var played sync.WaitGroup
	go func() {
		defer close(done)
		defer l.Close()
		for _, p := range plays {
			conn, err := l.Accept()
			if err != nil {
				t.Errorf("a connection did not come: %v", err)
				return
			}
			played.Go(func() {
				defer conn.Close()
				p.play(t, conn)
			})
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
		played.Wait()
	})
	return l.Addr().String()
}

func (p imapPlay) play(t *testing.T, conn net.Conn) {
	conn.SetDeadline(time.Now().Add(time.Minute))
	in := bufio.NewReader(conn)
	said := 0
	for line := range strings.Lines(p.login() + p.text) {
		line = strings.TrimSuffix(line, "\n")
		who, text, _ := strings.Cut(line, " ")
		switch who {
		case "S:":
			text += "\r\n"
			if said += len(text); p.cut > 0 && said >= p.cut {
				io.WriteString(conn, text[:len(text)-(said-p.cut)])
				return
			}
			if _, err := io.WriteString(conn, text); err != nil {
				t.Errorf("saying %q: %v", text, err)
				return
			}
		case "C:":
			got, err := in.ReadString('\n')
			same := strings.TrimRight(got, "\r\n") == text
			if begin, any := strings.CutSuffix(text, "..."); any {
				same = strings.HasPrefix(got, begin)
			}
			if !same || !strings.HasSuffix(got, "\r\n") {
				t.Errorf("posta said %q, expected %q (%v)", got, text, err)
				return
			}
		case "CUT":
			return
		case "WAIT":
			wait(in, conn)
			return
		}
	}
	if rest, _ := in.ReadString('\n'); rest != "" && !strings.HasSuffix(rest, " LOGOUT\r\n") {
		t.Errorf("posta said %q, expected nothing more", rest)
	}
}

// wait answers a client that waits for news.
func wait(in *bufio.Reader, conn net.Conn) {
	tag := ""
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		switch line = strings.TrimRight(line, "\r\n"); {
		case strings.HasSuffix(line, " IDLE"):
			tag = strings.TrimSuffix(line, " IDLE")
			io.WriteString(conn, "+ idling\r\n")
		case line == "DONE":
			io.WriteString(conn, tag+" OK .\r\n")
		default:
			io.WriteString(conn, strings.Fields(line)[0]+" OK .\r\n")
		}
	}
}

// runScripted runs posta imap as a user of a scripted server.
func runScripted(t *testing.T, stdin, args string, plays ...imapPlay) (status int, stdout, stderr string) {
	t.Helper()
	e, out, errs := testEnv(stdin)
	e.getenv = func(name string) string {
		if name == "POSTA_PASSWORD" {
			return "p"
		}
		return ""
	}
	e.pause = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	argv := append([]string{"posta", "imap"}, strings.Fields(args)...)
	argv = append(argv, "-a", "imap://u@"+playIMAP(t, plays...), "--timeout", "20")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	status = run(ctx, e, argv)
	return status, out.String(), errs.String()
}

// scripted is a run against a scripted server, and what is to come of it.
type scripted struct {
	name, args, stdin string
	plays             []imapPlay
	status            int
	stdout            string   // all of it
	stderr            []string // parts of it; none: it is empty
}

func (s scripted) run(t *testing.T) {
	t.Helper()
	status, stdout, stderr := runScripted(t, s.stdin, s.args, s.plays...)
	if status != s.status || stdout != s.stdout {
		t.Errorf("status %d, standard output %q; want %d, %q\n%s", status, stdout, s.status, s.stdout, stderr)
	}
	if len(s.stderr) == 0 && stderr != "" {
		t.Errorf("standard error: %s", stderr)
	}
	for _, part := range s.stderr {
		if !strings.Contains(stderr, part) {
			t.Errorf("standard error %q has no %q", stderr, part)
		}
	}
}

// found is the begin of a dialogue in which the folder is opened and messages are looked for.
func found(verb, query, uids string) string {
	return "C: p2 " + verb + ` "INBOX"` + "\nC: p3 UID SEARCH " + query + "\nS: * 3 EXISTS\nS: * OK [UIDVALIDITY 7] .\nS: p2 OK [READ-WRITE] .\n" +
		"S: * SEARCH " + uids + "\nS: p3 OK .\n"
}

// renumbered is a dialogue whose first tag is p2, with the tags from p3 on.
func renumbered(text string, first int) string {
	return strings.NewReplacer("p2 ", fmt.Sprintf("p%d ", first), "p3 ", fmt.Sprintf("p%d ", first+1)).Replace(text)
}
