package imap

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"posta/internal/dialer"
)

// flood is a stream that begins with a text and repeats another for ever.
func flood(begin, text string) io.Reader {
	return io.MultiReader(strings.NewReader(begin), endless(text))
}

// numbered is a text with %d in it, many times with other numbers.
func numbered(format string) string {
	var b strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&b, format, 2*i+1)
	}
	return b.String()
}

// everything is what a server may offer.
func everything() goimap.CapSet {
	caps := goimap.CapSet{}
	for _, name := range []goimap.Cap{
		goimap.CapIMAP4rev1, goimap.CapACL, goimap.CapQuota, goimap.CapID, goimap.CapNamespace, goimap.CapESearch, goimap.CapSort,
		goimap.CapIdle, goimap.CapListExtended, goimap.CapListStatus, goimap.CapQResync, "THREAD=REFS",
	} {
		caps[name] = struct{}{}
	}
	return caps
}

// waits waits for a command, and drops what it brings.
func waits[T any](p *Pending[T]) error {
	_, err := p.Wait()
	return err
}

// TestHostile: a server that never stops, whatever the command and whatever it says, comes to its end, and no more than a few
// dozen MiB of it are ever held.
func TestHostile(t *testing.T) {
	noop := func(c *Client) error { return waits(c.Noop()) }
	fetch := func(c *Client) error {
		_, err := all(c.Fetch(goimap.UIDSetNum(1), body))
		return err
	}
	list := func(c *Client) error {
		return waits(c.List("", "*", &goimap.ListOptions{ReturnStatus: &goimap.StatusOptions{NumMessages: true}}))
	}
	selects := func(c *Client) error { return waits(c.Select("x", SelectOptions{QResync: &QResync{1, 1, nil}})) }
	store := func(c *Client) error {
		return waits(c.Store(goimap.UIDSetNum(1), goimap.StoreFlags{}, StoreOptions{}))
	}
	search := func(c *Client) error { return waits(c.Search(Raw("ALL"), SearchOptions{})) }
	long, word := strings.Repeat("x", 100_000), strings.Repeat("x", 1000)
	for _, x := range []struct {
		name, begin, text string
		command           func(c *Client) error
	}{
		{"blanks", "*", " ", noop},
		{"lines", "", "\r\n", noop},
		{"alerts", "", "* OK [ALERT] " + long + "\r\n", noop},
		{"a text", "* OK ", "x", noop},
		{"a code", "* OK [X ", "(", noop},
		{"flags that changed", "", "* 1 FETCH (FLAGS (\\Seen " + word + "))\r\n", noop},
		{"an item", "* 1 FETCH (", "UID 1 ", noop},
		{"sizes of parts", "* 1 FETCH (", numbered("BINARY.SIZE[%d] 1 "), noop},
		{"vanished", "", "* VANISHED 1" + numbered(",%d")[2:] + "\r\n", noop},
		{"lists unasked", "", "* LIST () \"/\" {100000}\r\n" + long + "\r\n", noop},
		{"counts unasked", "", "* STATUS " + long + " (MESSAGES 1)\r\n", noop},
		{"capabilities", "* CAPABILITY", " X=" + word, noop},
		{"extensions", "* ENABLED", numbered(" X%d"), noop},
		{"a literal", "* X {9223372036854775807}\r\n", "x", noop},
		{"literals", "* X", " {4}\r\nxxxx", noop},
		{"untagged literal", "* X {1000000}\r\n", long, noop},
		{"asked to go on", "", "+ \r\n", noop},
		{"tag", "", "x", noop},
		{"names", "", "* LIST () \"/\" {100000}\r\n" + long + "\r\n", list},
		{"short names", "", numbered("* LIST () \"/\" n%d\r\n"), list},
		{"attributes", "* LIST (", `\x `, list},
		{"a name", "* LIST () \"/\" \"", "x", list},
		{"counts", "* LIST () \"/\" x\r\n", "* STATUS x (MESSAGES 1)\r\n", list},
		{"extended data", "* LIST () \"/\" x (", "CHILDINFO (x) ", list},
		{"deep", "* LIST ", "(", list},
		{"numbers", "* SEARCH", numbered(" %d"), search},
		{"searches", "", "* SEARCH 1 3 5\r\n", search},
		{"found", "* ESEARCH UID ALL 1", numbered(",%d"), search},
		{"blanks of SEARCH", "* SEARCH", " ", search},
		{"SORT", "* SORT", " 7", func(c *Client) error { return waits(c.Sort(Raw("ALL"), "DATE")) }},
		{"THREAD", "* THREAD ", "(1)", func(c *Client) error { return waits(c.Thread("REFS", Raw("ALL"))) }},
		{"THREAD, chain", "* THREAD (1", " 2", func(c *Client) error { return waits(c.Thread("REFS", Raw("ALL"))) }},
		{"THREAD, nothing", "* THREAD ", "()", func(c *Client) error { return waits(c.Thread("REFS", Raw("ALL"))) }},
		{"changed", "", numbered("* %d FETCH (UID 1 FLAGS (\\Seen x" + word + "))\r\n"), selects},
		{"flags of a mailbox", "* FLAGS (", "x ", selects},
		{"vanished earlier", "", "* VANISHED (EARLIER) 1" + numbered(",%d")[2:] + "\r\n", selects},
		{"stored", "", "* 1 FETCH (FLAGS (" + word + "))\r\n", store},
		{"modified", "p2 OK [MODIFIED 1", numbered(",%d"), store},
		{"flags", "* 1 FETCH (FLAGS (", word + " ", fetch},
		{"one flag", "* 1 FETCH (FLAGS (", "x", fetch},
		{"an envelope", "* 1 FETCH (ENVELOPE (", "\"" + word + "\" ", fetch},
		{"a structure", "* 1 FETCH (BODYSTRUCTURE (", `("a" "b")`, fetch},
		{"labels", "* 1 FETCH (X-GM-LABELS (", "a ", fetch},
		{"a section's name", "* 1 FETCH (BODY[HEADER.FIELDS (", "FROM ", fetch},
		{"an item's name", "* 1 FETCH (", "X", fetch},
		{"a quoted section", "* 1 FETCH (BODY[] \"", "x", fetch},
		{"an unknown item", "* 1 FETCH (X-A ", "(", fetch},
		{"an unknown literal", "* 1 FETCH (X-A {9223372036854775807}\r\n", "x", fetch},
		{"blanks of an item", "* 1 FETCH (", " ", fetch},
		{"unknown between messages", "* 1 FETCH (UID 1)\r\n", "* X\r\n", fetch},
		{"quotas", "", "* QUOTA x (" + strings.Repeat("STORAGE 1 2 ", 100) + ")\r\n", func(c *Client) error { return waits(c.Quota("x")) }},
		{"rights", "* ACL x", " a b", func(c *Client) error { return waits(c.ACL("x")) }},
		{"ID", "* ID (", "\"a\" \"b\" ", func(c *Client) error { return waits(c.ID(nil)) }},
		{"namespaces", "* NAMESPACE (", "(\"\" \"/\")", func(c *Client) error { return waits(c.Namespace()) }},
		{"STATUS", "* STATUS x (", "MESSAGES 1 ", func(c *Client) error { return waits(c.Status("x", goimap.StatusOptions{})) }},
	} {
		t.Run(x.name, func(t *testing.T) {
			held := holds(func() {
				c := overMemory(flood(x.begin, x.text)).c
				c.flight, c.tags, c.caps = nil, 1, everything()
				if err := x.command(c); !errors.Is(err, ErrProtocol) || !c.Broken() {
					t.Errorf("%v", err)
				}
			})
			if held > 64<<20 {
				t.Errorf("%d MiB are held", held>>20)
			}
		})
	}
}

