package imap

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	goimap "github.com/emersion/go-imap/v2"
)

// fetched reads one message without content.
func fetched(t *testing.T, response string) *Message {
	t.Helper()
	m, err := overMemory(strings.NewReader(response + "\r\np2 OK\r\n")).Next()
	if err == nil {
		err = m.finish()
	}
	if err != nil {
		t.Fatalf("%s: %v", response, err)
	}
	return m
}

// TestEnvelopeQuirks are ENVELOPEs that servers have sent.
func TestEnvelopeQuirks(t *testing.T) {
	for _, x := range []struct{ server, envelope, want string }{
		{"as it should be", `(NIL "s" (("n" NIL "m" "h")) NIL NIL NIL NIL NIL "<r@x>" "<i@x>")`, "s|n <m@h>|[r@x]|i@x"},
		{"QQ: no In-Reply-To", `(NIL "s" (("n" NIL "m" "h")) NIL NIL NIL NIL NIL "<i@x>")`, "s|n <m@h>|[]|i@x"},
		{"QQ: no Message-ID", `(NIL "s" (("n" NIL "m" "h")) NIL NIL NIL NIL NIL NIL)`, "s|n <m@h>|[]|"},
		{"Outlook: blanks between addresses", `(NIL "s" (("n" NIL "m" "h") ) NIL NIL ((NIL NIL "a" "b") (NIL NIL "c" "d")) NIL NIL NIL "<i@x>")`, "s|n <m@h>|[]|i@x"},
		{"SmarterMail: NIL for an address", `(NIL "s" (NIL ("n" NIL "m" "h")) NIL NIL NIL NIL NIL NIL "<i@x>")`, "s|n <m@h>|[]|i@x"},
		{"iCloud: quotes as they were", `(NIL "s" (("Ann "B" Smith" NIL "m" "h")) NIL NIL NIL NIL NIL NIL "<i@x>")`, `s|Ann "B" Smith <m@h>|[]|i@x`},
		{"quotes around", `(NIL ""s"" (("n" NIL "m" "h")) NIL NIL NIL NIL NIL NIL "<i@x>")`, `"s"|n <m@h>|[]|i@x`},
		{"8-bit", "(NIL \"gr\xfcn\" ((\"n\" NIL \"m\" \"h\")) NIL NIL NIL NIL NIL NIL \"<i@x>\")", "gr\xfcn|n <m@h>|[]|i@x"},
		{"a literal", "(NIL {3}\r\n\"s\" ((\"n\" NIL \"m\" \"h\")) NIL NIL NIL NIL NIL NIL \"<i@x>\")", `"s"|n <m@h>|[]|i@x`},
	} {
		for _, response := range []string{"* 1 FETCH (UID 7 ENVELOPE " + x.envelope + ")", "* 1 FETCH (ENVELOPE " + x.envelope + " UID 7)"} {
			m := fetched(t, response)
			e := m.Envelope
			if e == nil || m.UID != 7 || len(e.From) != 1 {
				t.Errorf("%s: %+v", x.server, m)
				continue
			}
			if got := fmt.Sprintf("%s|%s <%s>|%v|%s", e.Subject, e.From[0].Name, e.From[0].Addr(), e.InReplyTo, e.MessageID); got != x.want {
				t.Errorf("%s: %s, want %s", x.server, got, x.want)
			}
		}
	}
	if m := fetched(t, `* 2 FETCH (UID 7 (ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)) BODYSTRUCTURE ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 0 0 NIL))`); m.UID != 7 || m.Envelope == nil || m.BodyStructure == nil {
		t.Errorf("Domino's parentheses: %+v", m)
	}
}

