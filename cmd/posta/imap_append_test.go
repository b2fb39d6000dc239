package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"posta/mimetool/stream"
)

const (
	box = "From a@example.org Tue Jun  1 10:00:00 2021\nSubject: 1\n\n1\n\n" +
		"From a@example.org Tue Jun  1 10:00:00 2021\nSubject: 2\n\n2\n\n" +
		"From a@example.org Tue Jun  1 10:00:00 2021\nSubject: 3\n\n3\n"
	date = `"01-Jun-2021 10:00:00 +0000"`
)

// TestIMAPAppendScripted: servers that ask for each literal, tell no UIDs, have no folder, refuse some, or go away.
func TestIMAPAppendScripted(t *testing.T) {
	one := func(caps, text string) []imapPlay { return []imapPlay{{caps: caps, text: withStatus(text)}} }
	letter := func(tag, plus, n string) string {
		return "C: " + tag + ` APPEND "INBOX" ` + strings.ReplaceAll(date, `"01-`, `" 1-`) + " {17" + plus + "}\n" +
			map[string]string{"": "S: + go on\n", "+": ""}[plus] + "C: Subject: " + n + "\nC: \nC: " + n + "\nC: \n"
	}
	// two letters in one APPEND
	group := strings.TrimSuffix(letter("p3", "+", "2"), "C: \n") + strings.Replace(letter("", "+", "3"), "C:  APPEND \"INBOX\" ", "C:  ", 1)
	for _, x := range []scripted{
		{
			name: "MULTIAPPEND: behind the first all go by one command", args: "append --stream mboxrd", stdin: box,
			plays:  one("LITERAL+ UIDPLUS MULTIAPPEND", letter("p2", "+", "1")+"S: p2 OK [APPENDUID 7 1] .\n"+group+"S: p3 OK [APPENDUID 7 5,3] .\n"),
			stdout: "7\t1\n7\t5\n7\t3\n",
		},
		{
			name: "MULTIAPPEND is refused: one by one", args: "append --stream mboxrd", stdin: box,
			plays: one("LITERAL+ UIDPLUS MULTIAPPEND", letter("p2", "+", "1")+"S: p2 OK [APPENDUID 7 1] .\n"+group+"S: p3 NO [TOOBIG] one is\n"+
				letter("p4", "+", "2")+"S: p4 NO [TOOBIG] this\n"+letter("p5", "+", "3")+"S: p5 OK [APPENDUID 7 2] .\n"),
			status: exitPartial, stdout: "7\t1\n7\t2\n", stderr: []string{"message 2: APPEND INBOX: NO [TOOBIG] this"},
		},
		{
			name: "MULTIAPPEND is refused, and then the connection is lost", args: "append --stream mboxrd", stdin: box,
			plays: one("LITERAL+ UIDPLUS MULTIAPPEND", letter("p2", "+", "1")+"S: p2 OK [APPENDUID 7 1] .\n"+group+"S: p3 NO [TOOBIG] one is\n"+
				letter("p4", "+", "2")+"CUT"),
			status: exitPartial, stdout: "7\t1\n", stderr: []string{"message 2: it is not known", "message 3: "},
		},
		{
			name: "every literal is asked for, no UIDs are told", args: "append --stream mboxrd", stdin: box,
			plays:  one("", letter("p2", "", "1")+"S: p2 OK .\n"+letter("p3", "", "2")+"S: p3 OK .\n"+letter("p4", "", "3")+"S: p4 OK .\n"),
			stderr: []string{"does not tell UIDs"},
		},
		{
			name: "behind the first all go at once, and one of them is refused", args: "append --stream mboxrd", stdin: box,
			plays: one("LITERAL+ UIDPLUS", letter("p2", "+", "1")+"S: p2 OK [APPENDUID 7 1] .\n"+letter("p3", "+", "2")+letter("p4", "+", "3")+
				"S: p3 NO [OVERQUOTA] full\nS: p4 OK [APPENDUID 7 2] .\n"),
			status: exitPartial, stdout: "7\t1\n7\t2\n", stderr: []string{"message 2: APPEND INBOX: NO [OVERQUOTA]"},
		},
		{
			name: "there is no folder: nothing else is sent", args: "append --stream mboxrd", stdin: box,
			plays:  one("LITERAL+", letter("p2", "+", "1")+"S: p2 NO [TRYCREATE] no such folder\n"),
			status: exitUnavailable, stderr: []string{"--create makes the folder"},
		},
		{
			name: "the folder is made, and the message sent again", args: "append --create --date now", stdin: "Subject: 1\n\n1\n",
			plays: one("UIDPLUS", `C: p2 APPEND "INBOX" {17}
S: p2 NO [TRYCREATE] no such folder
C: p3 CREATE "INBOX"
S: p3 OK .
C: p4 APPEND "INBOX" {17}
S: + go on
C: Subject: 1
C: 
C: 1
C: 
S: p4 OK [APPENDUID 7 1] .
`), stdout: "7\t1\n",
		},
		{
			name: "the connection is lost before the answers, and nobody is there any more", args: "append --stream mboxrd --json", stdin: box,
			plays: one("LITERAL+ UIDPLUS", letter("p2", "+", "1")+"S: p2 OK [APPENDUID 7 1] .\n"+letter("p3", "+", "2")+letter("p4", "+", "3")+"CUT"),
			stdout: `{"event":"appended","letter":1,"folder":"INBOX","octets":17,"uidvalidity":7,"uid":1}
{"event":"unknown","letter":2,"folder":"INBOX","octets":17,"error":"message 2: it is not known whether the server has it"}
{"event":"unknown","letter":3,"folder":"INBOX","octets":17,"error":"message 3: it is not known whether the server has it"}
`,
			status: exitPartial, stderr: []string{"; connecting again in 1s\n", "; connecting again in 20s\n", "message 3: it is not known", "the rest is not appended"},
		},
		{
			name: "the connection is lost before the first answer", args: "append", stdin: "Subject: 1\n\n1\n",
			plays:  one("LITERAL+", "C: p2 APPEND \"INBOX\" {17+}\nC: Subject: 1\nC: \nC: 1\nC: \nCUT"),
			status: exitTempFail, stderr: []string{"it is not known whether the server has it"},
		},
		{
			name: "APPENDLIMIT of the server", args: "append", stdin: "Subject: 1\n\n1\n",
			plays: one("APPENDLIMIT=16", ""), status: exitUnavailable, stderr: []string{"[TOOBIG] 17 octets, the server takes 16"},
		},
		{
			name: "APPENDLIMIT of the folder", args: "append --json", stdin: "Subject: 1\n\n1\n",
			plays:  []imapPlay{{caps: "APPENDLIMIT", text: "C: p2 STATUS \"INBOX\" (UIDNEXT UIDVALIDITY APPENDLIMIT)\nS: * STATUS INBOX (APPENDLIMIT 16)\nS: p2 OK .\n"}},
			status: exitUnavailable, stderr: []string{"[TOOBIG] 17 octets, the server takes 16"},
			stdout: `{"event":"failed","letter":1,"folder":"INBOX","octets":17,"error":"APPEND INBOX: NO [TOOBIG] 17 octets, the server takes 16"}` + "\n",
		},
		{
			name: "NUL, and the server has no literal8", args: "append", stdin: "Subject: 1\n\n\x00\n",
			plays: one("LITERAL+", ""), status: exitUnavailable, stderr: []string{"does not offer BINARY"},
		},
	} {
		t.Run(x.name, x.run)
	}
}

