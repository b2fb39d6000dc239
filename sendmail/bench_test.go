package sendmail

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"posta/internal/dialer"
)

// sink discards letters as fast as it can, and answers when nothing more is to be read.
func sink(b *testing.B, ext string) (addr string) {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go swallow(c, ext)
		}
	}()
	return l.Addr().String()
}

func swallow(c net.Conn, ext string) {
	defer c.Close()
	r, w := bufio.NewReaderSize(c, 256<<10), bufio.NewWriterSize(c, 16<<10)
	say := func(s string) {
		w.WriteString(s + "\r\n")
		if r.Buffered() == 0 {
			w.Flush()
		}
	}
	say("220 sink")
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return
		}
		switch string(line[:4]) {
		case "EHLO":
			say(ext)
		case "DATA":
			say("354 go")
			w.Flush()
			for bol := true; ; {
				b, err := r.ReadSlice('\n')
				if err != nil && err != bufio.ErrBufferFull {
					return
				}
				if bol && len(b) == 3 && b[0] == '.' {
					break
				}
				bol = err == nil
			}
			say("250 2.0.0 queued")
		case "BDAT":
			n, _ := strconv.Atoi(string(bytes.Fields(line)[1]))
			if _, err := r.Discard(n); err != nil {
				return
			}
			say("250 2.0.0 queued")
		default:
			say("250 2.0.0 ok")
		}
	}
}

const (
	chunking   = "250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SIZE 100000000\r\n250-CHUNKING\r\n250 ENHANCEDSTATUSCODES"
	pipelining = "250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 100000000"
)

func benchClient(b *testing.B, addr string) *Client {
	b.Helper()
	c, err := Dial(context.Background(), Config{Dialer: dialer.Config{Address: addr, Timeout: 10 * time.Second}, LocalName: "bench.example"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	return c
}

// small is a letter of 2 KiB.
var small = "From: a@example.org\nTo: b@example.net\nSubject: test\nDate: Mon, 02 Nov 2026 10:00:00 +0000\nMessage-ID: <1@example.org>\n\n" +
	strings.Repeat("The quick brown fox jumps over the lazy dog, again and again.\n", 31)

// BenchmarkStream is many small letters over one connection, read and sent. Beside it the limit: the same octets,
// written with nothing else done.
func BenchmarkStream(b *testing.B) {
	for _, test := range []struct{ name, ext string }{{"chunking", chunking}, {"pipelining", pipelining}} {
		b.Run(test.name, func(b *testing.B) {
			c := benchClient(b, sink(b, test.ext))
			b.ReportAllocs()
			jobs := make(chan *Job, 16)
			env := &Envelope{From: "a@example.org", To: To("b@example.net")}
			go func() {
				defer close(jobs)
				for range b.N {
					l, err := ReadLetter(strings.NewReader(small), LetterOptions{})
					if err != nil {
						b.Error(err)
						return
					}
					jobs <- &Job{Envelope: env, Letter: l}
				}
			}()
			for o := range c.Stream(context.Background(), jobs, 0) {
				if o.Err != nil {
					b.Fatal(o.Err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
		})
	}
	b.Run("limit", benchStreamLimit)
}

func benchStreamLimit(b *testing.B) {
	c, err := net.Dial("tcp", sink(b, chunking))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	text := strings.ReplaceAll(small, "\n", "\r\n")
	one := "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nBDAT " + strconv.Itoa(len(text)) + " LAST\r\n" + text
	go func() {
		w := bufio.NewWriterSize(c, 64<<10)
		for range b.N {
			w.WriteString(one)
		}
		w.Flush()
	}()
	r := bufio.NewReader(c)
	for range 1 + 3*b.N {
		if _, err := r.ReadSlice('\n'); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
}

// BenchmarkLetter is one letter of 50 MB from its file into a discarding server, its reading and scan counted. Beside
// it the limit: the file copied to the same socket.
func BenchmarkLetter(b *testing.B) {
	name := filepath.Join(b.TempDir(), "letter")
	line := strings.Repeat("abcdefghijklmnopqrs", 4) + "\n"
	text := "From: a@example.org\nSubject: big\n\n" + strings.Repeat(line, 50_000_000/len(line))
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	for _, test := range []struct{ name, ext string }{{"chunking", chunking}, {"data", pipelining}} {
		b.Run(test.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			c := benchClient(b, sink(b, test.ext))
			for b.Loop() {
				f, err := os.Open(name)
				if err != nil {
					b.Fatal(err)
				}
				l, err := ReadLetter(f, LetterOptions{})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := c.Send(context.Background(), &Envelope{To: To("b@example.net")}, l); err != nil {
					b.Fatal(err)
				}
				f.Close()
			}
		})
	}
	b.Run("limit", func(b *testing.B) { benchLetterLimit(b, name, int64(len(text))) })
	b.Run("scan", func(b *testing.B) { benchLetterScan(b, name, int64(len(text))) })
}

func benchLetterLimit(b *testing.B, name string, size int64) {
	b.SetBytes(size)
	c, err := net.Dial("tcp", sink(b, chunking))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	r, buf := bufio.NewReader(c), make([]byte, blockSize)
	for b.Loop() {
		f, err := os.Open(name)
		if err != nil {
			b.Fatal(err)
		}
		io.WriteString(c, "BDAT "+strconv.FormatInt(size, 10)+" LAST\r\n")
		io.CopyBuffer(struct{ io.Writer }{c}, struct{ io.Reader }{f}, buf)
		f.Close()
		if _, err := r.ReadSlice('\n'); err != nil {
			b.Fatal(err)
		}
	}
}

func benchLetterScan(b *testing.B, name string, size int64) {
	b.SetBytes(size)
	for b.Loop() {
		f, err := os.Open(name)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := ReadLetter(f, LetterOptions{}); err != nil {
			b.Fatal(err)
		}
		f.Close()
	}
}
