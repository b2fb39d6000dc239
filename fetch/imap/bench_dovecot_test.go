package imap

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"

	goimap "github.com/emersion/go-imap/v2"
)

// BenchmarkDovecot measures a session's parts on a real server beside a raw reader, which asks the same and only looks for
// the end of the answer, and beside curl. (Issue: at most twice the raw reader's time; ahead of curl.)
func BenchmarkDovecot(b *testing.B) {
	h := startDovecot(b, "1G")
	c := h.dial(b, "bench", "PLAIN")
	const messages = 10_000
	for i := range messages {
		c.Append("INBOX", written(fmt.Sprintf("From: a%d@example.org\r\nTo: b@example.net\r\nSubject: letter %d\r\nDate: Mon, 1 Jan 2024 10:00:00 +0000\r\nMessage-ID: <%d@example.org>\r\n\r\nhello\r\n", i, i, i)))
	}
	must(b, c.Create("big", ""))
	const size = 100 << 20
	line := strings.Repeat("x", 76) + "\r\n"
	text := "Subject: big\r\n\r\n" + strings.Repeat(line, size/len(line))
	must(b, c.Append("big", written(text)))
	all := goimap.UIDSet{{Start: 1, Stop: messages}}
	fields := []*goimap.FetchItemBodySection{{Peek: true, Specifier: goimap.PartSpecifierHeader, HeaderFields: []string{"From", "Date", "Subject"}}}
	for _, x := range []struct {
		name, box, raw string
		size           int64
		do             func() int
	}{
		{"headers", "INBOX", "UID FETCH 1:10000 (UID BODY.PEEK[HEADER.FIELDS (From Date Subject)])", messages, func() int {
			return pull(b, c.Fetch(all, FetchOptions{FetchOptions: goimap.FetchOptions{BodySection: fields}}))
		}},
		{"envelopes", "INBOX", "UID FETCH 1:10000 (UID FLAGS RFC822.SIZE ENVELOPE)", messages, func() int {
			return pull(b, c.Fetch(all, FetchOptions{FetchOptions: goimap.FetchOptions{Flags: true, RFC822Size: true, Envelope: true}}))
		}},
		{"flags", "INBOX", "UID FETCH 1:10000 (UID FLAGS)", messages, func() int {
			return pull(b, c.Fetch(all, FetchOptions{FetchOptions: goimap.FetchOptions{Flags: true}}))
		}},
		{"search", "INBOX", `UID SEARCH RETURN (ALL) FROM "a99"`, 1, func() int {
			return len(must(b, c.Search(Raw("FROM", `"a99"`), SearchOptions{})).All.(goimap.UIDSet))
		}},
		{"100 MiB", "big", "UID FETCH 1 (UID BODY.PEEK[])", int64(len(text)), func() int {
			return pull(b, c.Fetch(goimap.UIDSetNum(1), body))
		}},
	} {
		b.Run(x.name, func(b *testing.B) {
			must(b, c.Select(x.box, SelectOptions{ReadOnly: true}))
			b.Run("posta", func(b *testing.B) {
				b.SetBytes(x.size)
				b.ReportAllocs()
				for b.Loop() {
					if x.do() == 0 {
						b.Fatal("nothing")
					}
				}
			})
			b.Run("raw", func(b *testing.B) { rawReader(b, h, x.box, x.raw, x.size) })
		})
	}
	b.Run("100 MiB/curl", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			out, err := exec.Command("curl", "-s", "-o", "/dev/null", "-u", "bench:secret", "imap://"+h.addr+"/big;UID=1").CombinedOutput()
			if err != nil {
				b.Fatalf("%s%v", out, err)
			}
		}
	})
}

// pull reads a Fetch to its end.
func pull(b *testing.B, f *Fetch) (n int) {
	for m, err := range f.Messages() {
		if err != nil {
			b.Fatal(err)
		}
		n++
		for {
			l, err := m.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			if _, err := l.WriteTo(io.Discard); err != nil {
				b.Fatal(err)
			}
		}
	}
	return n
}

// rawReader asks and reads up to the tagged answer.
func rawReader(b *testing.B, h *host, box, command string, size int64) {
	conn, err := net.Dial("tcp", h.addr)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	buf := make([]byte, 64<<10)
	ask := func(line, end string) {
		io.WriteString(conn, line)
		tail := []byte{}
		for !bytes.Contains(tail, []byte(end)) {
			n, err := conn.Read(buf)
			if err != nil {
				b.Fatal(err)
			}
			tail = append(tail, buf[max(0, n-200):n]...)
			tail = tail[max(0, len(tail)-400):]
		}
	}
	ask("a LOGIN bench secret\r\nb EXAMINE "+box+"\r\n", "\nb OK")
	b.SetBytes(size)
	for b.Loop() {
		ask("c "+command+"\r\n", "\nc OK")
	}
}
