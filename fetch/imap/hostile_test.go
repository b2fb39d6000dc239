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
	long, word := strings.Repeat("x", 100_000), strings.Repeat("x", 100)
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
			if n++; n == 300_000 {
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
		w, err := flate.NewWriter(&bomb, flate.BestSpeed)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(w, io.LimitReader(endless(text), 24<<20))
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

// TestLargeMessage: a message of 1 GiB goes through a few dozen KiB, however it is read.
func TestLargeMessage(t *testing.T) {
	const size = 1 << 30
	for name, read := range map[string]func(l *Literal) (int64, error){
		"Read": func(l *Literal) (int64, error) {
			return io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{l}, make([]byte, 32<<10))
		},
		"WriteTo": func(l *Literal) (int64, error) { return l.WriteTo(io.Discard) },
		"skipped": func(*Literal) (int64, error) { return size, nil },
	} {
		held := holds(func() {
			begin := fmt.Sprintf("* 1 FETCH (UID 7 BODY[] {%d}\r\n", size)
			stream := io.MultiReader(strings.NewReader(begin), io.LimitReader(endless("x"), size), strings.NewReader(")\r\np2 OK\r\n"))
			for m, err := range overMemory(stream).Messages() {
				if err != nil {
					t.Fatal(err)
				}
				l, err := m.Next()
				if err != nil {
					t.Fatal(err)
				}
				if n, err := read(l); err != nil || n != size {
					t.Fatalf("%s: %d, %v", name, n, err)
				}
			}
		})
		if held > 2<<20 {
			t.Errorf("%s: %d KiB are held", name, held>>10)
		}
	}
}