// withStatus is a dialogue of posta imap append, which begins with a STATUS: there is nothing in the folder.
func withStatus(text string) string {
	if text == "" {
		return ""
	}
	for n := 9; n >= 2; n-- {
		text = strings.ReplaceAll(text, fmt.Sprintf("p%d ", n), fmt.Sprintf("p%d ", n+1))
	}
	return "C: p2 STATUS \"INBOX\" (UIDNEXT UIDVALIDITY)\nS: * STATUS INBOX (UIDNEXT 1 UIDVALIDITY 7)\nS: p2 OK .\n" + text
}

// TestIMAPAppendCutInput: input that ends in an error is no message, and no server hears of it.
func TestIMAPAppendCutInput(t *testing.T) {
	e, stdout, stderr := testEnv("")
	broken := errors.New("the disk is gone")
	e.stdin = io.MultiReader(strings.NewReader("Subject: 1\n\nhalf of a letter"), iotest.ErrReader(broken))
	status := run(t.Context(), e, []string{"posta", "imap", "append", "-a", "imap://u@127.0.0.1:1"})
	if status != exitIOErr || stdout.Len() > 0 || !strings.Contains(stderr.String(), broken.Error()) {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
}

// TestArrival: whatever the line ends are, and however the input comes, what is sent has CRLF alone and is as long as was
// announced (RFC 9051 §6.3.12).
func TestArrival(t *testing.T) {
	long := "Subject: long\n\n" + strings.Repeat(strings.Repeat("x", 1000)+"\n", 1500)
	for _, text := range []string{
		"a: b\n\nc\n", "a: b\r\n\r\nc\r\n", "a: b\r\n\nc", "\n", "\r\n", "\r", "\r\r\n\n\r", "a\rb\n", "\n\n\n", long,
		strings.ReplaceAll(long, "\n", "\r\n"), "\xff\x00\n",
	} {
		want := strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
		for name, r := range map[string]io.Reader{
			"at once": strings.NewReader(text), "by halves": iotest.HalfReader(strings.NewReader(text)),
			"by octets": iotest.OneByteReader(strings.NewReader(text)), "with its end": iotest.DataErrReader(strings.NewReader(text)),
		} {
			l, err := newArrival(&stream.Message{Reader: r, Size: -1}, "", appendOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if name == "at once" {
				if held, err := l.hold(); err != nil || held != (len(want) <= maxHeld) {
					t.Errorf("%.40q: held %v (%v)", text, held, err)
				}
			}
			for range 2 { // with --create it may be sent twice
				if err := l.rewind(); err != nil {
					t.Fatal(err)
				}
				var got bytes.Buffer
				if _, err := got.ReadFrom(iotest.HalfReader(l.letter.Body)); err != nil || got.String() != want || l.letter.Size != int64(len(want)) {
					t.Errorf("%.40q %s: %.40q (%v), %d octets announced of %d", text, name, got.String(), err, l.letter.Size, len(want))
				}
			}
			l.close()
		}
	}
}
