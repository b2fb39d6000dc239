package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// BenchmarkIMAPRead runs commands that read, each a process of its own, on 10,000 letters in a real Dovecot, and beside
// each a reader that sends the same commands and looks at nothing: "raw" is how much longer posta takes than that.
//
// The turns of the wire are the greeting, the login, and one for SELECT, SEARCH and FETCH together; one more for an order
// or a limit, and for a query where the server has no SEARCHRES.
func BenchmarkIMAPRead(b *testing.B) {
	const n = 10_000
	d := startDovecot(b)
	var letters []string
	for i := range n {
		from := "bob"
		if i%100 == 0 {
			from = "alice"
		}
		letters = append(letters, fmt.Sprintf("From: %s <%s@example.org>\nTo: ops@example.org\nSubject: report %d\nMessage-ID: <%d@example.org>\n"+
			"Date: Fri, 2 Jan 2026 10:00:00 +0000\n\n%s", from, from, i, i, strings.Repeat("line of text\n", 150)))
	}
	d.put(b, "ops", letters...)
	const items = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (DATE FROM SUBJECT)])"
	for _, c := range []struct {
		name, args, wire string
		lines            int
	}{
		{"search-from", "search from alice", "UID SEARCH RETURN (ALL) FROM alice", n / 100},
		{"search-text", "search text nothing", "UID SEARCH RETURN (ALL) TEXT nothing", 0},
		{"list", "list", "UID FETCH 1:* " + items, n},
		{"list-reverse", "list --reverse", "UID FETCH 1:* " + items, n},
		{"list-json", "list --json", "UID FETCH 1:* " + items, n},
	} {
		b.Run(c.name, func(b *testing.B) { d.besideRaw(b, strings.Fields(c.args), c.wire, c.lines) })
	}
}

func (d *dovecot) besideRaw(b *testing.B, args []string, wire string, lines int) {
	url := "imap://ops@" + d.imap + "?auth=PLAIN"
	once := func() time.Duration {
		cmd := exec.Command("posta", append(append([]string{"imap"}, args...), "-a", url)...)
		cmd.Env = append(os.Environ(), "POSTA_PASSWORD=secret", "POSTA_CONFIG=/dev/null")
		start := time.Now()
		out, err := cmd.Output()
		took := time.Since(start)
		if got := bytes.Count(out, []byte("\n")); got != lines {
			b.Fatalf("%v: %d lines, want %d: %v", args, got, lines, err)
		}
		return took
	}
	d.raw(b, wire) // what the server keeps of an answer, it keeps now
	once()
	best, limit := time.Hour, time.Hour
	for b.Loop() {
		best, limit = min(best, once()), min(limit, d.raw(b, wire))
	}
	b.ReportMetric(float64(best)/float64(limit), "raw")
	b.ReportMetric(float64(best.Milliseconds()), "ms")
}

// raw sends a command in the INBOX, and reads the answer.
func (d *dovecot) raw(b *testing.B, wire string) time.Duration {
	start := time.Now()
	conn, err := net.Dial("tcp", d.imap)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "a LOGIN ops secret\r\nb EXAMINE INBOX\r\nc %s\r\n", wire); err != nil {
		b.Fatal(err)
	}
	buf := make([]byte, 1<<20)
	var tail []byte
	for !bytes.Contains(tail, []byte("\r\nc OK")) {
		n, err := conn.Read(buf)
		if err == io.EOF {
			b.Fatalf("the server said %q", tail)
		}
		tail = append(tail[max(0, len(tail)-200):], buf[max(0, n-200):n]...)
	}
	return time.Since(start)
}
