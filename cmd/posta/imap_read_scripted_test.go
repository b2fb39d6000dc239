package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const listItems = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (DATE FROM SUBJECT)])"

// literal is a text as a literal, in the lines of an imapPlay.
func literal(text string) string {
	return fmt.Sprintf("{%d}\nS: %s", len(text), strings.ReplaceAll(text, "\r\n", "\nS: "))
}

// TestIMAPReadScripted: what servers other than the sandbox and Dovecot say to the commands that read.
func TestIMAPReadScripted(t *testing.T) {
	for _, s := range []scripted{
		{
			name: "counts without LIST-STATUS are one more turn, and one that is refused does not keep the others", args: "folders",
			plays: []imapPlay{{text: `C: p2 LIST "" "*"
S: * LIST (\HasNoChildren) "/" INBOX
S: * LIST (\NoSelect \HasChildren) "/" A
S: * LIST (\Sent) "/" "A/B &AOQ-"
S: * LIST () "/" C
S: p2 OK .
C: p3 STATUS "INBOX" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)
C: p4 STATUS "A/B &AOQ-" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)
C: p5 STATUS "C" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)
S: * STATUS INBOX (MESSAGES 7)
S: p3 OK .
S: * STATUS "A/B &AOQ-" (MESSAGES 2 UNSEEN 1)
S: p4 OK .
S: p5 NO [NOPERM] not yours
`}},
			status: exitPartial, stdout: "INBOX\t7\t\t\nA\t\t\tnoselect\nA/B ä\t2\t1\tsent\nC\t\t\t\n", stderr: []string{"STATUS C: NO [NOPERM] not yours"},
		},
		{
			name: "a name cannot make a line or a field", args: "folders --names",
			plays:  []imapPlay{{text: "C: p2 LIST \"\" \"*\"\nS: * LIST () NIL " + literal("a\r\nb\tc\x00") + "\nS: p2 OK .\n"}},
			stdout: "a  b c\n",
		},
		{
			name: "subscribed without LIST-EXTENDED is LSUB", args: "folders --names --subscribed",
			plays:  []imapPlay{{text: "C: p2 LSUB \"\" \"*\"\nS: * LSUB () \".\" x\nS: p2 OK .\n"}},
			stdout: "x\n",
		},
		{
			name: "items in any order, the UID last, flags that change meanwhile, a subject that tries to make a line", args: "list",
			plays: []imapPlay{{text: "C: p2 EXAMINE \"INBOX\"\nC: p3 UID FETCH 1:* " + listItems + "\nS: * 2 EXISTS\nS: p2 OK .\n" +
				"S: * 1 FETCH (BODY[HEADER.FIELDS (DATE FROM SUBJECT)] " + literal("Subject: =?utf-8?q?a=0Ab=09c?=\r\nFrom: x@y\r\n\r\n") + " RFC822.SIZE 9 FLAGS (\\Seen $Label1) UID 5)\n" +
				"S: * 2 FETCH (FLAGS (\\Deleted) UID 6)\n" +
				"S: * 2 FETCH (UID 6 BODY[HEADER.FIELDS (DATE FROM SUBJECT)] NIL INTERNALDATE \" 2-Jan-2026 03:04:05 +0100\" RFC822.SIZE 1 FLAGS ())\nS: p3 OK .\n"}},
			stdout: "5\t9\tseen,$Label1\tx@y\t\ta b c\n6\t1\t\t\t2026-01-02T02:04:05Z\t\n",
		},
		{
			name: "sorted here where the server does not", args: "search --sort -size,subject",
			plays: []imapPlay{{text: "C: p2 EXAMINE \"INBOX\"\nC: p3 UID SEARCH ALL\nS: * 3 EXISTS\nS: p2 OK .\nS: * SEARCH 3 1 2\nS: p3 OK .\n" +
				"C: p4 UID FETCH 1:3 (UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (SUBJECT)])\n" +
				"S: * 1 FETCH (UID 1 RFC822.SIZE 5 BODY[HEADER.FIELDS (SUBJECT)] " + literal("Subject: Re: b\r\n") + ")\n" +
				"S: * 2 FETCH (UID 2 RFC822.SIZE 5 BODY[HEADER.FIELDS (SUBJECT)] " + literal("Subject: a\r\n") + ")\n" +
				"S: * 3 FETCH (UID 3 RFC822.SIZE 9 BODY[HEADER.FIELDS (SUBJECT)] NIL)\nS: p4 OK .\n"}},
			stdout: "3\n2\n1\n",
		},
		{
			name: "what came before a refusal is printed", args: "list 1:2",
			plays: []imapPlay{{text: "C: p2 EXAMINE \"INBOX\"\nC: p3 UID FETCH 1:2 " + listItems + "\nS: * 2 EXISTS\nS: p2 OK .\n" +
				"S: * 1 FETCH (UID 1 FLAGS () RFC822.SIZE 1 BODY[HEADER.FIELDS (DATE FROM SUBJECT)] \"\")\nS: p3 NO [SERVERBUG] some could not be had\n"}},
			status: exitTempFail, stdout: "1\t1\t\t\t\t\n", stderr: []string{"SERVERBUG"},
		},
		{
			name: "words beyond ASCII go as UTF-8; a server may not know it", args: "search subject ü",
			plays: []imapPlay{{caps: "LITERAL+", text: "C: p2 EXAMINE \"INBOX\"\nC: p3 UID SEARCH CHARSET UTF-8 SUBJECT {2+}\nC: ü\nS: * 3 EXISTS\nS: p2 OK .\n" +
				"S: p3 NO [BADCHARSET (US-ASCII)] which?\n"}},
			status: exitUnavailable, stderr: []string{"BADCHARSET"},
		},
		{
			name: "a server without the structure has the part all the same", args: "part 4 2",
			plays: []imapPlay{{text: "C: p2 EXAMINE \"INBOX\"\nC: p3 UID FETCH 4 (UID BODYSTRUCTURE BODY.PEEK[2.MIME])\nC: p4 UID FETCH 4 (UID BODY.PEEK[2])\n" +
				"S: * 1 EXISTS\nS: p2 OK .\nS: * 1 FETCH (UID 4 BODYSTRUCTURE NIL BODY[2.MIME] " + literal("Content-Transfer-Encoding: base64\r\n\r\n") + ")\nS: p3 OK .\n" +
				"S: * 1 FETCH (BODY[2] {4}\nS: aGk= UID 4)\nS: p4 OK .\n"}},
			stdout: "hi",
		},
		{
			name: "a header that a server does not have is made of the structure", args: "part 4 1",
			plays: []imapPlay{{text: "C: p2 EXAMINE \"INBOX\"\nC: p3 UID FETCH 4 (UID BODYSTRUCTURE BODY.PEEK[1.MIME])\nC: p4 UID FETCH 4 (UID BODY.PEEK[1])\n" +
				"S: * 1 EXISTS\nS: p2 OK .\nS: * 1 FETCH (UID 4 BODY[1.MIME] NIL BODYSTRUCTURE (\"TEXT\" \"PLAIN\" NIL NIL NIL \"BASE64\" 4 1))\nS: p3 OK .\n" +
				"S: * 1 FETCH (UID 4 BODY[1] {4}\nS: aGk=)\nS: p4 OK .\n"}},
			stdout: "hi",
		},
		{
			name: "rights of a server with its own order", args: "acl box",
			plays:  []imapPlay{{caps: "ACL", text: "C: p2 GETACL \"box\"\nS: * ACL box zoe lr \"ann b\" lrswi\nS: p2 OK .\n"}},
			stdout: "ann b\tlrswi\nzoe\tlr\n",
		},
		{
			name: "rights that begin with a dash are no option", args: "acl box ann -lr",
			plays: []imapPlay{{caps: "ACL", text: "C: p2 SETACL \"box\" \"ann\" \"-lr\"\nS: p2 OK .\n"}},
		},
		{
			name: "namespaces of all kinds", args: "namespace",
			plays:  []imapPlay{{caps: "NAMESPACE", text: "C: p2 NAMESPACE\nS: * NAMESPACE ((\"\" \"/\")) ((\"~\" \"/\")) ((\"#shared\" NIL)(\"#public/\" \"/\"))\nS: p2 OK .\n"}},
			stdout: "personal\t\t/\nother\t~\t/\nshared\t#shared\t\nshared\t#public/\t/\n",
		},
		{
			name: "no quota is a negative answer", args: "quota",
			plays:  []imapPlay{{caps: "QUOTA", text: "C: p2 GETQUOTAROOT \"INBOX\"\nS: * QUOTAROOT INBOX\nS: p2 OK .\n"}},
			status: exitNegative,
		},
		{
			name: "a use that the server lets nobody choose", args: "create --use sent Out",
			plays:  []imapPlay{{}},
			status: exitUnavailable, stderr: []string{"CREATE"},
		},
	} {
		t.Run(s.name, s.run)
	}
}

