package imap

import (
	"bufio"
	"compress/flate"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"posta/internal/dialer"
)

// TestCompress: over a compressed session a server that ends what it says by zlib's Z_SYNC_FLUSH is understood. What ends by
// Z_PARTIAL_FLUSH (RFC 1951 §3.2.6: an empty block of 10 bits) Go's reader keeps to itself: that is an error which says why.
func TestCompress(t *testing.T) {
	for name, x := range map[string]struct{ answer, err string }{
		"Z_SYNC_FLUSH":    {"\x2a\x30\x52\xf0\xf7\x56\x48\xc9\xcf\x4b\xe5\xe5\x02\x00\x00\x00\xff\xff", ""},
		"Z_PARTIAL_FLUSH": {"\x2a\x30\x52\xf0\xf7\x56\x48\xc9\xcf\x4b\xe5\xe5\x02\x08", "go without compression"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			heard := make(chan string, 1)
			go func() {
				defer close(heard)
				conn, err := l.Accept()
				if err != nil {
					return
				}
				defer conn.Close()
				conn.SetDeadline(time.Now().Add(hanging))
				in := bufio.NewReader(conn)
				io.WriteString(conn, "* PREAUTH [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE] hi\r\n")
				line, _ := in.ReadString('\n')
				io.WriteString(conn, "p1 OK .\r\n")
				packed := bufio.NewReader(flate.NewReader(in))
				noop, _ := packed.ReadString('\n')
				heard <- line + noop
				io.WriteString(conn, x.answer)
				io.Copy(io.Discard, in)
			}()
			c, err := Dial(context.Background(), Config{Dialer: dialer.Config{Address: l.Addr().String(), Timeout: time.Second}, Compress: true})
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Noop().Wait()
			if x.err == "" && err != nil || x.err != "" && (err == nil || !strings.Contains(err.Error(), x.err)) {
				t.Errorf("%v", err)
			}
			if got := <-heard; got != "p1 COMPRESS DEFLATE\r\np2 NOOP\r\n" {
				t.Errorf("the server heard %q", got)
			}
			c.Close()
		})
	}
}