// TestStructureQuirks are BODYSTRUCTUREs that servers have sent, with the parts that they describe.
func TestStructureQuirks(t *testing.T) {
	for _, x := range []struct{ server, structure, want string }{
		{"mail.ru: NIL for a value", `(("text" "plain" ("charset" "utf-8") NIL NIL "8bit" 536 0 NIL NIL NIL NIL)("image" "gif" () "x.gif" NIL "base64" 2 NIL ("inline" NIL) NIL NIL) "alternative" ("boundary" NIL))`, "multipart/alternative text/plain image/gif:inline"},
		{"Exchange: a disposition without its list", `(("text" "plain" ("charset" "x") NIL NIL "QUOTED-PRINTABLE" 850 31 NIL "inline" NIL NIL)("text" "html" NIL NIL NIL "7BIT" 1 5 NIL "attachment" NIL NIL) "mixed" NIL NIL NIL)`, "multipart/mixed text/plain:inline text/html:attachment"},
		{"a multipart without parts", `(("text" "plain" NIL NIL NIL "7bit" 7 1)(NIL "alternative" ("boundary" "x") NIL NIL NIL)("text" "html" NIL NIL NIL "7bit" 7 1) "report" NIL)`, "multipart/report text/plain multipart/alternative text/html"},
		{"a type without a subtype", `(("text" "plain" NIL NIL NIL "7bit" 7 1)("X-ZIP" ("boundary" "") NIL NIL "base64" 9) "mixed")`, "multipart/mixed text/plain x-zip/"},
		{"163: quotes as they were", `(("text" "html" NIL NIL NIL "7bit" 7 1)("application" "octet-stream" ("name" "a.pdf") NIL """" "base64" 65322) "MIXED")`, "multipart/mixed text/html application/octet-stream"},
		{"Exchange: a letter without its envelope", `(("message" "rfc822" NIL NIL NIL "7bit" 42)("text" "plain" NIL NIL NIL "7bit" 7 1) "mixed")`, "multipart/mixed message/rfc822 text/plain"},
		{"no parts at all", `NIL`, ""},
		{"a part that is NIL", `((NIL)("text" "plain" NIL NIL NIL "7bit" 7 1) "mixed")`, "multipart/mixed / text/plain"},
	} {
		m := fetched(t, "* 1 FETCH (UID 7 BODYSTRUCTURE "+x.structure+" FLAGS (\\Seen))")
		if got := parts(m.BodyStructure); got != x.want || len(m.Flags) != 1 {
			t.Errorf("%s: %s, want %s", x.server, got, x.want)
		}
	}
}

// parts lists the types of the parts.
func parts(bs goimap.BodyStructure) string {
	var list []string
	if bs != nil {
		bs.Walk(func(_ []int, part goimap.BodyStructure) bool {
			text := strings.ToLower(part.MediaType())
			if d := part.Disposition(); d != nil {
				text += ":" + d.Value
			}
			list = append(list, text)
			return true
		})
	}
	return strings.Join(list, " ")
}

// TestLiteralGoesOn: what is longer than it said, as Domino may have it, is not taken for whole at its announced end.
func TestLiteralGoesOn(t *testing.T) {
	for _, rest := range []string{
		"more)\r\np2 OK\r\n", "\r\nmore)\r\np2 OK\r\n", " more)\r\np2 OK\r\n", " more words)\r\np2 OK\r\n", "(more)\r\n", " (more))\r\np2 OK\r\n", " more {3}\r\nabc)\r\np2 OK\r\n", "\"more\")\r\n",
	} {
		list, err := all(overMemory(strings.NewReader("* 1 FETCH (UID 7 BODY[] {5}\r\nhello" + rest)))
		if !errors.Is(err, ErrProtocol) || len(list) != 0 {
			t.Errorf("%q: %q, %v", rest, list, err)
		}
	}
	for _, rest := range []string{")", " )", " FLAGS ())", " UID 7 RFC822.SIZE 5)", " BODY[TEXT] {1}\r\nx)", " X-GM-LABELS (a))", " BINARY.SIZE[1] 7 MODSEQ (7))"} {
		if list, err := all(overMemory(strings.NewReader("* 1 FETCH (UID 7 BODY[] {5}\r\nhello" + rest + "\r\np2 OK\r\n"))); err != nil || len(list) != 1 {
			t.Errorf("%q: %q, %v", rest, list, err)
		}
	}
}

