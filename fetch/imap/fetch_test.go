package imap

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	goimap "github.com/emersion/go-imap/v2"

	"posta/internal/dialer"
)

// body asks for whole messages.
var body = FetchOptions{FetchOptions: goimap.FetchOptions{Flags: true, BodySection: []*goimap.FetchItemBodySection{{Peek: true}}}}

// all reads a Fetch: "uid flags body" of each message.
func all(f *Fetch) (list []string, err error) {
	for m, err := range f.Messages() {
		if err != nil {
			return list, err
		}
		content := ""
		for {
			l, err := m.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return list, err
			}
			p, err := io.ReadAll(l)
			if err != nil {
				return list, err
			}
			content += string(p)
		}
		list = append(list, fmt.Sprintf("%d%v%s", m.UID, m.Flags, content))
	}
	return list, nil
}

// TestFetchShapes are FETCH responses as servers send them.
func TestFetchShapes(t *testing.T) {
	for _, x := range []struct{ name, response, want string }{
		{"as asked", `* 1 FETCH (UID 7 FLAGS (\Seen) BODY[] {5}` + "\r\nhello)\r\n", `7[\Seen]hello`},
		{"UID after the literal", "* 1 FETCH (FLAGS () BODY[] {5}\r\nhello UID 7)\r\n", "7[]hello"},
		{"lower case", "* 1 fetch (uid 7 flags (\\seen) body[] {5}\r\nhello)\r\n", `7[\Seen]hello`},
		{"quoted", `* 1 FETCH (UID 7 BODY[] "he\"l\\lo")` + "\r\n", `7[]he"l\lo`},
		{"quoted, 8-bit", "* 1 FETCH (UID 7 BODY[] \"gr\xfc\xdf\")\r\n", "7[]gr\xfc\xdf"},
		{"NIL", "* 1 FETCH (UID 7 BODY[] NIL)\r\n", "7[]"},
		{"empty", "* 1 FETCH (UID 7 BODY[] {0}\r\n)\r\n", "7[]"},
		{"literal8", "* 1 FETCH (UID 7 BINARY[] ~{5}\r\nhe\x00lo)\r\n", "7[]he\x00lo"},
		{"non-synchronizing", "* 1 FETCH (UID 7 BODY[] {5+}\r\nhello)\r\n", "7[]hello"},
		{"partial", "* 1 FETCH (UID 7 BODY[]<3> {5}\r\nhello)\r\n", "7[]hello"},
		{"RFC822", "* 1 FETCH (UID 7 RFC822 {5}\r\nhello RFC822.SIZE 5)\r\n", "7[]hello"},
		{"two literals", "* 1 FETCH (BODY[HEADER] {2}\r\nab UID 7 BODY[TEXT] {2}\r\ncd)\r\n", "7[]abcd"},
		{"unknown items", "* 1 FETCH (X-A (1 (2 \"3\") {1}\r\n4) UID 7 X-B {3}\r\n)(\" X-C NIL BODY[] {1}\r\nx X-D)\r\n", "7[]x"},
		{"blanks", "*  1   FETCH  ( UID  7  BODY[]  {1}\r\nx )\r\n", "7[]x"},
		{"bare LF", "* 1 FETCH (UID 7 BODY[] {1}\nx)\n", "7[]x"},
		{"field names", `* 1 FETCH (UID 7 BODY[HEADER.FIELDS (FROM "X]Y" To)] {1}` + "\r\nx)\r\n", "7[]x"},
		{"looks like the end", "* 1 FETCH (UID 7 BODY[] {17}\r\n)\r\np2 OK done\r\n\r\n)\r\n", "7[])\r\np2 OK done\r\n\r\n"},
		{"odd flags", `* 1 FETCH (UID 7 FLAGS (\Seen $Junk {3}` + "\r\nabc \"x y\") BODY[] {1}\r\nx)\r\n", `7[\Seen $Junk abc x y]x`},
	} {
		t.Run(x.name, func(t *testing.T) {
			for name, src := range map[string]io.Reader{
				"whole": strings.NewReader(x.response + "p2 OK\r\n"), "octet by octet": iotest.OneByteReader(strings.NewReader(x.response + "p2 OK\r\n")),
			} {
				list, err := all(overMemory(src))
				if err != nil || len(list) != 1 || list[0] != x.want {
					t.Errorf("%s: %q, %v; want %q", name, list, err, x.want)
				}
			}
		})
	}
}

// overMemory is a Fetch whose responses lie in memory.
func overMemory(src io.Reader) *Fetch {
	c := &Client{conn: new(dialer.Conn), in: newReader(src), out: io.Discard, odd: map[string]bool{}, tags: 1, settled: func() {}}
	return c.Fetch(goimap.UIDSetNum(7), body)
}