// TestIMAPAttachmentsScripted: a server that sends the content before the header, the UID after both, and what belongs to
// a later command with an earlier one.
func TestIMAPAttachmentsScripted(t *testing.T) {
	dir := t.TempDir()
	scripted{
		args: "attachments -d " + dir,
		plays: []imapPlay{{text: "C: p2 EXAMINE \"INBOX\"\nC: p3 UID SEARCH ALL\nS: * 3 EXISTS\nS: p2 OK .\nS: * SEARCH 1 2 3\nS: p3 OK .\n" +
			"C: p4 UID FETCH 1:3 (UID BODYSTRUCTURE)\n" +
			"S: * 1 FETCH (UID 1 BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 4 1)(\"APPLICATION\" \"PDF\" (\"NAME\" \"a.pdf\") NIL NIL \"BASE64\" 4) \"MIXED\"))\n" +
			"S: * 2 FETCH (UID 2 BODYSTRUCTURE (\"IMAGE\" \"PNG\" (\"NAME\" \"../b.png\") NIL NIL \"BASE64\" 4))\n" +
			"S: * 3 FETCH (UID 3 BODYSTRUCTURE NIL)\nS: * 9 FETCH (UID 77 BODYSTRUCTURE NIL)\nS: p4 OK .\n" +
			"C: p5 UID FETCH 1 (UID BODY.PEEK[2.MIME] BODY.PEEK[2])\nC: p6 UID FETCH 2 (UID BODY.PEEK[HEADER] BODY.PEEK[1])\nC: p7 UID FETCH 3 (UID BODY.PEEK[])\n" +
			"S: * 1 FETCH (BODY[2] {4}\nS: QUFB BODY[2.MIME] \"\" UID 1)\n" +
			"S: * 2 FETCH (UID 2 BODY[HEADER] NIL BODY[1] {4}\nS: QkJC)\nS: p6 OK .\nS: p5 OK .\n" +
			"S: * 3 FETCH (UID 3 BODY[] " + literal("Content-Type: text/plain; name=c.txt\r\n\r\nCCC") + ")\nS: p7 OK .\n"}},
		stdout: filepath.Join(dir, "a.pdf") + "\n" + filepath.Join(dir, "b.png") + "\n" + filepath.Join(dir, "c.txt") + "\n",
		stderr: []string{`message 2, part 1, "../b.png", is written as "b.png"`},
	}.run(t)
	for name, want := range map[string]string{"a.pdf": "AAA", "b.png": "BBB", "c.txt": "CCC"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); string(got) != want {
			t.Errorf("%s has %q, %v", name, got, err)
		}
	}
}