// TestGreetings are first lines that are no IMAP, and what is told of them.
func TestGreetings(t *testing.T) {
	for line, temporary := range map[string]bool{
		"+OK POP3 server ready":                                      false,
		"220 mail.example.org ESMTP":                                 false,
		"HTTP/1.1 400 Bad Request":                                   false,
		"* HELLO":                                                    false,
		"421 Server is busy, try again later.":                       true,
		" NO LOGOUT Intrusion prevention active for 192.0.2.7":       true,
		"* BYE [ALERT] Maximum number of connections from 192.0.2.7": true,
	} {
		err := refusedDial(t, dialogue("S: "+line+"\n"), nil)
		var e *Error
		if !errors.As(err, &e) || e.Temporary() != temporary || errors.Is(err, ErrProtocol) == temporary || !strings.Contains(err.Error(), strings.Fields(line)[1]) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// TestOtherQuirks are sessions with servers that have their own mind.
func TestOtherQuirks(t *testing.T) {
	play(t, with("MOVE UIDPLUS", "C: p2 UID MOVE 10 \"x\"\nS: [COPYUID 124 10 233]\nS: * 1 EXPUNGE\nS: p2 OK MOVE completed.\n"), func(c *Client) { // Exchange 2013
		if d, err := c.Move(goimap.UIDSetNum(10), "x"); err != nil || d.DestUIDs.String() != "233" {
			t.Error(d, err)
		}
	})
	play(t, with("", "C: p2 UID FETCH 2:4,9 (UID FLAGS BODY.PEEK[])\nS: p2 OK\n"), func(c *Client) { // QQ wants sets in order
		if _, err := all(c.Fetch(goimap.UIDSet{{Start: 9, Stop: 9}, {Start: 2, Stop: 4}}, body)); err != nil {
			t.Error(err)
		}
	})
	play(t, with("UIDPLUS", "C: p2 UID COPY 1:5 \"x\"\nS: p2 OK [COPYUID 7 1:5 100:*] done\nC: p3 NOOP\nS: p3 OK\n"), func(c *Client) { // a COPYUID that is none
		if d := must(t, c.Copy(goimap.UIDSet{{Start: 1, Stop: 5}}, "x")); d.DestUIDs != nil {
			t.Error(d)
		}
		must(t, c.Noop())
	})
	play(t, with("", "C: p2 UID SEARCH ALL\nS: * SEARCH 0 3  4 \nS: p2 OK\n"), func(c *Client) {
		if got := must(t, c.Search(Raw("ALL"), SearchOptions{})).All.String(); got != "3:4" {
			t.Error(got)
		}
	})
	play(t, with("", "C: p2 LIST \"\" \"*\"\nS: * LIST () \"/\" Deleted Items\nS: * LIST (\\ \\Inbox) \"/\" INBOX/Da\tOggetto\t\nS: * LIST (\\Noselect) \"/\" \"\"\nS: * LIST () \"/\" +IM\nS: p2 OK\n"), func(c *Client) { // Exchange
		list := must(t, c.List("", "*", nil))
		if len(list) != 4 || list[0].Mailbox != "Deleted Items" || list[1].Mailbox != "INBOX/Da\tOggetto\t" || list[3].Mailbox != "+IM" {
			t.Errorf("%+v", list)
		}
	})
	d := dialogue("S: * OK [CAPABILITY IMAP4rev1 ID AUTH=PLAIN SASL-IR] Coremail System IMap Server Ready\nC: p1 AUTHENTICATE PLAIN AHUAcA==\nS: p1 OK [CAPABILITY IMAP4rev1 ID] in\nC: p2 ID (\"name\" \"posta\")\nC: p3 SELECT \"INBOX\"\nS: * ID NIL\nS: p2 OK\nS: p3 OK\n")
	if d.turns() != 3 {
		t.Errorf("%d turns", d.turns())
	}
	play(t, d, func(c *Client) { must(t, c.Select("INBOX", SelectOptions{})) })
	// Office 365 has its diagnosis for a response code.
	play(t, with("", "C: p2 NOOP\nS: p2 OK [Error=\"Microsoft.X:Cross]Server\" Proxy=X:1993:SSL Service=Imap4] AUTHENTICATE completed.\n"), func(c *Client) { must(t, c.Noop()) })
	if m, err := overMemory(strings.NewReader("* 0 FETCH (UID 16334 FLAGS ())\r\np2 OK\r\n")).Next(); err != nil || m.Seq != 0 { // Courier of 2004
		t.Error(m, err)
	} else if _, err := m.Next(); err != io.EOF || m.UID != 16334 {
		t.Error(m, err)
	}
}
