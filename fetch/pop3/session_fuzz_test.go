package pop3

import (
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// FuzzSession logs in to a server that says what it likes, whatever it is asked, lists, fetches and deletes: it ends, and no letter
// has come that the server did not send.
func FuzzSession(f *testing.F) {
	const login = "+OK ready <1@x>\r\n+OK\r\nUIDL\r\nTOP\r\nPIPELINING\r\nSASL PLAIN\r\nUTF8\r\n.\r\n+OK\r\n+OK in\r\n"
	const lists = "+OK\r\n1 10\r\n2 20\r\n.\r\n+OK\r\n1 a\r\n2 b\r\n.\r\n"
	for _, said := range []string{
		"", "+OK\r\n", "-ERR [SYS/TEMP] later\r\n", login, login + lists,
		login + lists + "+OK\r\nSubject: x\r\n\r\n..\r\n.\r\n-ERR no\r\n+OK\r\n+OK\r\n+OK bye\r\n",
		login + "+OK\r\n1 1\r\n1 1\r\n.\r\n-ERR\r\n+OK\r\n.\r\n+OK\r\n.\r\n+OK\r\n+OK\r\n",
		login + "+OK\r\n9223372036854775807 9223372036854775807\r\n.\r\n+OK\r\n1 \x00\r\n.\r\n",
	} {
		f.Add(said)
	}
	l, err := net.Listen("unix", filepath.Join(f.TempDir(), "pop3")) // TCP's ports would be used up soon
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { l.Close() })
	f.Fuzz(func(t *testing.T, said string) {
		served := make(chan error, 1)
		go func() { served <- serveOnce(l, said) }()
		cfg := config(l.Addr().String())
		cfg.Dialer.Network, cfg.Dialer.Timeout = "unix", 5*time.Second
		got, err := session(cfg)
		if serveErr := <-served; serveErr != nil {
			t.Fatal(serveErr)
		}
		for _, letter := range got {
			text := strings.TrimPrefix(letter, "refused: ")
			line, _, _ := strings.Cut(text, "\r\n")
			if err == nil && !strings.Contains(said, line) {
				t.Errorf("%q came, which was not sent", line)
			}
		}
	})
}

// serveOnce says all to the next one who connects, and listens until it hangs up.
func serveOnce(l net.Listener, said string) error {
	c, err := l.Accept()
	if err != nil {
		return err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(c, said); err != nil {
		return nil // it hung up already
	}
	c.(*net.UnixConn).CloseWrite()
	io.Copy(io.Discard, c)
	return nil
}
