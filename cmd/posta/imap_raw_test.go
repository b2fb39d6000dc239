package main

import (
	"strings"
	"testing"
)

// TestIMAPRawScripted: servers that go away, or refuse a literal.
func TestIMAPRawScripted(t *testing.T) {
	one := func(text string) []imapPlay { return []imapPlay{{text: text}} }
	for _, x := range []scripted{
		{
			name: "the connection is lost in a command", args: "raw", stdin: "NOOP\nNOOP\n",
			plays:  one("C: p1 NOOP\nS: p1 OK .\nC: p2 NOOP\nCUT"),
			status: exitTempFail, stdout: "p1 OK .\n", stderr: []string{"the server ended the session"},
		},
		{
			name: "BYE between commands", args: "raw", stdin: "NOOP\nNOOP\n",
			plays:  one("C: p1 NOOP\nS: p1 OK .\nS: * BYE idle for too long\nCUT"),
			status: exitTempFail, stdout: "p1 OK .\n* BYE idle for too long\n", stderr: []string{"posta: "}, // ended or reset
		},
		{
			name: "a literal is refused: what belongs to it is not taken for a command", args: "raw", stdin: "APPEND a {7}\nDELETE a {6}\nLOGOUT\nNOOP\n",
			plays:  one("C: p1 APPEND a {7}\nS: p1 NO [TOOBIG] no\nC: p2 NOOP\nS: p2 OK .\n"),
			status: exitUnavailable, stdout: "p1 NO [TOOBIG] no\np2 OK .\n", stderr: []string{"posta: APPEND: NO [TOOBIG] no"},
		},
		{
			name: "the first refusal says the status", args: "raw", stdin: "NOOP\nb2 SELECT x\n",
			plays:  one("C: p1 NOOP\nS: p1 NO [UNAVAILABLE] later\nC: b2 SELECT x\nS: b2 NO [NONEXISTENT] never\n"),
			status: exitTempFail, stdout: "p1 NO [UNAVAILABLE] later\nb2 NO [NONEXISTENT] never\n", stderr: []string{"UNAVAILABLE", "NONEXISTENT"},
		},
		{
			name: "a literal of the server that is cut", args: "raw", stdin: "FETCH 1 BODY[]\n",
			plays:  one("C: p1 FETCH 1 BODY[]\nS: * 1 FETCH (BODY[] {10}\nS: short\nCUT"),
			status: exitTempFail, stdout: "* 1 FETCH (BODY[] {10}\nshort\r\n", stderr: []string{"ended the session in a literal, after 7 octets of 10"},
		},
	} {
		t.Run(x.name, x.run)
	}
}

// TestRawTag: a command gets a tag unless it has one.
func TestRawTag(t *testing.T) {
	for line, want := range map[string]string{
		"NOOP":             "p1 NOOP",
		"a1 NOOP":          "a1 NOOP",
		"a NOOP":           "a NOOP",
		"uid fetch 1 (UID": "p1 uid fetch 1 (UID",
		"a1 XEXTRA 1":      "a1 XEXTRA 1",
		"XEXTRA 1":         "p1 XEXTRA 1",
		"a uid search all": "a uid search all",
	} {
		d := &rawDialogue{}
		if got := string(d.tagged([]byte(line))); got != want || !strings.HasPrefix(want, d.command.tag+" "+d.command.name) {
			t.Errorf("%q: %q (%+v), want %q", line, got, d.command, want)
		}
	}
}

// TestRawTerminal: what a server or a message says cannot move a terminal's cursor.
func TestRawTerminal(t *testing.T) {
	e, stdout, _ := testEnv("FETCH 1 BODY[]\n")
	e.getenv = func(name string) string { return map[string]string{"POSTA_PASSWORD": "p"}[name] }
	e.out.tty = true
	addr := playIMAP(t, imapPlay{caps: "", text: "C: p1 FETCH 1 BODY[]\nS: * 1 FETCH (BODY[] {12}\nS: a\x1b[2J\nS: b\x07c\nS: )\nS: p1 OK \x1b]0;title\x07\n"})
	if status := run(t.Context(), e, []string{"posta", "imap", "raw", "-a", "imap://u@" + addr}); status != exitOK {
		t.Errorf("status %d", status)
	}
	if want := "* 1 FETCH (BODY[] {12}\na\\x1b[2J\nb\\x07c\n)\np1 OK \\x1b]0;title\\x07\n"; stdout.String() != want {
		t.Errorf("%q, want %q", stdout, want)
	}
}
