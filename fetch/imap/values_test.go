package imap

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	goimap "github.com/emersion/go-imap/v2"
)

// TestNIL: NIL may stand for anything that has no value, and for nothing that must have one.
func TestNIL(t *testing.T) {
	for _, x := range []struct {
		response, want string
	}{
		{"* 1 FETCH (UID 7 FLAGS NIL BODY[] NIL)", "7[]"},
		{"* 1 FETCH (UID 7 ENVELOPE NIL BODYSTRUCTURE NIL BODY NIL INTERNALDATE NIL RFC822.SIZE NIL MODSEQ NIL)", "7[]"},
		{"* 1 FETCH (UID 7 ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) BODYSTRUCTURE (NIL NIL NIL NIL NIL NIL NIL))", "7[]"},
		{"* 1 FETCH (UID 7 FLAGS (NIL \\Seen NIL) SAVEDATE NIL EMAILID NIL THREADID (NIL) X-GM-LABELS NIL BINARY.SIZE[1] NIL PREVIEW NIL)", "7[\\Seen]"},
		{"* 1 FETCH (UID 7 BODY[HEADER] nil BODY[TEXT] Nil RFC822 NIL)", "7[]"},
		{"* NIL\r\n* 1 FETCH (UID 7)", "7[]"},
		{"* LIST NIL NIL NIL\r\n* STATUS NIL NIL\r\n* CAPABILITY NIL\r\n* ENABLED NIL\r\n* 1 FETCH (UID 7)", "7[]"},
	} {
		got, err := all(overMemory(strings.NewReader(x.response + "\r\np2 OK\r\n")))
		if err != nil || len(got) != 1 || got[0] != x.want {
			t.Errorf("%s: %q, %v", x.response, got, err)
		}
	}
	play(t, with("NAMESPACE QUOTA ACL ID", `C: p2 LIST "" "*"
S: * LIST NIL NIL INBOX
S: * LIST (NIL) "/" NIL
S: p2 OK
C: p3 NAMESPACE
S: * NAMESPACE NIL NIL NIL
S: p3 OK
C: p4 ID NIL
S: * ID NIL
S: p4 OK
C: p5 GETQUOTAROOT "x"
S: * QUOTAROOT NIL
S: * QUOTA NIL NIL
S: p5 OK
C: p6 GETACL "x"
S: * ACL NIL NIL NIL
S: p6 OK
C: p7 STATUS "x" (MESSAGES)
S: * STATUS "x" (MESSAGES NIL UIDNEXT NIL)
S: p7 OK
`), func(c *Client) {
		if list := must(t, c.List("", "*", nil)); len(list) != 1 || list[0].Delim != 0 {
			t.Errorf("%+v", list)
		}
		must(t, c.Namespace())
		must(t, c.ID(nil))
		must(t, c.Quota("x"))
		must(t, c.ACL("x"))
		if s := must(t, c.Status("x", goimap.StatusOptions{NumMessages: true})); s.NumMessages != nil {
			t.Errorf("%+v", s)
		}
	})
}

// TestHostileNames: names come as they are, and go back as they came; none of them becomes a command.
func TestHostileNames(t *testing.T) {
	names := []string{
		"../../etc/passwd", "a\r\nb", "a\r\nS: p2 OK", "\x1b[2J", "a\x00b", strings.Repeat("x", 3000), "gr\xfcn", "a\\b\"c", "*", "%", "", " ", "&", "&-&", "{5}", "~{5+}",
		"INBOX/../INBOX", "NIL", "\u202egnp.exe", ".", "..", "/", "a//b", "CON", "a\tb",
	}
	var responses strings.Builder
	for _, name := range names {
		fmt.Fprintf(&responses, "* LIST () \"/\" {%d}\r\n%s\r\n", len(name), name)
	}
	c := overMemory(strings.NewReader(responses.String() + "p2 OK\r\n")).c
	c.flight, c.tags, c.caps = nil, 1, goimap.CapSet{"LITERAL+": {}}
	list, err := c.List("", "*", nil).Wait()
	if err != nil || len(list) != len(names) {
		t.Fatalf("%d of %d: %v", len(list), len(names), err)
	}
	for i, name := range names {
		e := c.encoder("")
		c.name(e, list[i].Mailbox)
		parts, err := e.finish()
		if strings.Contains(name, "\x00") {
			if !errors.Is(err, ErrArgument) {
				t.Errorf("%q: %v", name, err)
			}
			continue
		}
		if err != nil || len(parts) != 1 {
			t.Errorf("%q: %q %v", name, parts, err)
			continue
		}
		r := newReader(bytes.NewReader(parts[0]))
		r.spaces()
		back, _, err := r.str()
		if err != nil || string(back) != name && name != "&-&" || r.buffered() != len("\r\n") {
			t.Errorf("%q goes back as %q, %v", name, parts[0], err)
		}
	}
}
