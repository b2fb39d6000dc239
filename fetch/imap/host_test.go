package imap

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"posta/internal/dialer"
	"posta/internal/sasl"
)

// absent ends a test that needs a server that there is not: as a failure where all of them are promised.
func absent(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("POSTA_REAL_SERVERS") == "require" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// host is a real server of its own, on loopback, with all that it keeps in one folder. Everybody's password is "secret".
type host struct {
	name   string
	addr   string
	dir    string
	owner  *user.User // as whom it runs
	prefix string     // of the names of all folders but INBOX
	delim  rune
}

// newHost prepares the folder and finds a free port.
func newHost(t testing.TB, name string) *host {
	t.Helper()
	h := &host{name: name, dir: t.TempDir(), delim: '/'}
	var err error
	if h.owner, err = user.Current(); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if h.owner, err = user.Lookup("nobody"); err != nil {
			absent(t, "no user nobody")
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h.addr = l.Addr().String()
	l.Close()
	for d := h.dir; d != filepath.Clean(os.TempDir()) && d != "/"; d = filepath.Dir(d) {
		os.Chmod(d, 0o755)
	}
	return h
}

// write writes a file of the configuration.
func (h *host) write(t testing.TB, name, text string) {
	t.Helper()
	_, port, _ := net.SplitHostPort(h.addr)
	text = strings.NewReplacer("DIR", h.dir, "ADDR", h.addr, "PORT", port, "UID", h.owner.Uid, "GID", h.owner.Gid).Replace(text)
	if err := os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// mkdir makes a folder that the server may write to.
func (h *host) mkdir(t testing.TB, name string) {
	t.Helper()
	path := filepath.Join(h.dir, name)
	if err := os.Mkdir(path, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o777); err != nil {
		t.Fatal(err)
	}
}

// log is what the server has written to its log.
func (h *host) log() string {
	text, _ := os.ReadFile(filepath.Join(h.dir, "log"))
	return string(text)
}

// start starts the server's program, and ends it with the test.
func (h *host) start(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	out, err := os.Create(filepath.Join(h.dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		cmd.Wait()
	}()
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		select {
		case <-gone:
		case <-time.After(hanging):
			cmd.Process.Kill()
			t.Errorf("%s does not end", h.name)
		}
	})
	for range 200 {
		if conn, err := net.Dial("tcp", h.addr); err == nil {
			conn.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	text, _ := os.ReadFile(out.Name())
	t.Fatalf("no %s: %s%s", h.name, text, h.log())
}

// config is how to log in.
func (h *host) config(user, mechanism string) Config {
	return Config{
		Dialer:    dialer.Config{Address: h.addr, Timeout: hanging},
		Auth:      &sasl.Credentials{Username: user, Password: "secret"},
		Mechanism: mechanism,
	}
}

// dial logs in.
func (h *host) dial(t testing.TB, user, mechanism string) *Client {
	t.Helper()
	c, err := Dial(context.Background(), h.config(user, mechanism))
	if err != nil {
		t.Fatalf("%s %s: %v", h.name, mechanism, err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// box is a folder for the test alone, empty and selected.
func (h *host) box(t testing.TB, c *Client, name string) string {
	t.Helper()
	name = h.prefix + name
	must(t, c.Create(name, ""))
	must(t, c.Select(name, SelectOptions{}))
	return name
}

// must returns what there is without an error.
func must[T any](t testing.TB, p *Pending[T]) T {
	t.Helper()
	data, err := p.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// text is a letter's, whose length tells its number.
func text(i int) string {
	return fmt.Sprintf("From: a%d@example.org\r\nSubject: letter %d\r\nDate: Mon, %d Jan 2024 10:00:00 +0000\r\nMessage-ID: <%d@example.org>\r\n\r\n%s\r\n",
		i, i, 1+i%28, i, strings.Repeat("x", i*100))
}

func letter(i int) Letter { return written(text(i)) }

// written is a letter of this text.
func written(text string) Letter {
	return Letter{Size: int64(len(text)), Body: strings.NewReader(text), Time: time.Unix(1e9, 0)}
}