// TestIdleFlood: in IDLE too what is no news comes to its end; news does not.
func TestIdleFlood(t *testing.T) {
	for text, wrong := range map[string]bool{"* X unknown\r\n": true, "* OK still here\r\n": true, "* 1 FETCH (FLAGS (\\Seen))\r\n": false} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			defer l.Close()
			if conn, err := l.Accept(); err == nil {
				defer conn.Close()
				io.WriteString(conn, "* PREAUTH [CAPABILITY IMAP4rev1 IDLE] hi\r\n")
				conn.Read(make([]byte, 100))
				io.Copy(conn, flood("+ idling\r\n", text))
			}
		}()
		c, err := Dial(t.Context(), Config{Dialer: dialer.Config{Address: l.Addr().String(), Timeout: hanging}})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, err = range c.Idle(t.Context(), IdleOptions{}) {
			if n++; n == 1_000_000 {
				break
			}
		}
		if errors.Is(err, ErrProtocol) != wrong {
			t.Errorf("%q: %d news, %v", text, n, err)
		}
		c.conn.NetConn().Close()
	}
}

// holds is about the most memory that f holds at a time, in octets.
func holds(f func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	runtime.GC()
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	before := now.HeapAlloc
	var most atomic.Uint64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		var m runtime.MemStats
		for {
			runtime.ReadMemStats(&m)
			most.Store(max(most.Load(), m.HeapAlloc))
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	f()
	close(stop)
	<-stopped
	return most.Load() - min(before, most.Load())
}

// TestCompressionBombs: what a few octets become is bounded like anything else.
func TestCompressionBombs(t *testing.T) {
	for name, text := range map[string]string{"lines": "* BOMB\r\n", "a word": "xxxxxxxxxx", "alerts": "* OK [ALERT] " + strings.Repeat("x", 1000) + "\r\n"} {
		var bomb bytes.Buffer
		w, err := flate.NewWriter(&bomb, flate.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(w, io.LimitReader(endless(text), 64<<20))
		w.Close()
		held := holds(func() {
			c := overMemory(flate.NewReader(&bomb)).c
			c.flight = nil
			if _, err := c.Noop().Wait(); !errors.Is(err, ErrProtocol) {
				t.Errorf("%s: %v", name, err)
			}
		})
		if held > 64<<20 {
			t.Errorf("%s: %d MiB are held", name, held>>20)
		}
	}
}

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
