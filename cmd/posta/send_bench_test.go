package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// discard is a server that accepts every letter and keeps none. It offers what makes a client fast.
func discard(t testing.TB) (addr string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go discardLetters(c)
		}
	}()
	return l.Addr().String()
}

func discardLetters(c net.Conn) {
	defer c.Close()
	r, w := bufio.NewReaderSize(c, 256<<10), bufio.NewWriter(c)
	w.WriteString("220 discard\r\n")
	for {
		if r.Buffered() == 0 {
			w.Flush()
		}
		line, err := r.ReadSlice('\n')
		if err != nil {
			return
		}
		switch verb, arg, _ := strings.Cut(strings.TrimSpace(string(line)), " "); verb {
		case "EHLO":
			w.WriteString("250-discard\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 CHUNKING\r\n")
		case "BDAT":
			size, _, _ := strings.Cut(arg, " ")
			n, _ := strconv.Atoi(size)
			if _, err := r.Discard(n); err != nil {
				return
			}
			w.WriteString("250 taken\r\n")
		case "QUIT":
			w.WriteString("221 bye\r\n")
			w.Flush()
			return
		default:
			w.WriteString("250 ok\r\n")
		}
	}
}

// mbox is an mbox of n letters of 2 KiB.
func mbox(n int) []byte {
	var b bytes.Buffer
	text := strings.Repeat("The quick brown fox jumps over the lazy dog, again and again.\n", 30)
	for i := range n {
		fmt.Fprintf(&b, "From a@example.org Mon Nov  2 10:00:00 2026\nFrom: a@example.org\nTo: b@example.net\nSubject: test\n"+
			"Date: Mon, 02 Nov 2026 10:00:00 +0000\nMessage-ID: <%d@example.org>\n\n%s\n", i, text)
	}
	return b.Bytes()
}

// BenchmarkSendStream is letters of 2 KiB over one connection, without and with a journal. A connection costs one
// round trip for EHLO, a letter none.
func BenchmarkSendStream(b *testing.B) {
	for _, journal := range []bool{false, true} {
		name := map[bool]string{false: "plain", true: "journal"}[journal]
		b.Run(name, func(b *testing.B) {
			args := []string{"posta", "send", "-a", "smtp://" + discard(b), "--stream", "mboxrd"}
			if journal {
				args = append(args, "--journal", filepath.Join(b.TempDir(), "journal"))
			}
			in := mbox(b.N)
			b.ResetTimer()
			e := &env{stdin: bytes.NewReader(in), stdout: io.Discard, stderr: os.Stderr, getenv: func(string) string { return "" }, now: time.Now}
			e.out = newOutput(e)
			if status := run(context.Background(), e, args); status != exitOK {
				b.Fatalf("status %d", status)
			}
		})
	}
}
