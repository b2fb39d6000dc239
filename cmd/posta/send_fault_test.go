package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"testing"
)

// faultyServer is an SMTP server that answers each command as RFC 5321 has it, but the command of one stage
// ("" is the greeting, "." the letter's end) with a reply of its own. After an empty reply, and after one without a
// line end, it closes the connection.
func faultyServer(t *testing.T, stage, reply string) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serveFaulty(conn, stage, reply)
			}()
		}
	}()
	return "smtp://" + l.Addr().String()
}

func serveFaulty(conn net.Conn, stage, reply string) {
	in := bufio.NewReader(conn)
	answers := map[string]string{
		"": "220 test", "EHLO": "250-test\r\n250-AUTH PLAIN\r\n250 PIPELINING", "DATA": "354 go on", "QUIT": "221 bye",
	}
	for command := ""; ; {
		answer := answers[command]
		if answer == "" {
			answer = "250 2.0.0 ok"
		}
		answer += "\r\n"
		if command == stage {
			answer = reply
		}
		if _, err := io.WriteString(conn, answer); err != nil || !strings.HasSuffix(answer, "\n") {
			return
		}
		body := command == "DATA" && strings.HasPrefix(answer, "354")
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			line = strings.TrimSpace(line)
			if body && line != "." {
				continue
			}
			command = strings.ToUpper(strings.SplitN(line, " ", 2)[0])
			break
		}
	}
}

// A script branches on the exit status: 75 is worth another try, 69 and 76 are not. Only after the letter's end is
// its lot unknown.
func TestSendFaults(t *testing.T) {
	const letter = "From: a@example.org\nTo: b@example.org\nSubject: x\n\nhello\n"
	for _, tc := range []struct {
		name, reply string
		before, end int  // exit status at a stage before the letter's end, and at the end
		doubt       bool // the letter's lot is unknown at the end
	}{
		{"closed", "", 75, 75, true},
		{"cut", "25", 75, 75, true},
		{"RFC 5321 §3.8 closing", "421 4.3.2 going down\r\n", 75, 75, false},
		{"later", "451 4.7.1 later\r\n", 75, 75, false},
		{"never", "554 5.7.1 never\r\n", 69, 69, false},
		{"garbage", "\x00\xffwhat\r\n", 76, 75, true},
		{"a reply without end", strings.Repeat("250-more\r\n", 100_000), 76, 75, true},
		{"a line without end", strings.Repeat("250-more", 100_000), 76, 75, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, stage := range []string{"", "MAIL", "RCPT", "DATA", "."} {
				status, _, complaint := post(context.Background(), strings.NewReader(letter), "-a", faultyServer(t, stage, tc.reply))
				want, doubt := tc.before, false
				if stage == "." {
					want, doubt = tc.end, tc.doubt
				}
				if status != want {
					t.Errorf("at %q: status %d, want %d; %s", stage, status, want, complaint)
				}
				if said := strings.Contains(complaint, "may or may not have been delivered"); said != doubt {
					t.Errorf("at %q: in doubt %v, want %v: %s", stage, said, doubt, complaint)
				}
			}
		})
	}
}

func TestSendLoginRefused(t *testing.T) {
	url := strings.Replace(faultyServer(t, "AUTH", "535 5.7.8 no\r\n"), "//", "//u:secret-word@", 1)
	status, _, complaint := post(context.Background(), strings.NewReader("To: b@example.org\n\n"), "-a", url, "--debug")
	if status != exitNoPerm || strings.Contains(complaint, "secret-word") {
		t.Errorf("status %d, want 77 and no secret in %s", status, complaint)
	}
}

// An interruption ends the wait for another try, and the status says so rather than the refusal before.
func TestSendInterruptedWhileRetrying(t *testing.T) {
	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		serveFaulty(conn, "MAIL", "451 4.7.1 later\r\n")
		conn.Close()
		interrupt()
	}()
	letter := strings.NewReader("From: a@example.org\nTo: b@example.org\n\nhello\n")
	status, _, complaint := post(ctx, letter, "-a", "smtp://"+l.Addr().String(), "--retry", "1h")
	if status != exitInterrupted || !strings.Contains(complaint, "451 4.7.1 later") {
		t.Errorf("status %d, %s", status, complaint)
	}
}