// TestFetchCut: wherever the stream ends, it is an error, and no literal seems whole that is not.
func TestFetchCut(t *testing.T) {
	const stream = "* 1 FETCH (UID 7 BODY[HEADER] {5}\r\nhello FLAGS (\\Seen) BODY[] {5}\r\nworld)\r\np2 OK\r\n"
	for n := range len(stream) - 1 {
		list, err := all(overMemory(strings.NewReader(stream[:n])))
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut after %q: %q, %v", stream[:n], list, err)
		}
	}
}

// TestLiteralCut: each way of reading a literal that is cut short ends in an error.
func TestLiteralCut(t *testing.T) {
	for name, read := range map[string]func(l *Literal) error{
		"Read":    func(l *Literal) error { _, err := io.ReadAll(struct{ io.Reader }{l}); return err },
		"large":   func(l *Literal) error { _, err := io.ReadFull(l, make([]byte, 200<<10)); return err },
		"WriteTo": func(l *Literal) error { _, err := io.Copy(io.Discard, l); return err },
		"skipped": func(l *Literal) error { return l.finish() },
	} {
		m, err := overMemory(strings.NewReader("* 1 FETCH (BODY[] {200000}\r\n" + strings.Repeat("x", 199_999))).Next()
		if err != nil {
			t.Fatal(err)
		}
		l, err := m.Next()
		if err != nil {
			t.Fatal(err)
		}
		if err := read(l); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFetchRefused are responses that no tolerance can make sense of.
func TestFetchRefused(t *testing.T) {
	for _, response := range []string{
		"* 1 FETCH (BODY[] {9223372036854775808}\r\n", "* 1 FETCH (BODY[] {18446744073709551616}\r\n", "* 1 FETCH (BODY[] {-1}\r\nx",
		"* 1 FETCH (BODY[] {}\r\nx", "* 1 FETCH (BODY[] {5} hello)\r\n", "* 1 FETCH\r\n", "* 1 FETCH UID 7\r\n", "* 1 FETCH (UID 0)\r\n",
		"* 1 FETCH (UID 4294967296)\r\n", "* 1 FETCH (UID x)\r\n", "* 4294967296 FETCH (UID 7)\r\n", "* 1 FETCH (BODY[]<x> {1}\r\nx)\r\n",
		"* 1 FETCH (BODY[ {1\r\nx)\r\n", "* 1 FETCH (UID 7\r\n", "* 1 FETCH (BODY[] \"x\r\n\")\r\n", "p3 OK\r\n", "hello\r\n", "+ go on\r\n",
		"p2 OK\x00\r\n"[:3] + "what\r\n", "* 1 FETCH (ENVELOPE {99999999}\r\n", "* 1 FETCH (BODY[] {100000000000000000000000000000000000000}\r\n",
	} {
		list, err := all(overMemory(strings.NewReader(response + strings.Repeat("x\r\n", 50))))
		var e *Error
		if !errors.Is(err, ErrProtocol) || errors.As(err, &e) && e.Temporary() {
			t.Errorf("%q: %q, %v", response, list, err)
		}
	}
}

// TestDepth: 10^6 parentheses cost no stack, whatever they are in.
func TestDepth(t *testing.T) {
	deep := strings.Repeat("(", 1e6) + strings.Repeat(")", 1e6)
	for _, item := range []string{"X-DEEP", "BODYSTRUCTURE", "ENVELOPE", "FLAGS", "MODSEQ"} {
		list, err := all(overMemory(strings.NewReader("* 1 FETCH (" + item + " " + deep + " UID 7)\r\n* LIST " + deep + "\r\np2 OK\r\n")))
		if item == "FLAGS" {
			if !errors.Is(err, ErrProtocol) {
				t.Errorf("%s: %v", item, err)
			}
			continue
		}
		if err != nil || len(list) != 1 {
			t.Errorf("%s: %q, %v", item, list, err)
		}
	}
}

// endless repeats a text for ever.
func endless(text string) io.Reader {
	return &repeated{chunk: bytes.Repeat([]byte(text), max(1, 64<<10/len(text))), n: 1 << 40}
}

// TestEndless: a server that never stops is not listened to for ever, and what it says is not kept.
func TestEndless(t *testing.T) {
	for _, text := range []string{
		"* OK still here\r\n", "* 1 EXISTS\r\n", "* X-UNKNOWN foo bar\r\n", "x", "* 1 FETCH (FLAGS ())\r\n", "\r\n", "* X {10}\r\n0123456789\r\n", "((", "* LIST () \"/\" x\r\n",
	} {
		f := overMemory(endless(text))
		for _, err := range f.Messages() {
			if err != nil {
				break
			}
		}
		if !errors.Is(f.err, ErrProtocol) {
			t.Errorf("%q: %v", text, f.err)
		}
		if n := len(f.c.updates); n > maxUpdates+1 {
			t.Errorf("%q: %d updates are kept", text, n)
		}
	}
	c := overMemory(endless("* SEARCH 1 3 5 7 9 11\r\n")).c
	c.flight = nil
	if _, err := c.Search(Raw("ALL"), SearchOptions{}).Wait(); !errors.Is(err, ErrProtocol) {
		t.Errorf("SEARCH: %v", err)
	}
}

func TestFetchAttributes(t *testing.T) {
	const response = `* 12 FETCH (INTERNALDATE " 7-Feb-1994 21:52:25 -0800" RFC822.SIZE 44827 MODSEQ (65402) EMAILID (M6d) THREADID NIL ` +
		`X-GM-MSGID 1278455344230334865 X-GM-LABELS (\Inbox "a b") BINARY.SIZE[1.2] 77 ENVELOPE ("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" {7}` +
		"\r\nSubject" + ` (("Terry Gray" NIL "gray" "cac.example")) NIL NIL ((NIL NIL "imap" "cac.example")("x") junk) NIL NIL NIL "<B27397@cac.example>") ` +
		`BODYSTRUCTURE (("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 1152 23 NIL ("attachment" ("filename" "x.txt")) "de" NIL)` +
		`("message" "rfc822" NIL NIL NIL "7bit" 42 (NIL "in" NIL) ("text" "html" NIL NIL NIL "8bit" 3 1) 7) "mixed" ("boundary" "x")) UID 9)` + "\r\np2 OK\r\n"
	m, err := overMemory(strings.NewReader(response)).Next()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.finish(); err != nil {
		t.Fatal(err)
	}
	if m.Seq != 12 || m.UID != 9 || m.Size != 44827 || m.ModSeq != 65402 || m.EmailID != "M6d" || m.BinarySize["1.2"] != 77 || m.InternalDate.Unix() != 760686745 {
		t.Errorf("%+v", m)
	}
	if m.Gmail.MessageID != 1278455344230334865 || strings.Join(m.Gmail.Labels, ",") != `\Inbox,a b` {
		t.Errorf("%+v", m.Gmail)
	}
	e := m.Envelope
	if e.Subject != "Subject" || e.From[0].Addr() != "gray@cac.example" || len(e.To) != 2 || e.MessageID != "B27397@cac.example" || e.Date.Unix() != 837595405 {
		t.Errorf("%+v", e)
	}
	var parts []string
	m.BodyStructure.Walk(func(path []int, part goimap.BodyStructure) bool {
		parts = append(parts, fmt.Sprint(path, part.MediaType()))
		return true
	})
	if got := strings.Join(parts, " "); got != "[]multipart/mixed [1]text/plain [2]message/rfc822" {
		t.Error(got)
	}
	text := m.BodyStructure.(*goimap.BodyStructureMultiPart).Children[0].(*goimap.BodyStructureSinglePart)
	if text.Filename() != "x.txt" || text.Text.NumLines != 23 || text.Params["charset"] != "US-ASCII" || text.Extended.Language[0] != "de" {
		t.Errorf("%+v", text)
	}
	inner := m.BodyStructure.(*goimap.BodyStructureMultiPart).Children[1].(*goimap.BodyStructureSinglePart)
	if inner.MessageRFC822.Envelope.Subject != "in" || inner.MessageRFC822.BodyStructure.MediaType() != "text/html" || inner.MessageRFC822.NumLines != 7 {
		t.Errorf("%+v", inner)
	}
}

// TestOneTurn: login, SELECT and FETCH cost three turns, the greeting's included; EXPUNGE and what nobody knows may come
// between messages.
func TestOneTurn(t *testing.T) {
	d := with("", `C: p2 SELECT "INBOX"
C: p3 UID FETCH 1:* (UID FLAGS BODY.PEEK[])
S: * 3 EXISTS
S: * OK [UIDVALIDITY 5] ok
S: p2 OK [READ-WRITE] selected
S: * 1 FETCH (UID 1 FLAGS () BODY[] {1}
S: a)
S: * 2 EXPUNGE
S: * XUNKNOWN (foo {3}
S: )"(bar)
S: * 2 FETCH (FLAGS (\Seen) BODY[] {1}
S: c UID 3)
S: * 4 EXISTS
S: p3 OK done
`)
	if n := d.turns(); n != 3 {
		t.Errorf("%d turns", n)
	}
	play(t, d, func(c *Client) {
		sel := c.Select("INBOX", SelectOptions{})
		f := c.Fetch(goimap.UIDSet{{Start: 1, Stop: 0}}, body)
		if s, err := sel.Wait(); err != nil || s.UIDValidity != 5 || s.NumMessages != 3 {
			t.Errorf("%+v, %v", s, err)
		}
		list, err := all(f)
		if got := strings.Join(list, ";"); err != nil || got != `1[]a;3[\Seen]c` {
			t.Errorf("%s, %v", got, err)
		}
		if u := c.Updates(); len(u) != 2 || u[0].Kind != UpdateExpunge || u[0].Num != 2 || u[1].Num != 4 {
			t.Errorf("%+v", u)
		}
		if box, n := c.Selected(); box != "INBOX" || n != 4 {
			t.Errorf("%s %d", box, n)
		}
	})
}