// TestIMAPAttachmentsCut cuts the connection at every octet of what the server says: the status tells it, and a file has
// its name only when it is whole.
func TestIMAPAttachmentsCut(t *testing.T) {
	says := "* 2 EXISTS\r\np2 OK .\r\n* SEARCH 1 2\r\np3 OK .\r\n" +
		"* 1 FETCH (UID 1 BODYSTRUCTURE (\"IMAGE\" \"PNG\" (\"NAME\" \"a\") NIL NIL \"7BIT\" 3))\r\n" +
		"* 2 FETCH (UID 2 BODYSTRUCTURE (\"IMAGE\" \"PNG\" (\"NAME\" \"b\") NIL NIL \"7BIT\" 3))\r\np4 OK .\r\n" +
		"* 1 FETCH (UID 1 BODY[HEADER] {29}\r\nContent-Type: x/y; name=a\r\n\r\n BODY[1] {3}\r\nAAA)\r\n" +
		"* 2 FETCH (UID 2 BODY[HEADER] {29}\r\nContent-Type: x/y; name=b\r\n\r\n BODY[1] {3}\r\nBBB)\r\np5 OK .\r\n"
	for cut := range len(says) + 1 {
		dir := t.TempDir()
		addr := sayIMAP(t, says[:cut])
		e, _, errs := testEnv("")
		e.getenv = func(string) string { return "" }
		status := run(t.Context(), e, []string{"posta", "imap", "attachments", "-d", dir, "-a", "imap://u:p@" + addr, "--timeout", "5"})
		want := exitTempFail
		if cut == len(says) {
			want = exitOK
		}
		if status != want {
			t.Fatalf("cut after %q: status %d, want %d: %s", says[max(0, cut-20):cut], status, want, errs)
		}
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			text, err := os.ReadFile(filepath.Join(dir, f.Name()))
			if string(text) != strings.Repeat(strings.ToUpper(f.Name()), 3) {
				t.Fatalf("cut after %q: %s has %q, %v", says[max(0, cut-20):cut], f.Name(), text, err)
			}
		}
	}
}

// sayIMAP is a server that says this, whatever it hears, and ends the connection.
func sayIMAP(t *testing.T, text string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		io.WriteString(conn, "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi\r\np1 OK [CAPABILITY IMAP4rev1] in\r\n"+text)
		conn.(*net.TCPConn).CloseWrite()
		io.Copy(io.Discard, conn)
	}()
	return l.Addr().String()
}
