package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// cutBox is letters of all kinds: with and without a Message-ID, and such as are the same.
func cutBox() (box string, letters map[string]int) {
	letters = map[string]int{}
	for _, letter := range []string{
		"Message-ID: <1@x>\nSubject: 1\n\n1\n", "Message-ID: <2@x>\nSubject: 2\n\n2\n", "Subject: 3\n\n3\n", "Message-ID: <4@x>\n\n\n",
		"Message-ID: <2@x>\nSubject: 2\n\n2\n", "Message-ID: <5@x>\nSubject: 5\n\n" + strings.Repeat("x\n", 200), "Message-ID: <2@x>\nSubject: 2\n\n2\n",
	} {
		box += "From a@example.org Tue Jun  1 10:00:00 2021\n" + letter + "\n"
		letters[strings.ReplaceAll(letter, "\n", "\r\n")]++
	}
	return box, letters
}

// appendTo appends to a server, and tells of what came of each letter.
func (s *storingServer) appendTo(t *testing.T, box string) (status int, stdout, stderr string) {
	t.Helper()
	e, out, errs := testEnv(box)
	e.getenv = func(name string) string { return map[string]string{"POSTA_PASSWORD": "p"}[name] }
	e.pause = func(ctx context.Context, d time.Duration) error { return ctx.Err() }
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	status = run(ctx, e, []string{"posta", "imap", "append", "--stream", "mboxrd", "--date", "now", "--json", "-a", "imap://u@" + s.start(t), "--timeout", "20"})
	return status, out.String(), errs.String()
}

// once says how what is stored is not each letter once.
func (s *storingServer) once(letters map[string]int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	count := map[string]int{}
	for _, text := range s.stored {
		count[strings.TrimPrefix(text, "X-Seen: by a server\r\n")]++
	}
	for text, n := range letters {
		if count[text] != n {
			return fmt.Sprintf("%q is there %d times, not %d", text, count[text], n)
		}
		delete(count, text)
	}
	if len(count) > 0 {
		return fmt.Sprintf("%d others are there", len(count))
	}
	return ""
}

// appendCaps are servers of all kinds.
var appendCaps = []string{"", "LITERAL+", "UIDPLUS", "LITERAL+ UIDPLUS", "LITERAL+ UIDPLUS MULTIAPPEND", "MULTIAPPEND", "LITERAL- UNSELECT"}

// TestIMAPAppendCut ends the connection after every octet that the server says, and after every one that it hears: at last it has
// each letter once.
func TestIMAPAppendCut(t *testing.T) {
	box, letters := cutBox()
	for _, caps := range appendCaps {
		t.Run(caps, func(t *testing.T) {
			whole := &storingServer{caps: caps}
			if status, _, stderr := whole.appendTo(t, box); status != exitOK || whole.once(letters) != "" {
				t.Fatalf("status %d: %s\n%s", status, whole.once(letters), stderr)
			}
			said, heard := whole.dialogues()[0][0], whole.dialogues()[0][1]
			login := len("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi\r\np1 OK [CAPABILITY IMAP4rev1 ] in\r\n") + len(caps)
			for cut := login + 1; cut < said; cut++ {
				first := func(conn int) int { return map[int]int{0: cut}[conn] }
				checkAppended(t, fmt.Sprintf("%d octets said", cut), &storingServer{caps: caps, says: first}, box, letters)
			}
			for cut := len("p1 AUTHENTICATE PLAIN AHUAcA==\r\n"); cut < heard-len("p9 LOGOUT\r\n"); cut += 3 {
				first := func(conn int) int { return map[int]int{0: cut}[conn] }
				checkAppended(t, fmt.Sprintf("%d octets heard", cut), &storingServer{caps: caps, hears: first}, box, letters)
			}
			for cut := login + 1; cut < said; cut += 7 { // and again when it looks what has come, or sends the rest
				two := func(conn int) int { return map[int]int{0: cut, 1: login + cut%230}[conn] }
				checkAppended(t, fmt.Sprintf("%d octets said", cut), &storingServer{caps: caps, says: two}, box, letters)
			}
		})
	}
}

func checkAppended(t *testing.T, what string, s *storingServer, box string, letters map[string]int) {
	t.Helper()
	status, stdout, stderr := s.appendTo(t, box)
	wrong := s.once(letters)
	if status == exitOK && strings.Count(stdout, `"event":"appended"`) == 7 && wrong == "" {
		return
	}
	t.Errorf("%s: status %d: %s\n%s%s", what, status, wrong, stdout, stderr)
}

// TestIMAPAppendDoubt: where the server did what it could not answer any more, or changes what it stores, each letter is there once at
// most, and what cannot be told is told so.
func TestIMAPAppendDoubt(t *testing.T) {
	box, letters := cutBox()
	for _, caps := range appendCaps {
		for _, strange := range []bool{false, true} {
			doubts := 0
			for cut := 80 + len(caps); ; cut += 11 {
				first := func(conn int) int { return map[int]int{0: cut}[conn] }
				s := &storingServer{caps: caps, says: first, blind: true, strange: strange}
				status, stdout, stderr := s.appendTo(t, box)
				if len(s.dialogues()) == 1 && status == exitOK {
					break // it said less
				}
				doubts += strings.Count(stdout, `"event":"unknown"`)
				switch wrong := s.once(letters); {
				case status == exitTempFail && len(s.dialogues()) == 1: // in the login
				case wrong != "", (status == exitOK) != (strings.Count(stdout, `"event":"appended"`) == 7):
					t.Errorf("%q, %v, %d octets said: status %d: %s\n%s%s", caps, strange, cut, status, wrong, stdout, stderr)
				case status != exitOK && (status != exitPartial && status != exitTempFail || !strings.Contains(stderr, "it is not known")):
					t.Errorf("%q, %v, %d octets said: status %d\n%s%s", caps, strange, cut, status, stdout, stderr)
				}
			}
			if strange && doubts == 0 {
				t.Errorf("%q: no letter was in doubt", caps)
			}
		}
	}
}

// TestIMAPAppendPoison: a message that ends every connection is given up, and the others come.
func TestIMAPAppendPoison(t *testing.T) {
	box, letters := cutBox()
	poison := "Message-ID: <4@x>\r\n\r\n\r\n"
	delete(letters, poison)
	for _, caps := range appendCaps {
		s := &storingServer{caps: caps, poison: poison}
		status, stdout, stderr := s.appendTo(t, box)
		if wrong := s.once(letters); status != exitPartial || wrong != "" || strings.Count(stdout, `"event":"failed","letter":4`) != 1 || len(s.dialogues()) > 12 ||
			!strings.Contains(stderr, "message 4: 3 connections ended with it") {
			t.Errorf("%q: status %d over %d connections: %s\n%s%s", caps, status, len(s.dialogues()), wrong, stdout, stderr)
		}
	}
}
